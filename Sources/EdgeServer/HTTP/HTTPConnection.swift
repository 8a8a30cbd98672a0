import NIOCore
import NIOHTTP1
import Workers

/// One HTTP/1.1 connection: requests in, responses out in the same order, one exchange at a time.
///
/// Requests that a client pipelines behind the current one wait here as bytes, and the socket is not read while they do, so
/// a connection holds at most two read buffers of them. They also wait while the client does not read the answers it has.
final class HTTPConnection: ChannelDuplexHandler, ExchangeConnection, LoopConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let state: LoopState
    private let limits: HTTPLimits
    private let handler: any RequestHandler
    private let log: AccessLog?
    private let sharedPeer: SharedPeer
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var parser: RequestParser
    /// What has come in and is not parsed.
    private var waiting = ByteBuffer()
    /// Bytes that came after the last answer, and that nobody looks at.
    private var lingering = 0
    private var isReading = false
    private var isParsing = false
    private var needsFlush = false
    private var isFlushPlanned = false
    private var isReadHeld = false
    private var isClosing = false
    private var isInputClosed = false
    private var deadline: NIODeadline
    private var phase = Phase.idle
    private var bufferedAtDeadline = 0

    /// What the deadline is for.
    private enum Phase { case idle, head, body, answering, flushing, lingering }

    init(
        state: LoopState, limits: HTTPLimits, handler: any RequestHandler, log: AccessLog?, peer: SharedPeer
    ) {
        self.state = state
        self.limits = limits
        self.handler = handler
        self.log = log
        parser = RequestParser(limits: limits)
        sharedPeer = peer
        deadline = .now() + limits.idleTime
    }

    /// As the channel says it; asking the channel itself costs more, and it is asked several times for each request.
    private(set) var isWritable = true
    private(set) lazy var remoteAddress = context?.channel.remoteAddress
    var peer: ConnectionPeer { sharedPeer.value }
    var discardLimit: Int { limits.discardedBody }
    var closesSoon: Bool { isClosing || state.isDraining }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        state.connections[ObjectIdentifier(self)] = self
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        state.connections[ObjectIdentifier(self)] = nil
        self.context = nil
        isWritable = false
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.connections[ObjectIdentifier(self)] = nil
        waiting = ByteBuffer()
        if let exchange {
            self.exchange = nil
            // The exchange knows its client only as long as it has its connection.
            if log != nil { _ = exchange.client }
            exchange.cancel()
            log?.record(exchange, completed: exchange.responseEnded)
        }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        var bytes = unwrapInboundIn(data)
        if isEnding {
            lingering += bytes.readableBytes
            if lingering > limits.lingerBytes { context.close(promise: nil) }
            return
        }
        if phase == .body { deadline = .now() + limits.bodyTime }
        if waiting.readableBytes == 0 {
            waiting = bytes
        } else {
            waiting.discardReadBytes()
            waiting.writeBuffer(&bytes)
        }
        processWaiting()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        planFlush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if wantsBytes { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            exchange?.onWritable?()
            if exchange == nil { processWaiting() }
            if !isReading { flushIfNeeded() }
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that has sent everything and closed its side still waits for its answers.
        if case ChannelEvent.inputClosed = event {
            isInputClosed = true
            if phase == .lingering {
                context.close(promise: nil)
            } else if let exchange, exchange.requestEnded {
                if waiting.readableBytes == 0 { exchange.clientClosed() }
            } else {
                processWaiting()
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !isClosing { context.close(promise: nil) }
    }

    /// Bytes have come in; if no request is under way they begin one.
    func bytesArrived() {
        guard phase == .idle, exchange == nil, waiting.readableBytes == 0 else { return }
        phase = .head
        deadline = .now() + limits.headTime
    }

    // MARK: Requests

    /// Nothing that still comes in is looked at.
    private var isEnding: Bool { phase == .flushing || phase == .lingering }

    private var wantsBytes: Bool {
        if phase == .lingering { return true }
        // A handler that answers while it reads wants the rest, also on a connection that ends with its answer.
        guard !isClosing || exchange?.wantsBody == true else { return false }
        guard let exchange else { return isWritable }
        // Behind a complete request one more read may come in and wait here. To stop reading and start again costs two
        // system calls, so only a client that pipelines pays for that.
        return exchange.requestEnded ? waiting.readableBytes == 0 : !exchange.isBodyPaused
    }

    /// Whether what waits is parsed now. One exchange at a time; the next one begins when the client takes its answer.
    private var wantsParts: Bool {
        if isEnding { return false }
        guard let exchange else { return isWritable && !isClosing }
        return !exchange.requestEnded && !exchange.isBodyPaused
    }

    /// Takes up what has come in. A loop, not a recursion: a client may have sent thousands of requests.
    private func processWaiting() {
        guard !isParsing else { return }
        isParsing = true
        defer { isParsing = false }
        do {
            while wantsParts {
                guard let part = try parser.next(&waiting) else {
                    try needBytes()
                    break
                }
                process(part)
            }
        } catch {
            failed(ServerProblem(error as? HTTPSyntaxError ?? .malformed))
        }
        if waiting.readableBytes == 0 {
            // The channel reads into the same memory again if nobody else has it.
            waiting = ByteBuffer()
        } else if exchange == nil, !isWritable {
            awaitReader()
        }
        resumeReading()
    }

    /// Everything that has come in is parsed, up to a part that is incomplete.
    private func needBytes() throws {
        if isInputClosed {
            try parser.finish(waiting)
            closeAfterFlush()
        } else if waiting.readableBytes > 0 || parser.isWithinHead {
            // Little may hold on to much: to a buffer that was read whole.
            if waiting.readableBytes * 2 < waiting.storageCapacity {
                waiting = ByteBuffer(bytes: waiting.readableBytesView)
            }
            guard phase == .idle else { return }
            phase = .head
            deadline = .now() + limits.headTime
        }
    }

    /// Nothing behind malformed bytes can be trusted.
    private func failed(_ problem: ServerProblem) {
        guard let exchange else { return refuse(problem) }
        if exchange.responseEnded {
            closeAfterFlush()
        } else if exchange.responseStarted {
            context?.close(promise: nil)
        } else {
            fail(exchange, problem)
        }
    }

    private func process(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            begin(head)
        case .body(let bytes):
            guard let exchange else { return }
            if !exchange.received(bytes, discardLimit: limits.discardedBody) {
                isClosing = true
                if exchange.responseEnded { closeAfterFlush() }
            }
        case .end(let trailers):
            guard let exchange, !exchange.requestEnded else { return }
            // First, because the handler may answer at once, and the phase is then the next one's.
            phase = .answering
            exchange.receivedEnd(trailers: trailers)
            finishIfDone(exchange)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        let now = NIODeadline.now()
        var head = head
        var summary = parser.takeSummary()
        // RFC 9110 §10.1.1: an HTTP/1.0 client knows no interim answers, whatever it asks for.
        if head.version.minor == 0 { summary.expectsContinue = false }
        if let target = summary.originForm(of: head.uri) { head.uri = target }
        let exchange = Exchange(head: head, summary: summary, connection: self, arrived: now)
        self.exchange = exchange
        if summary.hasBody {
            phase = .body
            deadline = now + limits.bodyTime
        } else {
            phase = .answering
        }
        if let problem = ServerProblem(head: head, summary: summary, limits: limits) {
            fail(exchange, problem)
        } else if ServerOptions.isAsked(head) {
            ServerOptions.answer(exchange)
        } else {
            handler.receive(exchange)
        }
    }

    /// Answers with an error and closes: after a malformed request the next one cannot be told apart from its rest.
    private func fail(_ exchange: Exchange, _ problem: ServerProblem) {
        isClosing = true
        exchange.note = AnswerNote(source: "server", detail: problem.code)
        let answer = problem.answer
        exchange.respond(answer.head, body: answer.body)
        closeAfterFlush()
    }

    private func refuse(_ problem: ServerProblem) {
        isClosing = true
        let answer = problem.answer
        send(answer.head, late: nil, content: answer.body, chunked: false, closes: true)
        closeAfterFlush()
    }

    // MARK: Responses

    /// Content up to this size is copied behind its head, so that both are one write; more goes beside it.
    private static let smallContent = 2048

    func send(_ head: ResponseHead, late: LateFields?, content: ByteBuffer?, chunked: Bool, closes: Bool) {
        guard let context else { return }
        let small = content.map { $0.readableBytes <= HTTPConnection.smallContent } ?? false
        let buffer = state.filledBuffer { buffer in
            buffer.writeImmutableBuffer(head.bytes)
            buffer.writeBytes(atMost: HTTPConnection.endSize) { out in
                if let late { out.add(late) }
                if !head.hasDate { out.add(state.dateLine) }
                endHead(&out, chunked: chunked, closes: closes)
            }
            if let content, small { buffer.writeImmutableBuffer(content) }
        }
        context.write(wrapOutboundOut(buffer), promise: nil)
        if let content, !small { context.write(wrapOutboundOut(content), promise: nil) }
        needsFlush = true
    }

    func send(_ status: Int, _ headers: Headers, ray: String?, length: Int?, content: [UInt8], closes: Bool) {
        guard let context else { return }
        let small = content.count <= HTTPConnection.smallContent
        let buffer = state.filledBuffer { buffer in
            let size = ResponseHead.size(headers, ray: ray) + HTTPConnection.endSize
            buffer.writeBytes(atMost: size + (small ? content.count : 0)) { out in
                ResponseHead.write(status, headers, ray: ray, length: length, to: &out)
                out.add(state.dateLine)
                endHead(&out, chunked: false, closes: closes)
                if small { out.add(content) }
            }
        }
        context.write(wrapOutboundOut(buffer), promise: nil)
        if !small { context.write(wrapOutboundOut(ByteBuffer(bytes: content)), promise: nil) }
        needsFlush = true
    }

    /// The fields that depend on the connection, and the end of the head.
    private func endHead(_ out: inout ByteWriter, chunked: Bool, closes: Bool) {
        if chunked { out.add("transfer-encoding: chunked\r\n" as StaticString) }
        if closes {
            isClosing = true
            out.add("connection: close\r\n\r\n" as StaticString)
        } else if let exchange, exchange.head.version.major == 1, exchange.head.version.minor == 0 {
            out.add("connection: keep-alive\r\n\r\n" as StaticString)
        } else {
            out.add("\r\n" as StaticString)
        }
    }

    /// An upper bound of what comes behind the fields of a response: `Date`, `Age`, `Cache-Status` and the framing.
    private static let endSize = 256

    func send(_ part: ByteBuffer, chunked: Bool) {
        guard let context else { return }
        if chunked {
            var line = context.channel.allocator.buffer(capacity: 16)
            line.writeString(String(part.readableBytes, radix: 16))
            line.writeStaticString("\r\n")
            context.write(wrapOutboundOut(line), promise: nil)
            context.write(wrapOutboundOut(part), promise: nil)
            context.write(wrapOutboundOut(ByteBuffer(staticString: "\r\n")), promise: nil)
        } else {
            context.write(wrapOutboundOut(part), promise: nil)
        }
        needsFlush = true
    }

    func sendEnd(trailers: HTTPHeaders?) {
        guard let context else { return }
        needsFlush = true
        guard let trailers, !trailers.isEmpty else {
            context.write(wrapOutboundOut(ByteBuffer(staticString: "0\r\n\r\n")), promise: nil)
            return
        }
        var buffer = ByteBuffer(staticString: "0\r\n")
        buffer.writeFields(trailers)
        context.write(wrapOutboundOut(buffer), promise: nil)
    }

    func sendInterim(_ status: Int, _ headers: HTTPHeaders) {
        var buffer = ByteBuffer()
        buffer.writeBytes(atMost: 64) { $0.addStatus(status) }
        buffer.writeFields(headers)
        context?.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    func responseEnded(_ exchange: Exchange) {
        finishIfDone(exchange)
        // A body that nobody will read may be long: after the answer only a little more is taken.
        if self.exchange === exchange, isClosing, exchange.summary.hasBody { closeAfterFlush() }
        if !isReading { planFlush() }
    }

    /// What is written within one turn of the loop goes out together: a head and the content that is there already are one
    /// system call.
    func flushSoon() { if !isReading { planFlush() } }

    private func planFlush() {
        guard needsFlush, !isFlushPlanned else { return }
        isFlushPlanned = true
        state.flushLater(self)
    }

    func abort() {
        context?.flush()
        context?.close(promise: nil)
    }

    func flushIfNeeded() {
        isFlushPlanned = false
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    private func finishIfDone(_ exchange: Exchange) {
        guard exchange.requestEnded, exchange.responseEnded, self.exchange === exchange else { return }
        self.exchange = nil
        log?.record(exchange, completed: true)
        let closes = closesSoon || exchange.closesAfterResponse
        exchange.ended()
        if closes {
            closeAfterFlush()
            return
        }
        phase = .idle
        deadline = .now() + limits.idleTime
        processWaiting()
    }

    /// What waits is answered once the client has read what it has. It may take its time, but not stand still.
    private func awaitReader() {
        phase = .idle
        deadline = .now() + limits.writeTime
    }

    func resumeReading() {
        // A handler that paused may have left something here: bytes, or only the end of a body whose last byte it has.
        let isWithinBody = exchange.map { !$0.requestEnded } ?? false
        if isWithinBody || waiting.readableBytes > 0, !isParsing, wantsParts { return processWaiting() }
        guard isReadHeld, wantsBytes else { return }
        isReadHeld = false
        context?.read()
    }

    // MARK: Ending

    /// Closes once everything written is with the kernel.
    ///
    /// Where the client may still be sending, only our side closes at first: a full close would answer its bytes with a
    /// reset, which can overtake the response (RFC 9112 §9.6).
    private func closeAfterFlush() {
        guard !isEnding, let context else { return }
        let mayStillSend = exchange.map { !$0.requestEnded } ?? (phase == .head || waiting.readableBytes > 0)
        isClosing = true
        waiting = ByteBuffer()
        needsFlush = false
        phase = .flushing
        deadline = .now() + limits.writeTime
        // An empty write completes when everything before it is with the kernel.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { [self] _ in
            guard let context = self.context else { return }
            guard mayStillSend, !isInputClosed else {
                context.close(promise: nil)
                return
            }
            phase = .lingering
            deadline = .now() + limits.lingerTime
            context.close(mode: .output, promise: nil)
            resumeReading()
        }
    }

    func drain() {
        if state.closesIdle, exchange == nil, phase != .head { closeAfterFlush() }
    }

    func sweep(now: NIODeadline) {
        guard let context else { return }
        switch phase {
        case .answering:
            // The handler takes the time it needs; a client that does not read its answer may not.
            if isWritable {
                deadline = now + limits.writeTime
            } else if now >= deadline {
                closeIfStuck(context, now: now)
            }
        case .idle, .flushing:
            if now >= deadline { closeIfStuck(context, now: now) }
        case .lingering:
            if now >= deadline { context.close(promise: nil) }
        case .head:
            if now >= deadline { refuse(.headTimeout) }
        case .body:
            guard now >= deadline else { return }
            if let exchange, exchange.isBodyPaused {
                deadline = now + limits.bodyTime
            } else {
                context.close(promise: nil)
            }
        }
    }

    /// Closes unless the client has read something since the last deadline.
    private func closeIfStuck(_ context: ChannelHandlerContext, now: NIODeadline) {
        let buffered = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if buffered > 0, buffered != bufferedAtDeadline {
            bufferedAtDeadline = buffered
            deadline = now + limits.writeTime
        } else {
            context.close(promise: nil)
        }
    }
}
