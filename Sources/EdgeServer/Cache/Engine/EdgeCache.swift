import HTTPCaching
import NIOCore

/// A cache in front of an origin: what it has stored, what it is asking for just now, and the rules of both. Shared by all
/// event loops.
final class EdgeCache: Sendable {
    struct Options: Sendable {
        /// Bytes of a response that stay in memory while it is being stored and others read it.
        var window = 256 * 1024
        /// Bytes of a response that is not stored, on their way from the origin to a client that is slower.
        var passWindow = 128 * 1024
        /// Which field tells the client how the cache came to its answer.
        var status = StatusField.cacheStatus
        /// Tells the keys of this cache from those of others in the same store.
        var namespace = "proxy"
    }

    enum StatusField: Sendable {
        /// `Cache-Status` (RFC 9211).
        case cacheStatus
        /// `CF-Cache-Status`, one word. See Cloudflare's documentation, "Cloudflare cache responses".
        case cloudflare
    }

    let policy: CachePolicy
    let store: ResponseStore
    let options: Options
    /// Seconds since 1970.
    let now: @Sendable () -> Double
    let fills: FillTable

    init(
        policy: CachePolicy, store: ResponseStore, options: Options, fills: FillTable = FillTable(),
        now: @escaping @Sendable () -> Double
    ) {
        self.policy = policy
        self.store = store
        self.options = options
        self.fills = fills
        self.now = now
    }

    /// The same cache with rules for one request.
    func with(_ policy: CachePolicy) -> EdgeCache {
        EdgeCache(policy: policy, store: store, options: options, fills: fills, now: now)
    }

    /// The URL as a key.
    func key(_ request: CacheRequest) -> StoreKey {
        key("\(request.scheme)://\(request.authority)\(request.target)")
    }

    func key(_ primary: String) -> StoreKey { StoreKey(namespace: options.namespace, primary: primary) }

    /// What is stored under a key is of no use any more, and neither is what is just being asked for.
    func invalidate(_ key: StoreKey) {
        fills.forget(key)
        store.invalidate(key)
    }

    /// Removes whatever is named, also what is on its way from the origin. Whoever asks from now on asks the origin.
    ///
    /// - Throws: a `StoreFailure` if it might come back after a restart.
    func purge(_ what: [Purge]) async throws {
        fills.forgetAll()
        for purge in what { try await store.purge(purge, in: options.namespace) }
    }

    /// Makes stale whatever is named. What is on its way from the origin is for those who wait for it already.
    func expire(_ what: [Purge]) async {
        fills.forgetAll()
        for purge in what { await store.expire(purge, in: options.namespace) }
    }

    /// - Parameter refusal: why the origin's response was not stored, if it was not.
    func statusField(_ status: CacheStatus, _ refusal: StorageRefusal?) -> (name: String, value: String) {
        switch options.status {
        case .cacheStatus: ("Cache-Status", status.text)
        case .cloudflare: ("CF-Cache-Status", CloudflareCacheStatus(status, refusal: refusal).rawValue)
        }
    }
}

extension Entry {
    /// The same content under another head, which is not in the store.
    func with(_ head: CachedResponse, in store: ResponseStore) -> Entry {
        Entry(
            key: key, head: head, response: store.options.serialise(key, head, size),
            body: body, size: size, tags: tags,
            storedAt: storedAt, serial: serial)
    }
}
