import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL

/// What the connections of one listener are made of, on one event loop.
package struct ConnectionPipeline {
    let state: LoopState
    let limits: HTTPLimits
    let handler: any RequestHandler
    let log: AccessLog?
    let peer: SharedPeer

    /// What a client speaks that comes without TLS.
    package enum Cleartext: Sendable {
        case http1
        /// HTTP/2 with prior knowledge (RFC 9113 §3.3), and nothing else.
        case http2
    }

    /// Puts the handlers behind those that are there.
    func add(_ cleartext: Cleartext, to pipeline: ChannelPipeline.SynchronousOperations) throws {
        switch cleartext {
        case .http1: try addHTTP1(to: pipeline, isFirst: true)
        case .http2: try addHTTP2(to: pipeline, isSecure: false)
        }
    }

    /// TLS, and behind it whatever client and server agree on.
    func add(_ tls: TLSOptions, to pipeline: ChannelPipeline.SynchronousOperations) throws {
        let handshake = TLSHandshake(self)
        try pipeline.addHandlers([PlainRequestRefusal(), NIOSSLServerHandler(context: tls.context()), handshake])
        try addProxyHeader(to: pipeline) {}
    }

    /// - Parameter isFirst: whether nothing stands between the connection and the socket, where a header of the PROXY
    ///   protocol may come.
    func addHTTP1(to pipeline: ChannelPipeline.SynchronousOperations, isFirst: Bool) throws {
        let connection = HTTPConnection(state: state, limits: limits, handler: handler, log: log, peer: peer)
        try pipeline.addHandler(connection)
        if isFirst { try addProxyHeader(to: pipeline) { [unowned connection] in connection.bytesArrived() } }
    }

    private func addProxyHeader(
        to pipeline: ChannelPipeline.SynchronousOperations, began: @escaping () -> Void
    ) throws {
        guard peer.value.sendsProxyHeader else { return }
        let header = ProxyProtocolHandler(began: began) { [peer] in peer.value.stepBehind($0) }
        try pipeline.addHandler(header, position: .first)
    }

    func addHTTP2(to pipeline: ChannelPipeline.SynchronousOperations, isSecure: Bool) throws {
        let connection = HTTP2Connection(
            state: state, limits: limits, handler: handler, log: log, isSecure: isSecure, peer: peer)
        let frames = NIOHTTP2Handler(
            mode: .server, frameDelegate: connection, connectionConfiguration: .init(limits),
            streamConfiguration: .init(limits))
        try pipeline.addHandlers([HTTP2Intake(connection), frames, connection])
    }
}
