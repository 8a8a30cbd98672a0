/// Where a namespace keeps its entries: storage without rules. Validation, expiry and consistency are `StoredKV`'s.
package protocol KVStore: Sendable {
    /// What is in memory, at once.
    func held(_ key: KVKey) -> KVHeld
    /// The entries of some keys, in their order, expired ones included.
    func read(_ keys: [KVKey]) async throws -> [KVRecord?]
    /// Replaces an entry; returns once it is safe.
    func write(_ key: KVKey, _ record: KVRecord) async throws
    func remove(_ key: KVKey) async throws
    /// The first keys of a range whose entries are live, in the order of bytes.
    ///
    /// - Parameter now: whole seconds since 1970.
    func scan(_ range: KVRange, limit: Int, now: Int) async throws -> [KVScanned]
}

/// An entry as it is stored.
package struct KVRecord: Sendable, Hashable {
    package var value: [UInt8]
    /// Compact JSON.
    package var metadata: String?
    /// Whole seconds since 1970.
    package var expiration: Int?

    package init(value: [UInt8], metadata: String? = nil, expiration: Int? = nil) {
        self.value = value
        self.metadata = metadata
        self.expiration = expiration
    }

    /// An entry whose time has come is gone in that very second.
    package func isLive(at now: @autoclosure () -> Int) -> Bool {
        guard let expiration else { return true }
        return expiration > now()
    }
}

/// What a store can say about a key without waiting.
package enum KVHeld: Sendable {
    case entry(KVRecord)
    /// There is no such key.
    case nothing
    /// It has to be read.
    case unknown
}

/// A key in a listing.
package struct KVScanned: Sendable, Hashable {
    package var key: KVKey
    package var metadata: String?
    package var expiration: Int?

    package init(key: KVKey, metadata: String?, expiration: Int?) {
        self.key = key
        self.metadata = metadata
        self.expiration = expiration
    }
}
