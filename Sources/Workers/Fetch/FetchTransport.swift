/// Sends one request and returns the response to it, whatever that is: redirects are not followed.
///
/// The request's fields are ready to be sent, and its body was not read by anybody else. Cancelling the task, and dropping
/// or cancelling the response's body, ends the transfer.
public protocol FetchTransport: Sendable {
    func send(_ request: Request) async throws -> Response
}
