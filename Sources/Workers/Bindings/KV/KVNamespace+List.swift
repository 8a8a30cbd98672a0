extension KVNamespace {
    /// One page of keys in the order of their UTF-8 bytes.
    ///
    /// - Parameters:
    ///   - prefix: literal and case-sensitive.
    ///   - limit: at most 1000, which is also the default; the next page may have another.
    ///   - cursor: `cursor` of the page before. Keys that were made since then appear when they come after it.
    public func list(prefix: String = "", limit: Int? = nil, cursor: String? = nil) async throws -> KVPage {
        try await page(prefix: prefix, limit: limit, cursor: cursor)
    }

    /// All keys with a prefix, asked for page by page.
    ///
    /// ```swift
    /// for try await key in env.sessions.keys(prefix: "user/7/") { try await env.sessions.delete(key.name) }
    /// ```
    public func keys(prefix: String = "") -> KVKeys { KVKeys(namespace: self, prefix: prefix) }
}

/// One page of a listing.
public struct KVPage: Sendable, Hashable {
    public var keys: [KVListedKey]
    /// Whether this was the last page. A short page need not be: the service may return an empty one before the end.
    public var isComplete: Bool
    /// Leads to the next page; `nil` on the last. Opaque.
    public var cursor: String?
    public var cacheStatus: String?

    public init(keys: [KVListedKey], isComplete: Bool, cursor: String? = nil, cacheStatus: String? = nil) {
        self.keys = keys
        self.isComplete = isComplete
        self.cursor = cursor
        self.cacheStatus = cacheStatus
    }
}

/// A key in a listing.
public struct KVListedKey: Sendable, Hashable {
    public var name: String
    /// Seconds since 1970; `nil` when the key does not expire.
    public var expiration: Int?
    /// `nil` when none was stored.
    public var metadata: JSON?

    public init(name: String, expiration: Int? = nil, metadata: JSON? = nil) {
        self.name = name
        self.expiration = expiration
        self.metadata = metadata
    }
}

/// The keys of a namespace as a sequence.
public struct KVKeys: AsyncSequence, Sendable {
    public typealias Element = KVListedKey
    public typealias Failure = any Error

    let namespace: any KVNamespace
    let prefix: String

    public func makeAsyncIterator() -> Iterator { Iterator(namespace: namespace, prefix: prefix) }

    public struct Iterator: AsyncIteratorProtocol {
        let namespace: any KVNamespace
        let prefix: String
        private var waiting: ArraySlice<KVListedKey> = []
        private var cursor: String?
        private var isLast = false

        init(namespace: any KVNamespace, prefix: String) {
            self.namespace = namespace
            self.prefix = prefix
        }

        public mutating func next() async throws -> KVListedKey? {
            while waiting.isEmpty {
                if isLast { return nil }
                let page = try await namespace.list(prefix: prefix, cursor: cursor)
                waiting = page.keys[...]
                cursor = page.cursor
                isLast = page.isComplete
            }
            return waiting.popFirst()
        }
    }
}
