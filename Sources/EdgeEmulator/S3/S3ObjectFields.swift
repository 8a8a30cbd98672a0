import Foundation
import HTTPCaching
import HTTPTypes
import S3Protocol
import Workers

/// What requests say about an object to be, and what responses say about one that is.
enum S3ObjectFields {
    private static let metaPrefix = "x-amz-meta-"

    /// Features that R2 has not got, by the field that asks for them.
    private static let refused = [
        "x-amz-tagging", "x-amz-tagging-directive", "x-amz-website-redirect-location", "x-amz-object-lock-mode",
        "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold", "x-amz-bypass-governance-retention",
        "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-context", "x-amz-server-side-encryption-bucket-key-enabled", "x-amz-mfa",
        "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner", "x-amz-request-payer",
        "x-amz-grant-read", "x-amz-grant-write", "x-amz-grant-read-acp", "x-amz-grant-write-acp",
        "x-amz-grant-full-control", "x-amz-write-offset-bytes",
    ].map { HTTPField.Name.s3($0) }

    /// - Throws: `S3Error` for a request that asks for what is not there.
    static func refuse(_ fields: Headers) throws(S3Error) {
        for name in refused {
            guard let value = fields[name] else { continue }
            throw S3Error(
                "NotImplemented", 501, "Header '\(name.canonicalName)' with value '\(value)' not implemented")
        }
    }

    // MARK: Requests

    static func httpMetadata(_ fields: Headers) -> R2HTTPMetadata {
        var metadata = R2HTTPMetadata(fields)
        // How the body came is no property of the object.
        let codings = metadata.contentEncoding?.utf8.split(separator: 0x2C).map { item in
            String(decoding: item, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        }
        if let codings {
            let kept = codings.filter { !$0.isEmpty && $0.lowercased() != "aws-chunked" }
            metadata.contentEncoding = kept.isEmpty ? nil : kept.joined(separator: ",")
        }
        return metadata
    }

    /// - Throws: `S3Error` for values that cannot be decoded.
    static func customMetadata(_ fields: Headers) throws(S3Error) -> [String: String] {
        var metadata: [String: String] = [:]
        for field in fields {
            let name = field.name.canonicalName
            guard name.utf8.starts(with: metaPrefix.utf8) else { continue }
            let key = String(decoding: name.utf8.dropFirst(metaPrefix.utf8.count), as: UTF8.self)
            let value = S3MetadataValue.decoded(field.value)
            metadata[key] = metadata[key].map { "\($0),\(value)" } ?? value
        }
        return metadata
    }

    /// - Returns: `nil` for a request that leaves it to the bucket.
    static func storageClass(_ fields: Headers) throws(S3Error) -> R2StorageClass? {
        guard let name = fields[.storageClass] else { return nil }
        guard let known = R2StorageClass(wire: name) else {
            throw S3Error("InvalidStorageClass", 400, "The storage class is STANDARD or STANDARD_IA, not \(name).")
        }
        return known
    }

    // MARK: Responses

    /// - Parameter showsChecksum: whether the request wants it (`x-amz-checksum-mode: ENABLED`).
    static func fields(of object: R2Object, showsChecksum: Bool) -> Headers {
        var fields: Headers = [.eTag: object.httpETag, .lastModified: HTTPDate.text(object.uploaded)]
        fields[.acceptRanges] = "bytes"
        fields[.contentType] = "application/octet-stream"
        try? object.writeHTTPMetadata(to: &fields)
        write(object.customMetadata, to: &fields)
        if object.storageClass != .standard { fields[.storageClass] = object.storageClass.wire }
        S3EncryptionFields.request.write(object.ssecKeyMd5, to: &fields)
        if showsChecksum { write(object.checksum, parts: object.partCount, to: &fields) }
        return fields
    }

    /// What a cache needs to freshen the response it has (RFC 9110 §15.4.5).
    static func validators(of object: R2Object) -> Headers {
        var fields: Headers = [.eTag: object.httpETag, .lastModified: HTTPDate.text(object.uploaded)]
        fields[.cacheControl] = object.httpMetadata.cacheControl
        return fields
    }

    static func write(_ checksum: R2ObjectChecksum?, parts: Int?, to fields: inout Headers) {
        guard let checksum else { return }
        fields[.s3(checksum.algorithm.wire.headerName)] = checksum.text(parts: parts)
        fields[.checksumType] = checksum.kind.rawValue
    }

    /// Names that no field can have were set by a Worker: they are counted.
    private static func write(_ metadata: [String: String], to fields: inout Headers) {
        var missing = 0
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            guard let name = HTTPField.Name(metaPrefix + key) else {
                missing += 1
                continue
            }
            fields[name] = S3MetadataValue.encoded(value)
        }
        if missing > 0 { fields[.missingMeta] = String(missing) }
    }

    /// When a rule of the bucket will delete the object.
    static func expiration(of object: R2Object, under rules: [R2LifecycleRule]) -> String? {
        guard let found = R2LifecycleConfiguration.expiration(of: object, under: rules) else { return nil }
        let id = found.rule.id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "expiry-date=\"\(HTTPDate.text(found.date))\", rule-id=\"\(id)\""
    }
}

extension R2Object {
    /// Of an object that was uploaded in parts.
    var partCount: Int? {
        guard let dash = etag.utf8.lastIndex(of: 0x2D) else { return nil }
        return Int(etag[dash...].dropFirst())
    }
}

extension R2ObjectChecksum {
    /// As fields and documents have it; one of parts says how many they are.
    func text(parts: Int?) -> String {
        let base64 = Data(bytes).base64EncodedString()
        guard kind == .composite, let parts else { return base64 }
        return "\(base64)-\(parts)"
    }
}

extension R2StorageClass {
    /// As S3 names it.
    var wire: String {
        switch self {
        case .standard: "STANDARD"
        case .infrequentAccess: "STANDARD_IA"
        }
    }

    init?(wire: String) {
        guard let known = R2StorageClass.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = known
    }
}
