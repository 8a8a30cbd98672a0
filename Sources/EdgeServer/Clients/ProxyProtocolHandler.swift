import NIOCore

/// Takes the header of the PROXY protocol off the beginning of a connection, before anybody else sees a byte of it.
///
/// What is malformed or too long closes the connection without an answer: whoever sends it does not speak HTTP. The time
/// for it is part of the time for the first request's head.
final class ProxyProtocolHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let began: () -> Void
    private let received: (ProxyHeader) -> Void
    private var bytes: [UInt8] = []
    private var state = State.waiting

    private enum State { case waiting, done, closed }

    /// - Parameters:
    ///   - began: the first bytes have come in.
    ///   - received: the header is complete; called once.
    init(began: @escaping () -> Void, received: @escaping (ProxyHeader) -> Void) {
        self.began = began
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch state {
        case .waiting: break
        case .done: return context.fireChannelRead(data)
        case .closed: return
        }
        if bytes.isEmpty { began() }
        let before = bytes.count
        bytes += buffer.readableBytesView.prefix(ProxyHeader.longest - before)
        switch ProxyHeader.parse(bytes) {
        case .needsMore: return
        case .malformed:
            state = .closed
            bytes = []
            context.close(promise: nil)
        case .header(let header, let length):
            state = .done
            bytes = []
            received(header)
            buffer.moveReaderIndex(forwardBy: length - before)
            if buffer.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(buffer)) }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
    }
}
