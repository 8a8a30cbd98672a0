/// The errors of outgoing requests. Those that Workers have, too, begin with the text they have there.
///
/// No text contains the path or the query of a URL, nor a header: addresses of APIs carry keys in all of them.
extension WorkersError {
    package static let tooManyRedirects = WorkersError(.typeError, "Too many redirects.")

    package static let invalidLocation = WorkersError(
        .typeError, "Invalid Location header; unable to follow redirect.")

    package static let bodyCannotBeSentAgain = WorkersError(
        .typeError,
        "A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect "
            + "requiring the body to be retransmitted. To avoid this error in the future, construct this request from a "
            + "buffer-like body initializer.")

    /// The methods that the Fetch Standard forbids.
    package static func methodNotAllowed(_ method: String) -> WorkersError {
        WorkersError(.typeError, "Invalid HTTP method string: \(method)")
    }

    package static let bodyWithoutMethodForIt = WorkersError(
        .typeError, "Request with a GET or HEAD method cannot have a body.")

    /// What an aborted signal of a timeout says in the DOM Standard, "AbortSignal.timeout".
    package static let fetchTimedOut = WorkersError(.error, "The operation was aborted due to timeout")

    package static func cannotLoad(_ url: RequestURL) -> WorkersError {
        WorkersError(.typeError, "Fetch API cannot load: \(url.scheme)://\(url.hostAndPort)")
    }

    package static let credentialsInURL = WorkersError(
        .typeError, "Request cannot be constructed from a URL that includes credentials.")

    package static func bodyTooLarge(limit: Int) -> WorkersError {
        WorkersError(.error, "The response's body is larger than the \(limit) bytes that this fetch takes.")
    }

    /// The connection could not be made, or broke.
    ///
    /// - Parameter reason: one sentence, without anything the request carried.
    package static func connectionLost(_ reason: String) -> WorkersError {
        WorkersError(.error, "Network connection lost. \(reason)")
    }
}

extension RequestURL {
    /// The authority without a user's name and password, for messages.
    package var hostAndPort: String {
        authority.split(separator: "@", omittingEmptySubsequences: false).last.map(String.init) ?? authority
    }

    /// Whether the authority carries a name or a password (RFC 3986 §3.2.1).
    package var hasCredentials: Bool { authority.contains("@") }
}
