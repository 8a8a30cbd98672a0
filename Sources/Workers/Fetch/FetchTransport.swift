/// Sends one request and returns the response to it, whatever that is: redirects are not followed.
///
/// The request's fields are ready to be sent, and its body was not read by anybody else. Cancelling the task, and dropping
/// or cancelling the response's body, ends the transfer.
public protocol FetchTransport: Sendable {
    func send(_ request: Request) async throws -> Response

    /// The same by way of a cache, where there is one.
    func send(_ request: Request, cache: FetchCaching?) async throws -> Response
}

extension FetchTransport {
    /// For a transport without a cache.
    public func send(_ request: Request, cache: FetchCaching?) async throws -> Response { try await send(request) }
}
