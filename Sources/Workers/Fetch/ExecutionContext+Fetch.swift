extension ExecutionContext {
    /// Asks another server with a choice of redirects, time and size.
    public func fetch(_ request: Request, options: FetchOptions) async throws -> Response {
        try await fetcher.fetch(request, options: options)
    }
}
