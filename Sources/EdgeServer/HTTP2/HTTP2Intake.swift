import NIOCore

/// In front of the frame parser: counts what comes in, and lets nothing more in once the connection is over, which the
/// parser itself would go on to work through.
final class HTTP2Intake: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: HTTP2Connection

    init(_ connection: HTTP2Connection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.takes(unwrapInboundIn(data).readableBytes) else { return }
        context.fireChannelRead(data)
    }
}
