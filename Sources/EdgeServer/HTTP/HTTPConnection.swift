import NIOCore
import NIOHTTP1
import Workers

/// One HTTP/1.1 connection: requests in, responses out in the same order, one exchange at a time.
///
/// Requests that a client pipelines behind the current one wait here, and the socket is not read while they do, so a
/// connection holds at most two read buffers of them. They also wait while the client does not read the answers it has.
final class HTTPConnection: ChannelDuplexHandler, ExchangeConnection, LoopConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let state: LoopState
    private let limits: HTTPLimits
    private let handler: any RequestHandler
    private let log: AccessLog?
    private let clients: ClientRules
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 4)
    /// An error of the parser that is answered once everything before it has been.
    private var failure: ServerProblem?
    private var isReading = false
    private var isDrainingQueue = false
    private var needsFlush = false
    private var isReadHeld = false
    private var isClosing = false
    private var isInputClosed = false
    private var deadline: NIODeadline
    private var phase = Phase.idle
    private var bufferedAtDeadline = 0

    /// What the deadline is for.
    private enum Phase { case idle, head, body, answering, flushing, lingering }

    init(
        state: LoopState, limits: HTTPLimits, handler: any RequestHandler, log: AccessLog?,
        clients: ClientRules = .direct
    ) {
        self.state = state
        self.limits = limits
        self.handler = handler
        self.log = log
        self.clients = clients
        deadline = .now() + limits.idleTime
    }

    /// As the channel says it; asking the channel itself costs more, and it is asked several times for each request.
    private(set) var isWritable = true
    private(set) lazy var remoteAddress = context?.channel.remoteAddress
    private(set) lazy var peer = ConnectionPeer(remoteAddress, rules: clients, scheme: "http")
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
        waiting.removeAll()
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
        let part = unwrapInboundIn(data)
        if isEnding { return }
        if exchange?.requestEnded ?? (!waiting.isEmpty || !isWritable) {
            waiting.append(part)
            if exchange == nil { awaitReader() }
        } else {
            process(part)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if needsFlush { state.flushLater(self) }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if wantsBytes { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        if isWritable {
            exchange?.onWritable?()
            if exchange == nil, !isClosing { processWaiting() }
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
            } else if let exchange {
                if waiting.isEmpty { exchange.clientClosed() }
            } else if waiting.isEmpty, failure == nil {
                closeAfterFlush()
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isClosing else { return }
        guard let problem = ServerProblem(parserError: error) else {
            context.close(promise: nil)
            return
        }
        if let exchange, !exchange.requestEnded {
            // Broken framing inside a body: nothing after it can be trusted.
            if exchange.responseEnded {
                closeAfterFlush()
            } else if exchange.responseStarted {
                context.close(promise: nil)
            } else {
                fail(exchange, problem)
            }
        } else if exchange != nil || !waiting.isEmpty {
            failure = problem
        } else {
            refuse(problem)
        }
    }

    /// A proxy in front has said who it is that connected.
    func stepBehind(_ header: ProxyHeader) { peer.stepBehind(header) }

    /// Bytes have come in; if no request is under way they begin one.
    func bytesArrived() {
        guard phase == .idle, exchange == nil, waiting.isEmpty else { return }
        phase = .head
        deadline = .now() + limits.headTime
    }

    // MARK: Requests

    /// Nothing that still comes in is looked at.
    private var isEnding: Bool { phase == .flushing || phase == .lingering }

    private var wantsBytes: Bool {
        if phase == .lingering { return true }
        // A handler that answers while it reads wants the rest, also on a connection that ends with its answer.
        guard failure == nil, !isClosing || exchange?.wantsBody == true else { return false }
        guard let exchange else { return waiting.isEmpty && isWritable }
        // Behind a complete request one more read may come in and wait here. To stop reading and start again costs two
        // system calls, so only a client that pipelines pays for that.
        return exchange.requestEnded ? waiting.isEmpty : !exchange.isBodyPaused
    }

    private func process(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            guard !isClosing else { return }
            begin(head)
        case .body(let bytes):
            guard let exchange else { return }
            deadline = .now() + limits.bodyTime
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
        var summary = RequestSummary(head.headers)
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
        if !isReading, needsFlush { state.flushLater(self) }
    }

    func flushSoon() { if !isReading { flushIfNeeded() } }

    func abort() {
        context?.flush()
        context?.close(promise: nil)
    }

    func flushIfNeeded() {
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

    /// Takes up what was pipelined. A loop, not a recursion: a client may have sent thousands of requests.
    private func processWaiting() {
        guard !isDrainingQueue else { return }
        isDrainingQueue = true
        while let part = waiting.first, exchange.map({ !$0.requestEnded }) ?? (isWritable && !isClosing) {
            waiting.removeFirst()
            process(part)
        }
        isDrainingQueue = false
        if exchange == nil, !waiting.isEmpty { awaitReader() }
        if exchange == nil, waiting.isEmpty, !isClosing {
            if let failure {
                self.failure = nil
                refuse(failure)
            } else if isInputClosed {
                closeAfterFlush()
            }
        }
        resumeReading()
    }

    /// What waits is answered once the client has read what it has. It may take its time, but not stand still.
    private func awaitReader() {
        phase = .idle
        deadline = .now() + limits.writeTime
    }

    func resumeReading() {
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
        let mayStillSend = exchange.map { !$0.requestEnded } ?? (phase == .head || !waiting.isEmpty)
        isClosing = true
        waiting.removeAll()
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
