/// A bucket with R2's rules over a store that has none. Whether it is in memory or on disk is the store's business.
///
/// Each operation checks its arguments in the order in which the service does, so that a call with several mistakes
/// gets the same error here as there.
public struct LocalR2Bucket: R2Bucket {
    /// For the other doors to the bucket, which show more of it than the binding does.
    package let store: any R2Store
    let limits: R2Limits
    let now: @Sendable () -> Double
    let makeToken: @Sendable () -> String

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - makeToken: 32 lower-case hexadecimal digits, other ones each time.
    package init(
        store: any R2Store, limits: R2Limits, now: @escaping @Sendable () -> Double,
        makeToken: @escaping @Sendable () -> String
    ) {
        self.store = store
        self.limits = limits
        self.now = now
        self.makeToken = makeToken
    }

    /// A token out of a source of randomness.
    package static func token(using generator: inout some RandomNumberGenerator) -> String {
        // By words: the system's generator is a call of the kernel each time.
        let words = [generator.next(), generator.next()]
        return Hexadecimal.text(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } })
    }

    /// The moment to the millisecond, which is what is kept.
    var moment: Double { (now() * 1000).rounded(.down) / 1000 }

    // MARK: Reading

    public func head(_ key: String) async throws -> R2Object? {
        let key = try checked(key, in: .head)
        return try await R2Operation.head.naming { try await store.read { try $0.object(key) } }
    }

    public func get(_ key: String, options: R2GetOptions) async throws -> R2GetResult? {
        try await R2Operation.get.naming { try await fetch(key, options: options) }
    }

    /// A get for the other doors.
    ///
    /// - Throws: `R2Failure`.
    package func fetch(_ key: String, options: R2GetOptions) async throws -> R2GetResult? {
        try options.range?.validate()
        try options.onlyIf?.validate()
        let secret = try options.ssecKey?.secret()
        let key = try checkedKey(key)
        let found = try await store.open(key) { record in
            if let onlyIf = options.onlyIf, !onlyIf.holds(for: record.object) { return nil }
            try R2SecretKey.check(secret, against: record.object.ssecKeyMd5)
            let range = try options.range?.resolved(in: record.object.size) ?? 0..<record.object.size
            if secret == nil { return [range] }
            return SealedLayout.spans(of: range, in: record.segments).flatMap { [$0.salt, $0.sealed] }
        }
        guard let found else { return nil }
        var object = found.record.object
        guard var body = found.body else { return .preconditionFailed(object) }
        let range = try options.range?.resolved(in: object.size) ?? 0..<object.size
        if let secret { body = try body.opened(secret, SealedLayout.spans(of: range, in: found.record.segments)) }
        object.range = R2Object.Delivered(offset: range.lowerBound, length: range.count)
        return .found(R2ObjectBody(object: object, body: body))
    }

    /// An object and where its bytes are.
    package func record(_ key: String) async throws -> R2Record? {
        let key = try checkedKey(key)
        return try await store.read { try $0.record(key) }
    }

    public func list(_ options: R2ListOptions) async throws -> R2Objects {
        try await R2Operation.list.naming { try await page(options) }
    }

    /// A list for the other doors.
    ///
    /// - Throws: `R2Failure`.
    package func page(_ options: R2ListOptions) async throws -> R2Objects {
        let listing = try R2Listing(options, limits: limits)
        return try await store.read { records in
            var listing = listing
            try records.scan(from: listing.start, to: listing.end) { listing.visit($0) }
            return listing.page
        }
    }

    // MARK: Writing

    @discardableResult
    public func put(_ key: String, _ value: Body?, options: R2PutOptions) async throws -> R2Object? {
        try await R2Operation.put.naming {
            try await store(key, value ?? .empty, options: options, seal: { nil })
        }
    }

    /// A put for the other doors.
    ///
    /// - Parameter seal: called when all content has come in; gives the checksum to store with it, or refuses it.
    /// - Returns: `nil` when `options.onlyIf` does not hold.
    /// - Throws: `R2Failure`, or what `seal` throws.
    package func store(
        _ key: String, _ value: Body, options: R2PutOptions,
        seal: @Sendable () async throws -> R2ObjectChecksum?
    ) async throws -> R2Object? {
        do {
            let stored = try await write(key, value, options, seal)
            if stored == nil { value.cancel() }
            return stored
        } catch {
            // Whoever produces the content learns that nobody takes it.
            value.cancel()
            throw error
        }
    }

    private func write(
        _ name: String, _ value: Body, _ options: R2PutOptions,
        _ seal: @Sendable () async throws -> R2ObjectChecksum?
    ) async throws -> R2Object? {
        let digest = try R2NamedDigest(options)
        try options.onlyIf?.validate()
        let secret = try options.ssecKey?.secret()
        let length = try length(of: value)
        let key = try checkedKey(name)
        try check(options.customMetadata)
        if length > limits.maxPutBytes { throw R2Failure.entityTooLarge }
        // Content that will not be stored is not read either. What counts is the same question in the transaction.
        if let onlyIf = options.onlyIf {
            let existing = try await store.read { try $0.object(key) }
            guard onlyIf.holds(for: existing) else { return nil }
        }

        let staged = try await stage(value, hashing: digest?.algorithm, secret)
        var stored: R2Object?
        defer { store.release(staged, isSaved: stored != nil) }
        try Task.checkCancellation()
        if let digest, let actual = staged.checksums[digest.algorithm], actual != digest.bytes {
            throw R2Failure.badDigest(digest.algorithm, provided: digest.bytes, actual: actual)
        }
        var object = R2Object(
            key: name, version: makeToken(), size: staged.size, etag: Hexadecimal.text(staged.md5), uploaded: moment,
            httpMetadata: options.httpMetadata, customMetadata: options.customMetadata, checksums: staged.checksums,
            storageClass: options.storageClass, ssecKeyMd5: secret?.md5)
        object.checksum = try await seal()
        object.showChecksum()
        stored = try await save(R2Record(object: object, segments: staged.segments), onlyIf: options.onlyIf)
        return stored
    }

    /// Stores content, encrypted if there is a key for it.
    func stage(
        _ value: Body, hashing algorithm: R2HashAlgorithm?, _ secret: R2SecretKey?
    ) async throws -> R2StagedBody {
        guard let secret else { return try await store.stage(value.stream(), hashing: algorithm) }
        let intake = SealedIntake(try value.stream(), secret, hashing: algorithm)
        var staged = try await store.stage(intake.stream(), hashing: nil)
        let outcome = intake.outcome
        staged.contentSize = outcome.size
        staged.checksums = outcome.checksums
        return staged
    }

    /// - Returns: `nil` when the condition does not hold.
    private func save(_ record: R2Record, onlyIf: R2Conditional?) async throws -> R2Object? {
        let limits = limits
        return try await store.write { records in
            if onlyIf != nil || limits.minWriteInterval > 0 {
                let existing = try records.object(record.key)
                if let onlyIf, !onlyIf.holds(for: existing) { return nil }
                try limits.check(existing, writtenAt: record.object.uploaded)
            }
            try records.save(record)
            return record.object
        }
    }

    public func delete(_ keys: [String]) async throws {
        if keys.count > limits.maxDeletedKeys { throw R2Failure.internalError.error(in: .delete) }
        let keys = try keys.map { try checked($0, in: .delete) }
        if keys.isEmpty { return }
        try await R2Operation.delete.naming {
            try await store.write { records in
                for key in keys { try records.remove(key) }
            }
        }
    }

    // MARK: Checks

    func checked(_ key: String, in operation: R2Operation) throws -> R2Key {
        try operation.naming { try checkedKey(key) }
    }

    func checkedKey(_ key: String) throws(R2Failure) -> R2Key {
        guard (1...limits.maxKeyBytes).contains(key.utf8.count) else { throw .invalidObjectName }
        return R2Key(key)
    }

    func check(_ customMetadata: [String: String]) throws(R2Failure) {
        let size = customMetadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        if size > limits.maxCustomMetadataBytes { throw .metadataTooLarge }
    }

    func length(of value: Body) throws -> Int {
        if let length = value.length { return length }
        throw WorkersError(
            .typeError,
            "Provided readable stream must have a known length "
                + "(request/response body or readable half of FixedLengthStream)")
    }
}
