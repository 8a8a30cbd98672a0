import NIOCore
import NIOTLS

/// Waits until client and server have agreed on a protocol, and makes way for it.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler, LoopConnection {
    typealias InboundIn = ByteBuffer

    private let connection: ConnectionPipeline
    private let deadline: NIODeadline
    private var context: ChannelHandlerContext?

    init(_ connection: ConnectionPipeline) {
        self.connection = connection
        deadline = .now() + connection.limits.handshakeTime
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connection.state.connections[ObjectIdentifier(self)] = self
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        connection.state.connections[ObjectIdentifier(self)] = nil
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.state.connections[ObjectIdentifier(self)] = nil
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted(let agreed) = event else {
            return context.fireUserInboundEventTriggered(event)
        }
        let pipeline = context.pipeline.syncOperations
        do {
            if agreed == "h2" {
                try connection.addHTTP2(to: pipeline, isSecure: true)
            } else {
                try connection.addHTTP1(to: pipeline, isFirst: false)
            }
        } catch {
            return context.close(promise: nil)
        }
        pipeline.removeHandler(context: context, promise: nil)
    }

    /// A client that cannot or will not speak TLS gets nothing but a closed connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func flushIfNeeded() {}

    func drain() { context?.close(promise: nil) }

    func sweep(now: NIODeadline) {
        // Without ceremony: a client that is this slow would let a farewell wait, too.
        if now >= deadline { context?.channel.close(mode: .all, promise: nil) }
    }
}
