import NIOCore
import NIOPosix

/// One connection to a Redis server, confined to its event loop. Commands are pipelined: those of one turn of the loop go
/// out in one write, and replies come back in the order of the commands.
final class RedisConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let decoder = NIOSingleStepByteToMessageProcessor(RESPDecoder())
    private var waiting = CircularBuffer<CheckedContinuation<RESPReply, any Error>>(initialCapacity: 64)
    private var outgoing = ByteBuffer()
    private var context: ChannelHandlerContext?

    /// Connects to a unix socket.
    static func connect(to path: String, on loop: any EventLoop) -> EventLoopFuture<NIOLoopBound<RedisConnection>> {
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RedisConnection())
                }
            }
            .connect(unixDomainSocketPath: path)
            .flatMapThrowing { channel in
                let connection = try channel.pipeline.syncOperations.handler(type: RedisConnection.self)
                return NIOLoopBound(connection, eventLoop: loop)
            }
    }

    func send(_ command: [[UInt8]], _ continuation: CheckedContinuation<RESPReply, any Error>) {
        guard let context else { return continuation.resume(throwing: ChannelError.ioOnClosedChannel) }
        waiting.append(continuation)
        // Behind what else this turn of the loop brings.
        if outgoing.readableBytes == 0 { context.eventLoop.assumeIsolated().execute { self.flush() } }
        outgoing.writeCommand(command)
    }

    private func flush() {
        context?.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
        outgoing = ByteBuffer()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try decoder.process(buffer: unwrapInboundIn(data)) { waiting.popFirst()?.resume(returning: $0) }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        while let next = waiting.popFirst() { next.resume(throwing: ChannelError.ioOnClosedChannel) }
    }
}
