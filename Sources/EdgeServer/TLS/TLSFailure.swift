/// Why a certificate or a key cannot be used, in one sentence for the terminal. It never quotes key material.
public struct TLSFailure: Error, CustomStringConvertible, Sendable, Equatable {
    public var description: String

    public init(_ description: String) { self.description = description }
}
