import Workers

/// What is known of an error that no handler caught. Swift keeps no stack with an error, so there is none.
public struct UncaughtError: Sendable, Hashable {
    /// The type, as a program names it: `TypeError`, `Shop.OutOfStock`.
    public var type: String
    public var message: String
    /// The platform's code: 1101 for an exception, 1102 for a limit.
    public var code: Int
    public var status: Int

    /// - Parameter error: what a handler threw.
    public init(_ error: any Error) {
        code = 1101
        status = 500
        switch error {
        case let error as WorkersError:
            type = error.name.rawValue
            message = error.message
        case let failure as LimitFailure:
            type = "Error"
            message = failure.description
            code = failure.code
            status = failure.status.code
        default:
            type = String(reflecting: Swift.type(of: error))
            message = UncaughtError.message(of: error)
        }
    }

    /// What the error says of itself. A case without a text of its own is written as Swift prints it.
    private static func message(of error: any Error) -> String {
        let text = String(describing: error)
        return text.isEmpty ? "The error has no description." : text
    }
}
