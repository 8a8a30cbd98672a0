/// Why bytes are no HTTP/1 message. Nothing behind the place can be told apart from the message, so reading ends there.
enum HTTPSyntaxError: Error, Equatable {
    case malformed
    /// The connection ended within the message.
    case incomplete
    case methodTooLong
    case targetTooLong
    /// Too large or too many, in the head or in the trailers.
    case fieldsTooLarge
    case versionNotSupported
    /// A body whose end cannot be told for certain (RFC 9112 §6.3).
    case contradictoryLength
}
