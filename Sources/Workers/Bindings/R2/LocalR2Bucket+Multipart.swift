extension LocalR2Bucket {
    public func createMultipartUpload(
        _ key: String, options: R2MultipartOptions
    ) async throws -> any R2MultipartUpload {
        let operation = R2Operation.createMultipartUpload
        let checkedKey = try checked(key, in: operation)
        try operation.naming { try check(options.customMetadata) }
        let upload = R2Upload(id: makeToken() + makeToken(), key: checkedKey, created: moment, options: options)
        try await operation.naming { try await store.write { try $0.save(upload) } }
        return resumeMultipartUpload(key, uploadID: upload.id)
    }

    public func resumeMultipartUpload(_ key: String, uploadID: String) -> any R2MultipartUpload {
        LocalR2Upload(bucket: self, key: key, uploadID: uploadID)
    }
}

/// A handle of an upload: no more than the two names, because the upload may have ended meanwhile.
private struct LocalR2Upload: R2MultipartUpload {
    let bucket: LocalR2Bucket
    let key: String
    let uploadID: String

    private var store: any R2Store { bucket.store }

    func uploadPart(_ number: Int, _ value: Body) async throws -> R2UploadedPart {
        do {
            return try await R2Operation.uploadPart.naming { try await write(number, value) }
        } catch {
            value.cancel()
            throw error
        }
    }

    private func write(_ number: Int, _ value: Body) async throws -> R2UploadedPart {
        let most = bucket.limits.maxPartNumber
        guard (1...most).contains(number) else {
            throw WorkersError(
                .typeError,
                "Part number must be between 1 and \(most) (inclusive). Actual value was: \(number)")
        }
        let length = try bucket.length(of: value)
        if length > bucket.limits.maxPutBytes { throw R2Failure.entityTooLarge }
        let (id, key) = (uploadID, R2Key(key))
        // Content that will not be stored is not read either.
        _ = try await store.read { try R2Completion.open($0.upload(id), key: key, orElse: .noSuchUpload) }

        let staged = try await store.stage(value.stream(), hashing: nil)
        var isSaved = false
        defer { store.release(staged, isSaved: isSaved) }
        try Task.checkCancellation()
        let part = R2Part(
            number: number, etag: bucket.makeToken(), size: staged.size, md5: staged.md5, uploaded: bucket.moment,
            segment: staged.segment)
        try await store.write { records in
            // It may have ended while the content came in.
            _ = try R2Completion.open(records.upload(id), key: key, orElse: .noSuchUpload)
            try records.save(part, inUpload: id)
        }
        isSaved = true
        return R2UploadedPart(partNumber: number, etag: part.etag)
    }

    func complete(_ parts: [R2UploadedPart]) async throws -> R2Object {
        let (id, key, limits) = (uploadID, R2Key(key), bucket.limits)
        let (version, moment) = (bucket.makeToken(), bucket.moment)
        return try await R2Operation.completeMultipartUpload.naming {
            try await store.write { records in
                var upload = try R2Completion.open(records.upload(id), key: key, orElse: .internalError)
                let parts = try R2Completion.parts(parts, of: records.parts(ofUpload: id), limits: limits)
                let object = R2Object(
                    key: key.text, version: version, size: parts.reduce(0) { $0 + $1.size },
                    etag: R2Hasher.etag(ofParts: parts.map(\.md5)), uploaded: moment,
                    httpMetadata: upload.options.httpMetadata, customMetadata: upload.options.customMetadata,
                    storageClass: upload.options.storageClass)
                // The parts' bytes become the object's where they lie: nothing is copied.
                try records.save(R2Record(object: object, segments: parts.compactMap(\.segment)))
                try records.removeParts(ofUpload: id)
                upload.state = .completed
                upload.ended = moment
                try records.save(upload)
                return object
            }
        }
    }

    func abort() async throws {
        let (id, key, moment) = (uploadID, R2Key(key), bucket.moment)
        try await R2Operation.abortMultipartUpload.naming {
            try await store.write { records in
                var upload = try R2Completion.known(records.upload(id), key: key, orElse: .internalError)
                guard upload.state == .open else { return }
                try records.removeParts(ofUpload: id)
                upload.state = .aborted
                upload.ended = moment
                try records.save(upload)
            }
        }
    }
}
