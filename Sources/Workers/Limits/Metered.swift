/// Counts each request that goes out to the network, so each redirect on its own, and lends it a connection until the
/// response's head is there. Belongs beneath the fetcher that follows redirects.
public struct MeteredTransport: FetchTransport {
    private let transport: any FetchTransport

    public init(_ transport: any FetchTransport) { self.transport = transport }

    public func send(_ request: Request) async throws -> Response {
        try await send(request, cache: nil)
    }

    /// What a cache answers counts as well.
    public func send(_ request: Request, cache: FetchCaching?) async throws -> Response {
        try await RequestMeter.during(.fetch) { try await transport.send(request, cache: cache) }
    }
}

/// Counts calls of another Worker in this process, which draws on the same budgets.
public struct MeteredFetcher: Fetcher {
    private let worker: any Fetcher

    public init(_ worker: any Fetcher) { self.worker = worker }

    public func fetch(_ request: Request) async throws -> Response {
        try await RequestMeter.invoking { try await worker.fetch(request) }
    }
}
