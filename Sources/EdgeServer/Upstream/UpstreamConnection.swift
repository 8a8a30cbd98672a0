import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// One connection to the origin: one request at a time, kept for the next one in between.
final class UpstreamConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        /// TLS is being agreed on, for this call in the first place.
        case securing(UpstreamCall)
        case idle
        case busy(UpstreamCall)
        case closed
    }

    private let pool: UpstreamPool
    private let options: UpstreamOptions
    private var context: ChannelHandlerContext?
    private var phase = Phase.idle
    private var turn = UpstreamTurn(method: .GET, closes: false, interimResponses: 0)
    private var deadline = NIODeadline.distantFuture
    private var bufferedAtDeadline = 0
    /// Of the response that has ended with the current turn of reading.
    private var ended: (trailers: HTTPHeaders?, failure: UpstreamFailure?)?
    private var hasBytes = false
    private var isReadHeld = false
    private var hasServed = false
    private var parser: ResponseParser
    /// What the parser has not taken yet.
    private var unread = ByteBuffer()

    /// As the channel says it; asking the channel itself costs more.
    private(set) var isWritable = true

    init(pool: UpstreamPool, options: UpstreamOptions) {
        self.pool = pool
        self.options = options
        parser = ResponseParser(limits: FieldLimits(size: options.responseHead, count: options.responseFields))
    }

    // MARK: What the pool says

    /// Waits for the TLS handshake, which `call` needs.
    func secure(for call: UpstreamCall, until deadline: NIODeadline) {
        phase = .securing(call)
        self.deadline = deadline
    }

    /// Sends a request. The connection must be free.
    func start(_ call: UpstreamCall) {
        guard let context else { return call.fail(.noAnswer) }
        phase = .busy(call)
        call.isReused = hasServed
        hasServed = true
        hasBytes = false
        turn = UpstreamTurn(
            method: call.request.method, closes: call.head.closes, interimResponses: options.interimResponses)
        if case .stream = call.request.body {} else { turn.sentAll() }
        parser.expect(call.request.method)
        renew(options.responseTime)
        context.write(wrapOutboundOut(call.head.bytes), promise: nil)
        if let body = UpstreamRequestHead.largeBody(of: call.request) {
            context.write(wrapOutboundOut(body), promise: nil)
        }
        call.began(on: self)
        pool.flushLater(self)
        resumeReading()
    }

    func flush() { context?.flush() }

    /// It is kept for the next request, but not for ever.
    func rest() {
        phase = .idle
        renew(options.keepAliveTime)
    }

    /// Nobody needs it any more, or it cannot be trusted.
    func close() {
        if case .closed = phase { return }
        phase = .closed
        ended = nil
        pool.closed(self)
        context?.close(promise: nil)
    }

    // MARK: What the call says

    /// Parts up to this size are copied behind their size line, so that both are one write.
    private static let smallPart = 4096

    func write(_ part: ByteBuffer, chunked: Bool) {
        guard case .busy = phase, let context else { return }
        if !chunked {
            context.write(wrapOutboundOut(part), promise: nil)
        } else {
            let isSmall = part.readableBytes <= UpstreamConnection.smallPart
            var line = context.channel.allocator.buffer(capacity: 24 + (isSmall ? part.readableBytes : 0))
            line.writeString(String(part.readableBytes, radix: 16))
            line.writeStaticString("\r\n")
            // The chunk is closed at once: whoever reads it line by line must not wait for the next one.
            if isSmall {
                line.writeImmutableBuffer(part)
                line.writeStaticString("\r\n")
                context.write(wrapOutboundOut(line), promise: nil)
            } else {
                context.write(wrapOutboundOut(line), promise: nil)
                context.write(wrapOutboundOut(part), promise: nil)
                context.write(wrapOutboundOut(ByteBuffer(staticString: "\r\n")), promise: nil)
            }
        }
        context.flush()
        renew(turn.awaitsHead ? options.responseTime : options.idleTime)
    }

    func end(trailers: HTTPHeaders?, chunked: Bool) {
        guard case .busy = phase, let context else { return }
        turn.sentAll()
        if chunked {
            var last = context.channel.allocator.buffer(capacity: 16)
            last.writeStaticString("0\r\n")
            last.writeFields(trailers ?? [:])
            context.writeAndFlush(wrapOutboundOut(last), promise: nil)
        }
        renew(turn.awaitsHead ? options.responseTime : options.idleTime)
    }

    func resumeReading() {
        guard isReadHeld, !isPaused else { return }
        isReadHeld = false
        context?.read()
    }

    private var isPaused: Bool { if case .busy(let call) = phase { call.isPaused } else { false } }

    private func renew(_ time: TimeAmount) { deadline = .now() + time }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        isWritable = false
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { isReadHeld = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable, case .busy(let call) = phase { call.notifyWritable() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event, case .securing(let call) = phase {
            phase = .idle
            pool.opened(self, for: call)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        hasBytes = true
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeBuffer(&bytes) }
        do {
            while case .busy(let call) = phase {
                if ended != nil {
                    // Nobody asked for what comes behind a response.
                    turn.hasExcess = unread.readableBytes > 0 || turn.hasExcess
                    return
                }
                guard let part = try parser.next(&unread) else { return }
                receive(part, for: call)
            }
        } catch {
            errorCaught(context: context, error: error)
        }
        if case .idle = phase { close() }
    }

    private func receive(_ part: HTTPClientResponsePart, for call: UpstreamCall) {
        switch part {
        case .head(let head): receive(head, for: call)
        case .body(let bytes):
            renew(options.idleTime)
            call.deliver(.body(bytes))
        case .end(let trailers):
            ended = (trailers, turn.receiveEnd())
        }
    }

    private func receive(_ head: HTTPResponseHead, for call: UpstreamCall) {
        do throws(UpstreamFailure) {
            switch try turn.receive(head) {
            case .interim:
                renew(options.responseTime)
                call.deliver(.interim(head))
            case .final(let stopsSending):
                renew(options.idleTime)
                if stopsSending { call.stopSending() }
                call.deliver(.head(head))
                if stopsSending { call.notifyWritable() }
            }
        } catch {
            fail(call, error)
        }
    }

    /// Only now it is sure that nothing comes behind the response: a second one there would otherwise answer the next
    /// request.
    func channelReadComplete(context: ChannelHandlerContext) {
        finishIfEnded()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .closed: break
        case .securing(let call): fail(call, UpstreamFailure(securing: error))
        case .idle: close()
        case .busy(let call):
            turn.isCut = true
            if ended != nil { return }
            if let failure = UpstreamFailure(parserError: error) {
                fail(call, failure)
            } else if let error = error as? NIOSSLError, case .uncleanShutdown = error {
                // The end of the connection follows, and with it the end of the body, if it has no other.
            } else {
                context.close(promise: nil)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // A body may end this way. Where it must not, the connection is lost.
        if case .busy(let call) = phase, ended == nil, let end = try? parser.finish(unread) { receive(end, for: call) }
        finishIfEnded()
        let lost = phase
        phase = .closed
        if case .closed = lost {} else { pool.closed(self) }
        switch lost {
        case .closed, .idle: break
        case .securing(let call): pool.failedToOpen(call, .tlsFailed("the connection was closed"))
        case .busy(let call):
            if call.isReused, turn.awaitsHead, !hasBytes, call.canRepeat {
                pool.retry(call)
            } else {
                call.fail(turn.lossBeforeEnd)
            }
        }
        context.fireChannelInactive()
    }

    private func finishIfEnded() {
        guard let ended, case .busy(let call) = phase else { return }
        self.ended = nil
        unread = ByteBuffer()
        if turn.isReusable, hasSentAll(of: call) {
            phase = .idle
            pool.freed(self)
        } else {
            close()
        }
        if let failure = ended.failure { call.fail(failure) } else { call.end(ended.trailers) }
        resumeReading()
    }

    private func fail(_ call: UpstreamCall, _ failure: UpstreamFailure) {
        let wasSecuring = if case .securing = phase { true } else { false }
        close()
        if wasSecuring { pool.failedToOpen(call, failure) } else { call.fail(failure) }
    }

    // MARK: Time

    /// Called regularly by the pool.
    func sweep(now: NIODeadline) {
        switch phase {
        case .closed: break
        case .idle: if now >= deadline { close() }
        case .securing(let call): if now >= deadline { fail(call, .connectTimeout) }
        case .busy(let call):
            if call.isPaused {
                renew(turn.awaitsHead ? options.responseTime : options.idleTime)
            } else if now >= deadline, !hasSentSince() {
                fail(call, turn.awaitsHead ? .responseTimeout : .bodyTimeout)
            }
        }
    }

    /// Whether the whole request is with the kernel. An origin that answers a large one without reading it may well
    /// close the connection instead of reading it to its end.
    private func hasSentAll(of call: UpstreamCall) -> Bool {
        if case .none = call.head.framing { true } else { bufferedBytes == 0 }
    }

    private var bufferedBytes: Int { (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    /// Whether the origin has taken some of the request since the last deadline.
    private func hasSentSince() -> Bool {
        let buffered = bufferedBytes
        guard buffered > 0, buffered != bufferedAtDeadline else { return false }
        bufferedAtDeadline = buffered
        renew(turn.awaitsHead ? options.responseTime : options.idleTime)
        return true
    }
}
