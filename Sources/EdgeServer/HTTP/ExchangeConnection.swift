import NIOCore
import NIOHTTP1
import Workers

/// What carries exchanges: an HTTP/1.1 connection, or one stream of an HTTP/2 connection. Confined to its event loop.
///
/// An exchange says what is to be sent; how that is framed, and what of it a version of HTTP has no place for, is decided
/// here.
protocol ExchangeConnection: AnyObject {
    var state: LoopState { get }
    /// Whether the client takes more at once.
    var isWritable: Bool { get }
    /// The other end of the socket, `nil` for a unix socket.
    var remoteAddress: SocketAddress? { get }
    /// The other end as the listener's rules see it.
    var peer: ConnectionPeer { get }
    /// Bytes of a body nobody reads that are swallowed to keep the connection.
    var discardLimit: Int { get }
    /// Whether the connection ends with the current answer anyway.
    var closesSoon: Bool { get }

    /// Sends a head, with the content if that is complete.
    ///
    /// - Parameters:
    ///   - late: fields that depend on the moment, `nil` for none.
    ///   - chunked: whether parts of unknown total length follow.
    ///   - closes: whether the client is told that this connection takes no further request.
    func send(_ head: ResponseHead, late: LateFields?, content: ByteBuffer?, chunked: Bool, closes: Bool)

    /// Sends a complete response whose head was not made beforehand.
    func send(_ status: Int, _ headers: Headers, ray: String?, length: Int?, content: [UInt8], closes: Bool)

    func send(_ part: ByteBuffer, chunked: Bool)

    /// Ends a response of unknown length.
    func sendEnd(trailers: HTTPHeaders?)

    /// Sends an interim response (RFC 9110 §15.2), at once.
    func sendInterim(_ status: Int, _ headers: HTTPHeaders)

    func responseEnded(_ exchange: Exchange)

    /// Parts of a stream go out with the current turn of the loop.
    func flushSoon()

    /// Ends in the middle of a response. What was written before goes out as far as the client takes it at once.
    func abort()

    /// The exchange takes more of the request's body again.
    func resumeReading()
}

/// What an event loop looks after: every connection, whatever it speaks.
protocol LoopConnection: AnyObject {
    func flushIfNeeded()
    /// Finishes what is under way and closes; an idle connection of HTTP/1 once the loop `closesIdle`. Called again and
    /// again until the connection has gone.
    func drain()
    /// Looks at the deadlines; called regularly.
    func sweep(now: NIODeadline)
}

/// Fields of an answer from a cache that are known only when it goes out.
struct LateFields {
    /// `Age` (RFC 9111 §5.1), in seconds.
    var age: Int
    /// How long the answer stays fresh, for `Cache-Status` (RFC 9211 §2.2), in seconds; `nil` where the head says by itself
    /// that it is a hit.
    var ttl: Int?
}
