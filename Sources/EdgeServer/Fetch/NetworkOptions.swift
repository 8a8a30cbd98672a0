import NIOCore

/// How outgoing requests use the network.
public struct NetworkOptions: Sendable {
    public var addresses: AddressPolicy
    /// Until a connection stands, its TLS included.
    public var connectTimeout = TimeAmount.seconds(10)
    /// How long a connection is kept for the next request to the same origin.
    public var idleTime = TimeAmount.seconds(30)
    /// Bytes of all header fields of a response. Workers documentation, "Limits", "Response headers".
    public var responseHead = 128 * 1024

    public init(addresses: AddressPolicy) { self.addresses = addresses }
}
