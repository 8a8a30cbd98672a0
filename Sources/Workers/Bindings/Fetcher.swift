/// Answers requests: the outgoing `fetch`, another Worker behind a service binding, the assets.
public protocol Fetcher: Sendable {
    /// - Throws: when no response could be had; a response with an error status is a response.
    func fetch(_ request: Request) async throws -> Response

    /// A fetch with a choice of redirects, time and size.
    ///
    /// - Throws: what `fetch(_:)` throws, and `WorkersError` when one of the limits is reached.
    func fetch(_ request: Request, options: FetchOptions) async throws -> Response
}

extension Fetcher {
    /// The options applied from outside: `fetch(_:)` makes each single request. There is no clock here, so that a time limit
    /// is refused rather than ignored.
    public func fetch(_ request: Request, options: FetchOptions) async throws -> Response {
        if options.timeout != nil {
            throw WorkersError(.typeError, "A fetch within this process has no time limit; cancel its task instead.")
        }
        let clock = FetchClock(now: { 0 }, sleep: { _ in })
        return try await RedirectingFetcher(transport: FetcherTransport(self), clock: clock)
            .fetch(request, options: options)
    }
}

/// A fetcher as the transport of another.
private struct FetcherTransport: FetchTransport {
    private let fetcher: any Fetcher

    init(_ fetcher: any Fetcher) { self.fetcher = fetcher }

    func send(_ request: Request) async throws -> Response { try await fetcher.fetch(request) }
}
