import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL

/// What the connections of one listener are made of, on one event loop.
struct ConnectionPipeline {
    let state: LoopState
    let limits: HTTPLimits
    let handler: any RequestHandler
    let log: AccessLog?

    /// What a client speaks that comes without TLS.
    enum Cleartext: Sendable {
        case http1
        /// HTTP/2 with prior knowledge (RFC 9113 §3.3), and nothing else.
        case http2
    }

    /// Puts the handlers behind those that are there.
    func add(_ cleartext: Cleartext, to pipeline: ChannelPipeline.SynchronousOperations) throws {
        switch cleartext {
        case .http1: try addHTTP1(to: pipeline)
        case .http2: try addHTTP2(to: pipeline, isSecure: false)
        }
    }

    /// TLS, and behind it whatever client and server agree on.
    func add(_ tls: TLSOptions, to pipeline: ChannelPipeline.SynchronousOperations) throws {
        let handshake = TLSHandshake(self)
        try pipeline.addHandlers([PlainRequestRefusal(), NIOSSLServerHandler(context: tls.context()), handshake])
    }

    func addHTTP1(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        let connection = HTTPConnection(state: state, limits: limits, handler: handler, log: log)
        let decoder = RequestDecoder(connection: connection, limits: limits)
        try pipeline.addHandlers([ByteToMessageHandler(decoder), connection])
    }

    func addHTTP2(to pipeline: ChannelPipeline.SynchronousOperations, isSecure: Bool) throws {
        let connection = HTTP2Connection(
            state: state, limits: limits, handler: handler, log: log, isSecure: isSecure)
        let frames = NIOHTTP2Handler(
            mode: .server, frameDelegate: connection, connectionConfiguration: .init(limits),
            streamConfiguration: .init(limits))
        try pipeline.addHandlers([HTTP2Intake(connection), frames, connection])
    }
}
