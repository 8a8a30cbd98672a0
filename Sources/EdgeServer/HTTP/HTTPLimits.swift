import NIOCore

/// What one connection may cost. Everything a client can make larger or slower has a bound here.
public struct HTTPLimits: Sendable {
    /// Bytes of the request target; beyond it 414 (RFC 9110 §15.5.15). Workers allow 16 KB.
    public var target = 16 * 1024
    /// Bytes of a head as it is sent, and once more of the trailers; beyond it 431 (RFC 6585 §5).
    public var headerList = 64 * 1024
    /// Field lines in one request; beyond it 431.
    public var headerCount = 200
    /// Bytes of a body nobody reads that are swallowed to keep the connection; beyond it the connection closes.
    public var discardedBody = 256 * 1024
    /// From the connection to the end of a TLS handshake, else the connection closes.
    public var handshakeTime = TimeAmount.seconds(10)
    /// From the first byte of a request to the end of its head, else 408 (RFC 9110 §15.5.9).
    public var headTime = TimeAmount.seconds(10)
    /// Between two reads of a request body, else the connection closes.
    public var bodyTime = TimeAmount.seconds(30)
    /// Between requests on a kept connection.
    public var idleTime = TimeAmount.seconds(60)
    /// Without progress while a response waits to be read by the client.
    public var writeTime = TimeAmount.seconds(60)
    /// How long a client may go on sending after the last answer, before the connection is closed on its side, too.
    public var lingerTime = TimeAmount.seconds(2)
    /// Bytes that such a client may still send.
    public var lingerBytes = 16 * 1024 * 1024
    /// Connections on one listener; further ones are closed at once.
    public var connections = 10_000
    public var http2 = HTTP2Limits()

    public init() {}
}
