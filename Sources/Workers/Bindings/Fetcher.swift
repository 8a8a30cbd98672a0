/// Answers requests: the outgoing `fetch`, another Worker behind a service binding, the assets.
public protocol Fetcher: Sendable {
    /// - Throws: when no response could be had; a response with an error status is a response.
    func fetch(_ request: Request) async throws -> Response
}
