extension LocalR2Bucket {
    public func createMultipartUpload(
        _ key: String, options: R2MultipartOptions
    ) async throws -> any R2MultipartUpload {
        let upload = try await R2Operation.createMultipartUpload.naming { try await begin(key, options: options) }
        return resumeMultipartUpload(key, uploadID: upload.id)
    }

    public func resumeMultipartUpload(_ key: String, uploadID: String) -> any R2MultipartUpload {
        LocalR2Upload(bucket: self, key: key, uploadID: uploadID)
    }

    // MARK: For the other doors. They throw R2Failure.

    /// - Parameter checksum: which one the object will have.
    package func begin(
        _ key: String, options: R2MultipartOptions, checksum: R2ObjectChecksum.Form? = nil
    ) async throws -> R2Upload {
        let secret = try options.ssecKey?.secret()
        let checkedKey = try checkedKey(key)
        try check(options.customMetadata)
        let upload = R2Upload(
            id: makeToken() + makeToken(), key: checkedKey, created: moment, options: options,
            ssecKeyMd5: secret?.md5, checksum: checksum)
        try await store.write { try $0.save(upload) }
        return upload
    }

    /// An upload that is open.
    package func upload(_ id: String, key: String) async throws -> R2Upload {
        let key = R2Key(key)
        return try await store.read { try R2Completion.open($0.upload(id), key: key, orElse: .noSuchUpload) }
    }

    /// - Parameter seal: see `store`.
    package func storePart(
        _ number: Int, of id: String, key: String, _ value: Body, options: R2PartOptions,
        seal: @Sendable () async throws -> R2ObjectChecksum?
    ) async throws -> R2Part {
        do {
            return try await writePart(number, of: id, key: R2Key(key), value, options, seal)
        } catch {
            value.cancel()
            throw error
        }
    }

    private func writePart(
        _ number: Int, of id: String, key: R2Key, _ value: Body, _ options: R2PartOptions,
        _ seal: @Sendable () async throws -> R2ObjectChecksum?
    ) async throws -> R2Part {
        guard (1...limits.maxPartNumber).contains(number) else {
            throw WorkersError(
                .typeError,
                "Part number must be between 1 and \(limits.maxPartNumber) (inclusive). Actual value was: \(number)")
        }
        let secret = try options.ssecKey?.secret()
        let length = try length(of: value)
        if length > limits.maxPutBytes { throw R2Failure.entityTooLarge }
        // Content that will not be stored is not read either.
        let upload = try await store.read { try R2Completion.open($0.upload(id), key: key, orElse: .noSuchUpload) }
        try R2SecretKey.check(secret, against: upload.ssecKeyMd5)

        let staged = try await stage(value, hashing: nil, secret)
        var isSaved = false
        defer { store.release(staged, isSaved: isSaved) }
        try Task.checkCancellation()
        let part = R2Part(
            number: number, etag: makeToken(), size: staged.size, md5: staged.md5, checksum: try await seal(),
            uploaded: moment, segment: staged.segment)
        try await store.write { records in
            // It may have ended while the content came in.
            _ = try R2Completion.open(records.upload(id), key: key, orElse: .noSuchUpload)
            try records.save(part, inUpload: id)
        }
        isSaved = true
        return part
    }

    /// Joins parts into the object. When `onlyIf` does not hold, the upload is discarded.
    ///
    /// - Parameters:
    ///   - parts: the etag of each is its token, or the MD5 of its content in hexadecimal digits.
    ///   - checksum: what the caller knows of the object.
    ///   - unknown: the failure for an upload that never was.
    /// - Throws: `R2Failure.preconditionFailed` and those of `R2Completion`.
    package func complete(
        _ id: String, key: String, _ parts: [R2UploadedPart], onlyIf: R2Conditional? = nil,
        checksum: R2ObjectChecksum? = nil, unknown: R2Failure = .noSuchUpload
    ) async throws -> R2Object {
        let (key, limits, version, moment) = (R2Key(key), limits, makeToken(), moment)
        let object = try await store.write { records -> R2Object? in
            var upload = try R2Completion.open(records.upload(id), key: key, orElse: unknown)
            let parts = try R2Completion.parts(parts, of: records.parts(ofUpload: id), limits: limits)
            let joined = upload.checksum.flatMap { form in
                R2ObjectChecksum.joined(form, parts.map { ($0.checksum, $0.size) })
            }
            if let checksum, checksum != joined { throw R2Failure.badChecksum(provided: checksum, actual: joined) }
            let isWanted = try onlyIf.map { $0.holds(for: try records.object(key)) } ?? true
            var object = R2Object(
                key: key.text, version: version, size: parts.reduce(0) { $0 + $1.size },
                etag: R2Hasher.etag(ofParts: parts.map(\.md5)), uploaded: moment,
                httpMetadata: upload.options.httpMetadata, customMetadata: upload.options.customMetadata,
                storageClass: upload.options.storageClass, ssecKeyMd5: upload.ssecKeyMd5)
            object.checksum = joined
            // The parts' bytes become the object's where they lie: nothing is copied.
            if isWanted { try records.save(R2Record(object: object, segments: parts.compactMap(\.segment))) }
            try records.removeParts(ofUpload: id)
            upload.state = isWanted ? .completed : .aborted
            upload.ended = moment
            try records.save(upload)
            return isWanted ? object : nil
        }
        guard let object else { throw R2Failure.preconditionFailed }
        return object
    }

    /// Discards an upload. One that has ended already is fine.
    ///
    /// - Parameter unknown: the failure for an upload that never was.
    package func abort(_ id: String, key: String, unknown: R2Failure = .noSuchUpload) async throws {
        let (key, moment) = (R2Key(key), moment)
        try await store.write { records in
            var upload = try R2Completion.known(records.upload(id), key: key, orElse: unknown)
            guard upload.state == .open else { return }
            try records.removeParts(ofUpload: id)
            upload.state = .aborted
            upload.ended = moment
            try records.save(upload)
        }
    }
}

/// A handle of an upload: no more than the two names, because the upload may have ended meanwhile.
private struct LocalR2Upload: R2MultipartUpload {
    let bucket: LocalR2Bucket
    let key: String
    let uploadID: String

    func uploadPart(_ number: Int, _ value: Body, options: R2PartOptions) async throws -> R2UploadedPart {
        let part = try await R2Operation.uploadPart.naming {
            try await bucket.storePart(number, of: uploadID, key: key, value, options: options, seal: { nil })
        }
        return R2UploadedPart(partNumber: number, etag: part.etag)
    }

    func complete(_ parts: [R2UploadedPart]) async throws -> R2Object {
        try await R2Operation.completeMultipartUpload.naming {
            try await bucket.complete(uploadID, key: key, parts, unknown: .internalError)
        }
    }

    func abort() async throws {
        try await R2Operation.abortMultipartUpload.naming {
            try await bucket.abort(uploadID, key: key, unknown: .internalError)
        }
    }
}
