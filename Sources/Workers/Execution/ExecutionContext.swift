/// What surrounds one call of a handler: work that outlives the response, outgoing requests, and the time.
public struct ExecutionContext: Sendable {
    private let host: any ExecutionHost

    package init(host: any ExecutionHost) { self.host = host }

    /// Seconds since 1970, as the host's clock has it.
    public var now: Double { host.now }

    /// Keeps the call alive until `work` has ended; its failure is logged and never changes the response.
    ///
    /// All such work of one call shares 30 s after the response is complete or the client has gone; then it is cancelled.
    /// See the Workers documentation, "Context (ctx)", `waitUntil`.
    public func waitUntil(_ work: @escaping @Sendable () async throws -> Void) { host.extend(work) }

    /// An error that the handler throws sends the request on to the origin instead of becoming an error page.
    /// Where there is no origin behind the Worker this changes nothing.
    public func passThroughOnException() { host.passThrough() }

    /// Asks another server; see `Fetcher`.
    public func fetch(_ request: Request) async throws -> Response { try await host.fetcher.fetch(request) }

    /// Outgoing requests, for code that is given a `Fetcher`.
    public var fetcher: any Fetcher { host.fetcher }

    /// The Cache API: responses kept near the client, in a default cache and in others by name.
    public var caches: any CacheStorage { host.caches }

    /// The cache in front of the Worker.
    public var cache: any WorkersCache { host.cache }

    /// The configuration of the service binding through which the call came; `null` for all others.
    public var props: JSON { host.props }
}

/// The host's side of one call.
package protocol ExecutionHost: AnyObject, Sendable {
    var now: Double { get }
    var fetcher: any Fetcher { get }
    var caches: any CacheStorage { get }
    /// In front of the Worker.
    var cache: any WorkersCache { get }
    var props: JSON { get }
    func extend(_ work: @escaping @Sendable () async throws -> Void)
    func passThrough()
}
