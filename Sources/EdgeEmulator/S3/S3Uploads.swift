import HTTPTypes
import S3Protocol
import Workers

/// Uploads in parts.
struct S3Uploads: Sendable {
    let buckets: LocalR2Buckets
    let owner: S3Owner

    func begin(_ call: S3Call) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        var options = R2MultipartOptions(
            httpMetadata: S3ObjectFields.httpMetadata(call.fields),
            customMetadata: try S3ObjectFields.customMetadata(call.fields))
        options.storageClass = try await buckets.storageClass(for: call)
        options.ssecKey = try S3EncryptionFields.request.read(call.fields)
        let form = try S3Uploads.form(call.fields)
        let upload = try await buckets.existing(call.bucket).begin(call.key, options: options, checksum: form)
        var fields = Headers()
        S3EncryptionFields.request.write(upload.ssecKeyMd5, to: &fields)
        if let form {
            fields[.checksumAlgorithm] = form.algorithm.rawValue
            fields[.checksumType] = form.kind.rawValue
        }
        return .xml(UploadDocuments.begun(bucket: call.bucket, key: call.key, upload: upload.id), headers: fields)
    }

    func put(_ call: S3Call, upload id: String, number: Int) async throws -> Response {
        let bucket = buckets.existing(call.bucket)
        let upload = try await bucket.upload(id, key: call.key)
        let claims = try S3Claims(call.request, call.proof, required: upload.checksum?.algorithm.wire)
        let options = R2PartOptions(ssecKey: try S3EncryptionFields.request.read(call.fields))
        let intake = try S3Intake(call.request, claims)
        let part = try await bucket.storePart(
            number, of: id, key: call.key, intake.body, options: options, seal: { try await intake.seal() })
        var fields: Headers = [.eTag: "\"\(Hexadecimal.text(part.md5))\""]
        S3EncryptionFields.request.write(upload.ssecKeyMd5, to: &fields)
        if let checksum = part.checksum {
            fields[.s3(checksum.algorithm.wire.headerName)] = checksum.text(parts: nil)
        }
        return Response(.ok, headers: fields)
    }

    func complete(_ call: S3Call, upload id: String) async throws -> Response {
        let wanted = try CompleteMultipartUploadRequest(try await call.document())
        let bucket = buckets.existing(call.bucket)
        let upload = try await bucket.upload(id, key: call.key)
        try await check(wanted, of: upload, in: bucket)
        let parts = wanted.parts.map { R2UploadedPart(partNumber: $0.number, etag: $0.etag) }
        let object: R2Object
        do {
            object = try await bucket.complete(
                id, key: call.key, parts, onlyIf: try S3Conditions.read(call.fields),
                checksum: try S3Uploads.total(call.fields, upload.checksum, parts: parts.count))
        } catch let failure as R2Failure where failure == .internalError {
            throw S3Error("InvalidPart", 400, "A part is named twice.")
        }
        let url = call.request.url
        let checksum = object.checksum.map {
            (algorithm: $0.algorithm.wire, text: $0.text(parts: object.partCount), type: $0.kind.rawValue)
        }
        let document = UploadDocuments.completed(
            bucket: call.bucket, key: call.key, location: "\(url.scheme)://\(url.authority)\(url.path)",
            etag: object.etag, checksum: checksum)
        var fields = Headers()
        S3EncryptionFields.request.write(object.ssecKeyMd5, to: &fields)
        fields[.expiration] = S3ObjectFields.expiration(of: object, under: try await bucket.lifecycle())
        return .xml(document, headers: fields)
    }

    func abort(_ call: S3Call, upload id: String) async throws -> Response {
        try await buckets.existing(call.bucket).abort(id, key: call.key)
        return Response(.noContent)
    }

    func parts(_ call: S3Call, upload id: String, _ parameters: S3Parameters) async throws -> Response {
        let most = try S3ListQuery.count(parameters["max-parts"], "max-parts")
        let after = try S3ListQuery.marker(parameters["part-number-marker"])
        let bucket = buckets.existing(call.bucket)
        let page = try await bucket.parts(of: id, key: call.key, after: after, limit: most)
        let parts = page.parts.map { part in
            UploadDocuments.Part(
                number: part.number, etag: Hexadecimal.text(part.md5), size: part.size, uploaded: part.uploaded,
                checksum: part.checksum.map { (algorithm: $0.algorithm.wire, text: $0.text(parts: nil)) })
        }
        let document = UploadDocuments.parts(
            parts, of: S3Uploads.listed(page.upload), bucket: call.bucket, after: after, maxParts: most,
            isTruncated: page.isTruncated, owner: owner, encodesURL: try S3ListQuery.encoding(parameters))
        return .xml(document)
    }

    func list(_ call: S3Call, _ parameters: S3Parameters) async throws -> Response {
        var query = R2UploadQuery()
        query.prefix = parameters["prefix"] ?? ""
        query.delimiter = parameters["delimiter"] ?? ""
        query.keyMarker = parameters["key-marker"] ?? ""
        query.uploadIDMarker = parameters["upload-id-marker"] ?? ""
        query.limit = try S3ListQuery.count(parameters["max-uploads"], "max-uploads")
        let found = try await buckets.existing(call.bucket).uploads(query)
        var page = UploadDocuments.ListPage()
        page.prefix = query.prefix
        page.delimiter = query.delimiter
        page.keyMarker = query.keyMarker
        page.uploadIDMarker = query.uploadIDMarker
        page.maxUploads = query.limit
        page.encodesURL = try S3ListQuery.encoding(parameters)
        page.isTruncated = found.isTruncated
        page.nextKeyMarker = found.nextKeyMarker
        page.nextUploadIDMarker = found.nextUploadIDMarker
        return .xml(
            UploadDocuments.uploads(
                found.uploads.map(S3Uploads.listed), prefixes: found.prefixes, bucket: call.bucket, page: page,
                owner: owner))
    }

    // MARK: Checksums

    /// Which checksum the object will have.
    private static func form(_ fields: Headers) throws(S3Error) -> R2ObjectChecksum.Form? {
        guard let name = fields[.checksumAlgorithm] else { return nil }
        guard let algorithm = S3ChecksumAlgorithm(rawValue: name.uppercased()) else {
            throw S3Error(
                "InvalidRequest", 400,
                "x-amz-checksum-algorithm is CRC32, CRC32C, CRC64NVME, SHA1 or SHA256, not \(name).")
        }
        let standard = algorithm.supportsComposite ? R2ObjectChecksum.Kind.composite : .fullObject
        let kind = try kind(fields[.checksumType]) ?? standard
        guard kind == .composite ? algorithm.supportsComposite : algorithm.supportsFullObject else {
            throw S3Error(
                "InvalidRequest", 400, "\(algorithm.rawValue) cannot be had with the checksum type \(kind.rawValue).")
        }
        return .init(algorithm.stored, kind)
    }

    private static func kind(_ field: String?) throws(S3Error) -> R2ObjectChecksum.Kind? {
        guard let field else { return nil }
        guard let kind = R2ObjectChecksum.Kind(rawValue: field.uppercased()) else {
            throw S3Error("InvalidRequest", 400, "x-amz-checksum-type is COMPOSITE or FULL_OBJECT, not \(field).")
        }
        return kind
    }

    /// What the client knows of the object that is to come of its parts.
    private static func total(
        _ fields: Headers, _ form: R2ObjectChecksum.Form?, parts: Int
    ) throws(S3Error) -> R2ObjectChecksum? {
        if let kind = try kind(fields[.checksumType]), let form, kind != form.kind {
            throw S3Error("InvalidRequest", 400, "The upload was begun with the checksum type \(form.kind.rawValue).")
        }
        for algorithm in S3ChecksumAlgorithm.allCases {
            guard let field = fields[.s3(algorithm.headerName)] else { continue }
            let pieces = field.utf8.split(separator: 0x2D, maxSplits: 1, omittingEmptySubsequences: false)
            let count = pieces.count > 1 ? Int(Substring(pieces[1])) : parts
            guard count == parts, let value = S3Checksum(algorithm, base64: String(Substring(pieces[0]))) else {
                throw S3Error(
                    "InvalidDigest", 400, "\(algorithm.headerName) is no \(algorithm.rawValue) of \(parts) parts.")
            }
            return R2ObjectChecksum(algorithm.stored, form?.kind ?? .fullObject, bytes: value.bytes)
        }
        return nil
    }

    /// Parts may be named with their checksums, which have to be right.
    private func check(
        _ wanted: CompleteMultipartUploadRequest, of upload: R2Upload, in bucket: LocalR2Bucket
    ) async throws {
        guard wanted.parts.contains(where: { $0.checksum != nil }) else { return }
        var known: [Int: R2ObjectChecksum] = [:]
        var after = 0
        while true {
            let page = try await bucket.parts(of: upload.id, key: upload.key.text, after: after)
            for part in page.parts { known[part.number] = part.checksum }
            guard page.isTruncated, let last = page.parts.last else { break }
            after = last.number
        }
        for part in wanted.parts {
            guard let given = part.checksum, let own = known[part.number] else { continue }
            guard own.algorithm == given.algorithm.stored, own.bytes == given.bytes else {
                throw S3Error("InvalidPart", 400, "The checksum of part \(part.number) is another one.")
            }
        }
    }

    private static func listed(_ upload: R2Upload) -> UploadDocuments.Upload {
        UploadDocuments.Upload(
            key: upload.key.text, id: upload.id, begun: upload.created,
            storageClass: upload.options.storageClass.wire,
            checksum: upload.checksum.map { (algorithm: $0.algorithm.wire, type: $0.kind.rawValue) })
    }
}
