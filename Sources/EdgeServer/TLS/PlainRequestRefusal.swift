import NIOCore

/// In front of TLS: a person who has typed `http://` for a port that speaks HTTPS gets a sentence.
final class PlainRequestRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let answer: StaticString =
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 40\r\nconnection: close\r\n\r\nThis port speaks HTTPS: use an https URL"

    private var hasRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRefused else { return }
        let bytes = unwrapInboundIn(data)
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        // A handshake begins with 22 (RFC 8446 §5.1), a request with the letter of a method.
        guard (0x41...0x5A).contains(first & 0xDF) else {
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
            return
        }
        hasRefused = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: PlainRequestRefusal.answer)), promise: nil)
        // The rest of the request is swallowed until the client closes or the time for a handshake is over.
        context.close(mode: .output, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if hasRefused, case ChannelEvent.inputClosed = event { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
