/// What a request of the S3 interface asks for.
public enum S3Operation: Sendable, Hashable {
    case listBuckets
    case createBucket, headBucket, deleteBucket
    case getBucketLocation, getBucketEncryption
    case getBucketCORS, putBucketCORS, deleteBucketCORS
    case getBucketLifecycle, putBucketLifecycle, deleteBucketLifecycle
    /// A feature that R2 has not got, answered as by a bucket that does not use it.
    case getUnused(S3UnusedFeature)
    case listObjects, listObjectsV2, listMultipartUploads, deleteObjects
    case getObject, headObject, putObject, copyObject, deleteObject
    case createMultipartUpload
    case uploadPart(upload: String, number: Int)
    case uploadPartCopy(upload: String, number: Int)
    case completeMultipartUpload(upload: String)
    case abortMultipartUpload(upload: String)
    case listParts(upload: String)
}

/// Features of S3 that can be asked about, and that no bucket here uses (R2 release notes, 2022-07-20).
public enum S3UnusedFeature: String, Sendable, Hashable {
    case acl
    case versioning
    case tagging
    case replication
    case objectLock = "object-lock"
}

extension S3Operation {
    /// - Parameters:
    ///   - hasKey: whether the path names an object.
    ///   - isCopy: whether there is an `x-amz-copy-source`.
    /// - Throws: `S3Error`: 501 for what R2 has not got, 405 for a method that has no meaning.
    public init(
        method: String, hasBucket: Bool, hasKey: Bool, isCopy: Bool, parameters: S3Parameters
    ) throws(S3Error) {
        if let refused = parameters.names.first(where: { S3Operation.refused.contains($0) }) {
            throw .notImplemented("parameter", refused, parameters[refused] ?? "")
        }
        if !hasBucket {
            guard method == "GET" else { throw .methodNotAllowed(method) }
            self = .listBuckets
        } else if hasKey {
            self = try S3Operation.ofObject(method, isCopy: isCopy, parameters)
        } else if let setting = try S3Operation.ofSetting(method, parameters) {
            self = setting
        } else {
            self = try S3Operation.ofBucket(method, parameters)
        }
    }

    /// Sub-resources that are not there.
    private static let refused: Set<String> = [
        "accelerate", "analytics", "attributes", "intelligent-tiering", "inventory", "legal-hold", "logging",
        "metadataConfiguration", "metadataTable", "metrics", "notification", "ownershipControls", "policy",
        "policyStatus", "publicAccessBlock", "renameObject", "requestPayment", "restore", "retention", "select",
        "session", "torrent", "versionId", "versions", "website",
    ]

    private static func ofSetting(_ method: String, _ parameters: S3Parameters) throws(S3Error) -> S3Operation? {
        for name in parameters.names {
            switch (name, method) {
            case ("location", "GET"): return .getBucketLocation
            case ("encryption", "GET"): return .getBucketEncryption
            case ("cors", "GET"): return .getBucketCORS
            case ("cors", "PUT"): return .putBucketCORS
            case ("cors", "DELETE"): return .deleteBucketCORS
            case ("lifecycle", "GET"): return .getBucketLifecycle
            case ("lifecycle", "PUT"): return .putBucketLifecycle
            case ("lifecycle", "DELETE"): return .deleteBucketLifecycle
            case ("cors", _), ("lifecycle", _), ("location", _): throw .methodNotAllowed(method)
            case ("encryption", _): throw .notImplemented("parameter", name, "")
            default:
                guard let feature = S3UnusedFeature(rawValue: name) else { continue }
                guard method == "GET" else { throw .notImplemented("parameter", name, parameters[name] ?? "") }
                return .getUnused(feature)
            }
        }
        return nil
    }

    private static func ofBucket(_ method: String, _ parameters: S3Parameters) throws(S3Error) -> S3Operation {
        switch method {
        case "GET":
            if parameters.has("uploads") { return .listMultipartUploads }
            guard let type = parameters["list-type"] else { return .listObjects }
            guard type == "2" else { throw .invalidArgument("list-type is 2, or is left out.") }
            return .listObjectsV2
        case "HEAD": return .headBucket
        case "PUT": return .createBucket
        case "DELETE": return .deleteBucket
        case "POST":
            if parameters.has("delete") { return .deleteObjects }
            // A form from a browser, which R2 does not take.
            throw S3Error("NotImplemented", 501, "POST on a bucket is not implemented but for ?delete.")
        default: throw .methodNotAllowed(method)
        }
    }

    private static func ofObject(
        _ method: String, isCopy: Bool, _ parameters: S3Parameters
    ) throws(S3Error) -> S3Operation {
        for name in ["acl", "tagging"] where parameters.has(name) {
            throw .notImplemented("parameter", name, parameters[name] ?? "")
        }
        let upload = parameters["uploadId"]
        switch (method, upload) {
        case ("GET", let upload?): return .listParts(upload: upload)
        case ("GET", nil): return .getObject
        case ("HEAD", _): return .headObject
        case ("PUT", let upload?):
            guard let text = parameters["partNumber"], let number = Int(text), (1...10_000).contains(number) else {
                throw .invalidArgument("Part number must be an integer between 1 and 10000, inclusive.")
            }
            return isCopy
                ? .uploadPartCopy(upload: upload, number: number) : .uploadPart(upload: upload, number: number)
        case ("PUT", nil): return isCopy ? .copyObject : .putObject
        case ("DELETE", let upload?): return .abortMultipartUpload(upload: upload)
        case ("DELETE", nil): return .deleteObject
        case ("POST", let upload?): return .completeMultipartUpload(upload: upload)
        case ("POST", nil):
            guard parameters.has("uploads") else {
                throw S3Error("NotImplemented", 501, "POST on an object needs ?uploads or ?uploadId.")
            }
            return .createMultipartUpload
        default: throw .methodNotAllowed(method)
        }
    }
}

extension S3Error {
    /// As R2 words it.
    static func notImplemented(_ kind: String, _ name: String, _ value: String) -> S3Error {
        S3Error("NotImplemented", 501, "The \(kind) '\(name)' with value '\(value)' is not implemented")
    }

    static func methodNotAllowed(_ method: String) -> S3Error {
        S3Error("MethodNotAllowed", 405, "\(method) has no meaning for this resource.")
    }
}
