/// An error with the name and the text that Workers give it, so that a message known from Cloudflare's documentation is
/// the message here.
public struct WorkersError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The JavaScript class of the error.
    public enum Name: String, Sendable {
        case error = "Error"
        case typeError = "TypeError"
        case rangeError = "RangeError"
        case syntaxError = "SyntaxError"
    }

    public var name: Name
    public var message: String
    /// The numeric code of services that have them (R2, Queues).
    public var code: Int?

    public init(_ name: Name = .error, _ message: String, code: Int? = nil) {
        self.name = name
        self.message = message
        self.code = code
    }

    public var description: String { "\(name.rawValue): \(message)" }
}

extension WorkersError {
    static let bodyUsed = WorkersError(
        .typeError,
        "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.")
    static let bodyDisturbed = WorkersError(
        .typeError, "This ReadableStream is disturbed (has already been read from), and cannot be used as a body.")
    static let streamLocked = WorkersError(.typeError, "This ReadableStream is currently locked to a reader.")
    static let usedRequest = WorkersError(.typeError, "Cannot reconstruct a Request with a used body.")
    package static let streamTooShort = WorkersError(
        .typeError, "FixedLengthStream did not see all expected bytes before close().")
    package static let streamTooLong = WorkersError(
        .typeError, "Attempt to write too many bytes through a FixedLengthStream.")
}
