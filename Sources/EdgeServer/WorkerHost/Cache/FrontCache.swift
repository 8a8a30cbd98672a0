import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

/// The cache in front of one Worker: requests that it can answer do not reach the handler. See Cloudflare's documentation,
/// "Workers", "Cache".
///
/// GET and HEAD without a body go through it; every other request, and whatever calls a Worker by another way than HTTP,
/// goes past it and changes nothing in it.
public final class FrontCache: WorkersCache {
    /// Those of its caches begin with this.
    static let namespacePrefix = "worker:"

    let cache: EdgeCache
    /// `nil` for answers that outlive the version of the Worker that made them.
    private let version: String?

    /// - Parameters:
    ///   - store: its profile for the namespace is that of this cache.
    ///   - worker: name and entry point: the scope of a purge.
    init(_ store: ResponseStore, worker: String, version: String?, now: @escaping @Sendable () -> Double) {
        var options = EdgeCache.Options()
        options.namespace = FrontCache.namespacePrefix + worker
        options.status = FrontCache.profile.status
        cache = EdgeCache(policy: FrontCache.profile.policy, store: store, options: options, now: now)
        self.version = version
    }

    static let profile = CacheProfile(policy: .workersCache, status: .cloudflare)

    // MARK: Requests

    /// Answers a request from what is stored, or lets the Worker answer it and stores that.
    ///
    /// - Parameters:
    ///   - site: identifies the assets that the Worker is deployed with.
    ///   - reason: why the Worker is asked, for the request log.
    /// - Returns: false for a request that this cache has no part in.
    func answer(
        _ exchange: Exchange, from host: WorkerHost, site: String, reason: String, state: LoopState
    ) -> Bool {
        let head = exchange.head
        guard head.method == .GET || head.method == .HEAD, !exchange.summary.hasBody, !exchange.summary.wantsUpgrade
        else { return false }
        let key = key(head, site: site)
        if cache.hit(exchange, key) { return true }
        var fields = exchange.fields
        let client = exchange.client
        let told = host.services.edge?.apply(to: &fields, client: client, number: state.nextRay())
        exchange.ray = told?.ray
        let request = CacheRequest(
            method: head.method.rawValue, scheme: client.scheme, authority: client.host, target: head.uri,
            fields: fields)
        let origin = WorkerOrigin(host, cf: told?.cf, reason: reason, state: state)
        CacheTransaction(
            ExchangeClient(exchange, ray: told?.ray), request, key: key, cache: cache, origin: origin, loop: state.loop
        ).start()
        return true
    }

    /// Path and query as they came, so that a purge finds the beginning of a path; then the version, and the fields by which
    /// a client may make a Worker see another request. The host is no part of it.
    private func key(_ head: HTTPRequestHead, site: String) -> StoreKey {
        var primary = head.uri
        if let version { primary += "\u{0}\(version)\u{0}\(site)" }
        for (name, value) in head.headers where FrontCache.isOverride(name) {
            primary += "\u{0}\(name.lowercased()):\(value)"
        }
        return cache.key(primary)
    }

    private static func isOverride(_ name: String) -> Bool {
        // The length sorts out nearly every field before a comparison.
        switch name.utf8.count {
        case 6: name.isField("x-host")
        case 9: name.isField("forwarded")
        case 13: name.isField("x-http-method") || name.isField("x-rewrite-url")
        case 14: name.isField("x-original-url")
        case 16: name.isField("x-forwarded-host")
        case 17: name.isField("x-method-override")
        case 18: name.isField("x-forwarded-scheme")
        case 22: name.isField("x-http-method-override")
        case 30: name.isField("cloudflare-workers-version-key")
        default: false
        }
    }

    // MARK: Purging

    public func purge(_ purge: CachePurge) async throws -> CachePurgeResult {
        let problems = purge.problems
        guard problems.isEmpty else { return CachePurgeResult(errors: problems) }
        do {
            try await cache.purge(FrontCache.named(purge))
            return CachePurgeResult()
        } catch {
            return CachePurgeResult(errors: [.notKept])
        }
    }

    public func invalidate(_ purge: CachePurge) async throws -> CachePurgeResult {
        let problems = purge.problems
        if problems.isEmpty { await cache.expire(FrontCache.named(purge)) }
        return CachePurgeResult(errors: problems)
    }

    private static func named(_ purge: CachePurge) -> [Purge] {
        if purge.everything { return [.everything] }
        let tags: [Purge] = purge.tags.isEmpty ? [] : [.tags(purge.tags)]
        return tags + (purge.pathPrefixes.isEmpty ? [] : [.prefixes(purge.pathPrefixes)])
    }
}
