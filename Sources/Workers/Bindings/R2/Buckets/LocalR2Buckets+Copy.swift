/// Where an object lies.
package struct R2Place: Sendable, Hashable {
    package var bucket: String
    package var key: String

    package init(bucket: String, key: String) {
        self.bucket = bucket
        self.key = key
    }
}

/// How an object is copied.
package struct R2CopyOptions: Sendable, Hashable {
    /// What becomes of the metadata (`x-amz-metadata-directive`).
    package enum Metadata: Sendable, Hashable {
        case keep
        case replace(R2HTTPMetadata, [String: String])
        /// The source's, with these over it.
        case merge(R2HTTPMetadata, [String: String])
    }

    /// Of the source.
    package var sourceOnlyIf: R2Conditional?
    /// Of what is under the new key (`cf-copy-destination-if-*`).
    package var onlyIf: R2Conditional?
    package var metadata = Metadata.keep
    /// `nil` for the source's.
    package var storageClass: R2StorageClass?
    /// What the source is encrypted with.
    package var sourceKey: R2EncryptionKey?
    /// What the copy will be encrypted with.
    package var ssecKey: R2EncryptionKey?

    package init() {}
}

extension LocalR2Buckets {
    /// Sees the bytes of a part pass by, and gives its checksum behind them.
    package typealias PartWatch =
        @Sendable (Body) throws -> (Body, seal: @Sendable () async throws -> R2ObjectChecksum?)

    /// Copies an object within a bucket or into another. Bytes are shared, unless either side is encrypted.
    ///
    /// - Returns: the copy, which keeps the etag and the checksums when the bytes are shared.
    /// - Throws: `R2Failure.noSuchBucket`, `.noSuchKey`, `.preconditionFailed` and those of a put.
    package func copy(_ source: R2Place, to target: R2Place, options: R2CopyOptions) async throws -> R2Object {
        let from = existing(source.bucket)
        let into = existing(target.bucket)
        _ = try into.checkedKey(source.key)
        _ = try into.checkedKey(target.key)
        if options.sourceKey != nil || options.ssecKey != nil {
            return try await reencrypt(source, of: from, to: target, of: into, options)
        }
        let (version, moment, limits) = (makeToken(), into.moment, limits)
        return try await store.write { records in
            guard try records.bucket(target.bucket) != nil, try records.bucket(source.bucket) != nil else {
                throw R2Failure.noSuchBucket
            }
            guard var record = try records.records(of: source.bucket).record(R2Key(source.key)) else {
                throw R2Failure.noSuchKey
            }
            try R2SecretKey.check(nil, against: record.object.ssecKeyMd5)
            try Self.check(options.sourceOnlyIf, record.object)
            let records = records.records(of: target.bucket)
            let key = R2Key(target.key)
            let existing = try records.object(key)
            try Self.check(options.onlyIf, existing)
            try limits.check(existing, writtenAt: moment)
            record.object.key = target.key
            record.object.version = version
            record.object.uploaded = moment
            record.object.storageClass = options.storageClass ?? record.object.storageClass
            options.metadata.apply(to: &record.object)
            try into.check(record.object.customMetadata)
            try records.save(record)
            return record.object
        }
    }

    private static func check(_ condition: R2Conditional?, _ object: R2Object?) throws(R2Failure) {
        if let condition, !condition.holds(for: object) { throw .preconditionFailed }
    }

    /// Reads the source and writes it again.
    private func reencrypt(
        _ source: R2Place, of from: LocalR2Bucket, to target: R2Place, of into: LocalR2Bucket, _ options: R2CopyOptions
    ) async throws -> R2Object {
        let reading = R2GetOptions(onlyIf: options.sourceOnlyIf, ssecKey: options.sourceKey)
        guard let found = try await from.fetch(source.key, options: reading) else { throw R2Failure.noSuchKey }
        guard let body = found.body else { throw R2Failure.preconditionFailed }
        var copy = found.object
        options.metadata.apply(to: &copy)
        let writing = R2PutOptions(
            httpMetadata: copy.httpMetadata, customMetadata: copy.customMetadata, onlyIf: options.onlyIf,
            storageClass: options.storageClass ?? copy.storageClass, ssecKey: options.ssecKey)
        // A checksum of parts would not be one of the whole.
        let checksum = copy.checksum.flatMap { $0.kind == .fullObject ? $0 : nil }
        guard let stored = try await into.store(target.key, body, options: writing, seal: { checksum }) else {
            throw R2Failure.preconditionFailed
        }
        return stored
    }

    /// Copies an object, or a range of it, into a part of an upload.
    ///
    /// - Parameters:
    ///   - options: `sourceOnlyIf`, `sourceKey` and `ssecKey` count.
    ///   - range: must lie within the object; `nil` for all of it.
    ///   - watch: what sees the bytes pass by, and gives the part's checksum behind them; `nil` for a part without one.
    package func copyPart(
        _ source: R2Place, range: Range<Int>?, to target: R2Place, uploadID: String, number: Int,
        options: R2CopyOptions,
        watch: PartWatch? = nil
    ) async throws -> R2Part {
        let reading = R2GetOptions(
            range: range.map { R2Range(offset: $0.lowerBound, length: $0.count) }, onlyIf: options.sourceOnlyIf,
            ssecKey: options.sourceKey)
        let from = existing(source.bucket)
        guard let found = try await from.fetch(source.key, options: reading) else { throw R2Failure.noSuchKey }
        guard let body = found.body else { throw R2Failure.preconditionFailed }
        guard range.map({ $0.upperBound <= found.object.size }) ?? true else {
            body.cancel()
            throw R2Failure.invalidRange
        }
        let part = R2PartOptions(ssecKey: options.ssecKey)
        let unsealed: @Sendable () async throws -> R2ObjectChecksum? = { nil }
        let (content, seal) = try watch.map { try $0(body) } ?? (body, seal: unsealed)
        return try await existing(target.bucket).storePart(
            number, of: uploadID, key: target.key, content, options: part, seal: seal)
    }
}

extension R2CopyOptions.Metadata {
    fileprivate func apply(to object: inout R2Object) {
        switch self {
        case .keep: return
        case .replace(let http, let custom):
            object.httpMetadata = http
            object.customMetadata = custom
        case .merge(let http, let custom):
            object.httpMetadata = object.httpMetadata.with(http)
            object.customMetadata.merge(custom) { _, new in new }
        }
    }
}

extension R2HTTPMetadata {
    /// These, with those of the other that it has.
    fileprivate func with(_ other: R2HTTPMetadata) -> R2HTTPMetadata {
        R2HTTPMetadata(
            contentType: other.contentType ?? contentType, contentLanguage: other.contentLanguage ?? contentLanguage,
            contentDisposition: other.contentDisposition ?? contentDisposition,
            contentEncoding: other.contentEncoding ?? contentEncoding, cacheControl: other.cacheControl ?? cacheControl,
            cacheExpiry: other.cacheExpiry ?? cacheExpiry)
    }
}
