import HTTPTypes
import S3Protocol
import Workers

/// Writes and removes objects: `PutObject`, `DeleteObject`, `DeleteObjects`.
struct S3Writing: Sendable {
    let buckets: LocalR2Buckets

    func put(_ call: S3Call) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        let claims = try S3Claims(call.request, call.proof)
        var options = R2PutOptions(
            httpMetadata: S3ObjectFields.httpMetadata(call.fields),
            customMetadata: try S3ObjectFields.customMetadata(call.fields))
        options.onlyIf = try S3Conditions.read(call.fields)
        options.ssecKey = try S3EncryptionFields.request.read(call.fields)
        options.storageClass = try await buckets.storageClass(for: call)
        let intake = try S3Intake(call.request, claims)
        var body = intake.body
        if options.httpMetadata.contentType == nil {
            (options.httpMetadata.contentType, body) = try await ContentGuess.type(of: body)
        }
        let bucket = buckets.existing(call.bucket)
        let stored = try await bucket.store(call.key, body, options: options, seal: { try await intake.seal() })
        guard let stored else { throw R2Failure.preconditionFailed }
        return Response(.ok, headers: try await written(stored, in: bucket))
    }

    /// What a response says about an object that it has made.
    func written(_ object: R2Object, in bucket: LocalR2Bucket) async throws -> Headers {
        var fields: Headers = [.eTag: object.httpETag]
        S3EncryptionFields.request.write(object.ssecKeyMd5, to: &fields)
        S3ObjectFields.write(object.checksum, parts: object.partCount, to: &fields)
        fields[.expiration] = S3ObjectFields.expiration(of: object, under: try await bucket.lifecycle())
        return fields
    }

    func delete(_ call: S3Call) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        let removal = R2Removal(call.key, onlyIf: try S3Conditions.read(call.fields))
        if let failure = try await buckets.existing(call.bucket).remove([removal])[0] { throw failure }
        return Response(.noContent)
    }

    func deleteMany(_ call: S3Call) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        let wanted = try DeleteRequest(try await call.document())
        let removals = try wanted.objects.map { object in
            R2Removal(
                object.key,
                onlyIf: try object.etag.map { etag in
                    var condition = R2Conditional()
                    condition.etagMatches = try S3Conditions.etags(etag, .ifMatch)
                    return condition
                })
        }
        let failures = try await buckets.existing(call.bucket).remove(removals)
        var deleted: [String] = []
        var errors: [DeleteResult.Failure] = []
        for (removal, failure) in zip(removals, failures) {
            if let failure {
                let error = S3Error(failure)
                errors.append(.init(key: removal.key, code: error.code, message: error.message))
            } else {
                deleted.append(removal.key)
            }
        }
        return .xml(DeleteResult(deleted: wanted.isQuiet ? [] : deleted, failures: errors).xml)
    }
}

extension LocalR2Buckets {
    /// The storage class of what a request writes: its own, or else the bucket's.
    ///
    /// - Throws: `R2Failure.noSuchBucket`, before any content is read.
    func storageClass(for call: S3Call) async throws -> R2StorageClass {
        let asked = try S3ObjectFields.storageClass(call.fields)
        if let info = try await info(call.bucket) { return asked ?? info.storageClass }
        guard call.fields[.createsBucket]?.lowercased() == "true" else { throw R2Failure.noSuchBucket }
        do {
            try await create(call.bucket)
        } catch let failure as R2Failure where failure == .bucketConflict {
            // Another request was quicker.
        }
        return asked ?? .standard
    }
}
