import HTTPTypes

/// Gives every call an id: handlers find it as `call.requestID`, clients in `X-Request-ID` and in problem documents.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(RequestID(random: { .random(in: .min ... .max) }))
///     routes.get("/status") { call in .text("request \(call.requestID ?? "")") }
/// }
/// ```
/// Put it outermost, so that all others and every problem document can use the id.
public struct RequestID<Env: Sendable>: Middleware {
    private let random: @Sendable () -> UInt64
    private let trusts: @Sendable (Call<Env>) -> Bool

    /// - Parameters:
    ///   - random: 64 random bits; asked twice for an id of 32 hexadecimal digits.
    ///   - trustsIncoming: whether the id that a call brings along is taken over, because a proxy of ours has given it.
    ///     It must be 1 to 128 letters, digits, `-`, `_`, `.` or `:`. From strangers it would let one client pose as
    ///     another in the log.
    public init(
        random: @escaping @Sendable () -> UInt64,
        trustsIncoming: @escaping @Sendable (Call<Env>) -> Bool = { _ in false }
    ) {
        self.random = random
        trusts = trustsIncoming
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        var call = call
        let incoming = call.request.headers[.xRequestID]
        let id: String
        if let incoming, Self.isWellFormed(incoming), trusts(call) {
            id = incoming
        } else {
            id = Self.hexadecimal(random()) + Self.hexadecimal(random())
        }
        call.values[RequestIDKey.self] = id
        var response = try await next(call)
        response.headers[.xRequestID] = id
        return response
    }

    private static func isWellFormed(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                ByteClass.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x3A || byte == 0x5F
            }
    }

    private static func hexadecimal(_ bits: UInt64) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

private enum RequestIDKey: CallKey { typealias Value = String }

extension Call {
    /// The id that the `RequestID` middleware has given to this call.
    public var requestID: String? { values[RequestIDKey.self] }
}

extension HTTPField.Name {
    static let xRequestID = HTTPField.Name("X-Request-ID")!
}
