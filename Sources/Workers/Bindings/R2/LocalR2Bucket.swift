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
        try options.range?.validate()
        try options.onlyIf?.validate()
        let key = try checked(key, in: .get)
        let found = try await R2Operation.get.naming {
            try await store.open(key) { object in
                if let onlyIf = options.onlyIf, !onlyIf.holds(for: object) { return nil }
                return try options.range?.resolved(in: object.size) ?? 0..<object.size
            }
        }
        guard let found else { return nil }
        var object = found.object
        guard let body = found.body else { return .preconditionFailed(object) }
        let range = try options.range?.resolved(in: object.size) ?? 0..<object.size
        object.range = R2Object.Delivered(offset: range.lowerBound, length: range.count)
        return .found(R2ObjectBody(object: object, body: body))
    }

    public func list(_ options: R2ListOptions) async throws -> R2Objects {
        let listing = try R2Operation.list.naming { try R2Listing(options, limits: limits) }
        return try await R2Operation.list.naming {
            try await store.read { records in
                var listing = listing
                try records.scan(from: listing.start, to: listing.end) { listing.visit($0) }
                return listing.page
            }
        }
    }

    // MARK: Writing

    @discardableResult
    public func put(_ key: String, _ value: Body?, options: R2PutOptions) async throws -> R2Object? {
        let value = value ?? .empty
        do {
            let stored = try await R2Operation.put.naming { try await write(key, value, options) }
            if stored == nil { value.cancel() }
            return stored
        } catch {
            // Whoever produces the content learns that nobody takes it.
            value.cancel()
            throw error
        }
    }

    private func write(_ name: String, _ value: Body, _ options: R2PutOptions) async throws -> R2Object? {
        let digest = try R2NamedDigest(options)
        try options.onlyIf?.validate()
        let length = try length(of: value)
        let key = try checked(name, in: .put)
        try check(options.customMetadata)
        if length > limits.maxPutBytes { throw R2Failure.entityTooLarge }
        if let onlyIf = options.onlyIf {
            // Content that will not be stored is not read either. What counts is the same question in the transaction.
            let existing = try await store.read { try $0.object(key) }
            guard onlyIf.holds(for: existing) else { return nil }
        }

        let staged = try await store.stage(value.stream(), hashing: digest?.algorithm)
        var stored: R2Object?
        defer { store.release(staged, isSaved: stored != nil) }
        try Task.checkCancellation()
        if let digest, let actual = staged.checksums[digest.algorithm], actual != digest.bytes {
            throw R2Failure.badDigest(digest.algorithm, provided: digest.bytes, actual: actual)
        }
        let object = R2Object(
            key: name, version: makeToken(), size: staged.size, etag: Hexadecimal.text(staged.md5), uploaded: moment,
            httpMetadata: options.httpMetadata, customMetadata: options.customMetadata, checksums: staged.checksums,
            storageClass: options.storageClass)
        stored = try await save(R2Record(object: object, segments: staged.segments), onlyIf: options.onlyIf)
        return stored
    }

    /// - Returns: `nil` when the condition does not hold.
    private func save(_ record: R2Record, onlyIf: R2Conditional?) async throws -> R2Object? {
        let interval = limits.minWriteInterval
        return try await store.write { records in
            if onlyIf != nil || interval > 0 {
                let existing = try records.object(record.key)
                if let onlyIf, !onlyIf.holds(for: existing) { return nil }
                // A clock that was set back must not lock the key.
                let elapsed = existing.map { abs(record.object.uploaded - $0.uploaded) }
                if let elapsed, elapsed < interval { throw R2Failure.tooManyWrites }
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
        let isValid = (1...limits.maxKeyBytes).contains(key.utf8.count)
        if !isValid { throw R2Failure.invalidObjectName.error(in: operation) }
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
