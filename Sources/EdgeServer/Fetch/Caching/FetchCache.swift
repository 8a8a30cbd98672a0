import HTTPCaching
import NIOCore
import NIOPosix
import Workers

/// The cache behind the `fetch` of Workers. What it does is said by each request; see `FetchCaching`.
public final class FetchCache: Sendable {
    static let profile = CacheProfile(policy: .cloudflare(everything: true), status: .cloudflare)

    private let cache: EdgeCache

    /// - Parameter store: its profile for the namespace is that of this cache.
    init(_ store: ResponseStore, now: @escaping @Sendable () -> Double) {
        var options = EdgeCache.Options()
        options.namespace = "fetch"
        options.status = FetchCache.profile.status
        cache = EdgeCache(policy: FetchCache.profile.policy, store: store, options: options, now: now)
    }

    /// Answers a request by what is stored, or asks. Called on an event loop, which everything happens on.
    func answer(
        _ request: Request, _ caching: FetchCaching, to client: FetchClient, asking transport: any FetchTransport,
        on loop: any EventLoop
    ) {
        let cache = cache.with(.subrequest(caching.program))
        let url = request.url
        let asked = CacheRequest(
            method: request.method.rawValue, scheme: url.scheme.lowercased(), authority: url.authority.lowercased(),
            target: url.path + (url.query.map { "?" + $0 } ?? ""), fields: request.headers)
        let key = cache.key(cache.policy.key(for: asked))
        CacheTransaction(
            client, asked, key: key, cache: cache, origin: TransportOrigin(transport, loop: loop), loop: loop
        ).start()
    }
}

/// Sends requests by way of a cache, where they ask for that. Belongs beneath the fetcher that follows redirects.
struct CachingTransport: FetchTransport {
    private let transport: any FetchTransport
    private let cache: FetchCache
    private let group: any EventLoopGroup

    init(_ transport: any FetchTransport, _ cache: FetchCache, group: any EventLoopGroup) {
        self.transport = transport
        self.cache = cache
        self.group = group
    }

    func send(_ request: Request) async throws -> Response { try await transport.send(request) }

    func send(_ request: Request, cache caching: FetchCaching?) async throws -> Response {
        guard let caching, request.method == .get || request.method == .head, request.body.buffered?.isEmpty == true
        else { return try await transport.send(request) }
        // The loop of the request that the fetch belongs to, where there is one.
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? group.any()
        let slot = NIOLoopBoundBox.makeBoxSendingValue(FetchSlot(), eventLoop: loop)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.execute {
                    let client = FetchClient(loop) { continuation.resume(with: $0) }
                    // The task may have been cancelled before there was anybody to tell.
                    guard !slot.value.isCancelled else { return client.leave() }
                    slot.value.client = client
                    cache.answer(request, caching, to: client, asking: transport, on: loop)
                }
            }
        } onCancel: {
            loop.execute {
                slot.value.isCancelled = true
                slot.value.client?.leave()
            }
        }
    }
}

private struct FetchSlot {
    var client: FetchClient?
    var isCancelled = false
}
