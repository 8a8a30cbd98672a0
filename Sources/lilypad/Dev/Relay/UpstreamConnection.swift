import NIOCore
import NIOHTTP1
import NIOPosix

/// One kept-alive HTTP/1.1 connection to the edge, with at most one request on it. Confined to its event loop.
///
/// The socket is read only while somebody wants the bytes, so an edge that sends faster than the client reads is slowed
/// down by the kernel and not collected here.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    let upstream: GateState.Upstream
    /// Told when the connection has gone, whether or not a request was on it.
    var onClose: (() -> Void)?
    private(set) var request: RelayedRequest?
    private(set) var lastUse = NIODeadline.now()
    private var context: ChannelHandlerContext?
    private var isKeptAlive = true
    private var requestEnded = false
    private var responseEnded = false
    private var isReadPending = false

    init(upstream: GateState.Upstream) { self.upstream = upstream }

    static func open(
        _ upstream: GateState.Upstream, on loop: any EventLoop
    ) -> EventLoopFuture<UpstreamConnection> {
        let made = NIOLoopBound(UpstreamConnection(upstream: upstream), eventLoop: loop)
        return ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.writeBufferWaterMark, value: .init(low: 64 * 1024, high: 128 * 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(made.value)
                }
            }
            .connect(unixDomainSocketPath: upstream.path)
            .map { _ in made.value }
    }

    var isUsable: Bool { context?.channel.isActive == true && isKeptAlive && request == nil }
    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: The request

    func begin(_ request: RelayedRequest, head: HTTPRequestHead) {
        self.request = request
        requestEnded = false
        responseEnded = false
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
        wantBytes()
    }

    func write(_ part: ByteBuffer) { context?.write(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil) }

    func end() {
        requestEnded = true
        context?.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        finishIfDone()
    }

    func flush() { context?.flush() }

    func close() { context?.close(promise: nil) }

    /// The client takes bytes again.
    func wantBytes() {
        guard !isReadPending else { return }
        isReadPending = true
        context?.read()
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        // An idle connection is read, too: only so does it learn that the edge has closed it.
        wantBytes()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let request else {
            // Bytes that nobody asked for: the two sides no longer agree on where they are.
            close()
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let head):
            isKeptAlive = head.isKeepAlive
            request.received(head)
        case .body(let bytes):
            request.received(bytes)
        case .end:
            responseEnded = true
            request.receivedEnd()
            finishIfDone()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReadPending = false
        if let request {
            if request.takesBytes() { wantBytes() }
        } else {
            wantBytes()
        }
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        request?.upstreamWritabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        isKeptAlive = false
        let request = request
        self.request = nil
        onClose?()
        onClose = nil
        request?.upstreamClosed()
        context.fireChannelInactive()
    }

    private func finishIfDone() {
        guard responseEnded, let request else { return }
        if requestEnded {
            self.request = nil
            lastUse = .now()
            request.release(self)
            if isKeptAlive { wantBytes() }
        } else {
            // An answer that did not wait for the request's body: the rest of it has no place on this connection.
            self.request = nil
            isKeptAlive = false
            request.release(self)
        }
    }
}
