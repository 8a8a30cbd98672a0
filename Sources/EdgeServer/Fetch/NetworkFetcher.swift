import NIOCore
import Workers

/// Outgoing requests over the network: HTTP/1.1, TLS with verified certificates, nobody's proxy, no cookies kept.
///
/// ```swift
/// let fetcher = NetworkFetcher(group: server.eventLoopGroup, options: NetworkOptions(addresses: .emulator))
/// …
/// await fetcher.stop()  // before the event loops
/// ```
/// Nothing is set up before the first request. Responses that are packed by gzip, deflate or Brotli come unpacked, as with
/// Workers; here they then have neither `Content-Encoding` nor `Content-Length`, so that a handler can pass them on as they
/// are.
public final class NetworkFetcher: Fetcher {
    private let transport: NetworkTransport
    private let fetcher: RedirectingFetcher

    /// - Parameters:
    ///   - group: the event loops that carry the transfers; a request stays on the loop it was made on.
    ///   - cache: of requests that ask for one; `nil` asks the server each time.
    ///   - clock: time limits pass by it.
    ///   - counting: wraps what makes a single request; by default it is counted by the meter of the call, if there is one.
    public init(
        group: any EventLoopGroup, options: NetworkOptions, cache: FetchCache? = nil, clock: FetchClock = .system,
        counting: (any FetchTransport) -> any FetchTransport = { MeteredTransport($0) }
    ) {
        let transport = NetworkTransport(group: group, options: options)
        self.transport = transport
        let single: any FetchTransport = cache.map { CachingTransport(transport, $0, group: group) } ?? transport
        fetcher = RedirectingFetcher(transport: counting(single), clock: clock)
    }

    public func fetch(_ request: Request) async throws -> Response { try await fetcher.fetch(request) }

    public func fetch(_ request: Request, options: FetchOptions) async throws -> Response {
        try await fetcher.fetch(request, options: options)
    }

    /// Closes all connections; transfers that are under way fail, and so does every later request.
    public func stop() async { await transport.stop() }
}

extension FetchClock {
    /// The system's clock, which stands still for nobody.
    public static let system: FetchClock = {
        let start = ContinuousClock.now
        return FetchClock(
            now: { (ContinuousClock.now - start) / .seconds(1) },
            sleep: { try await Task.sleep(until: start + .seconds($0), clock: .continuous) })
    }()
}
