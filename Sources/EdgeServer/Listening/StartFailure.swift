/// Why a server does not start, in sentences for the terminal.
public struct StartFailure: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}
