import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2
import Workers

/// One request of an HTTP/2 connection and its response. Confined to the event loop of the connection.
final class HTTP2Stream: ExchangeConnection {
    /// Response bytes that wait to be sent before the handler is told to pause, and to how many they have to fall.
    private static let mark = (high: 64 * 1024, low: 32 * 1024)

    /// A part of the request's body.
    private enum Part {
        case bytes(ByteBuffer)
        case end(trailers: HTTPHeaders?)
    }

    let id: HTTP2StreamID
    let state: LoopState
    let remoteAddress: SocketAddress?
    let peer: ConnectionPeer
    let discardLimit: Int
    private(set) var isWritable = true
    /// `nil` once the stream is closed.
    private var connection: HTTP2Connection?
    private var exchange: Exchange?
    private let limits: HTTPLimits
    private var window: ReceiveWindow
    /// What has come in while the handler paused.
    private var waiting = CircularBuffer<Part>(initialCapacity: 1)
    private var isDelivering = false
    /// More has come in than anybody wants.
    private var refusesRest = false
    /// Held back until it is known whether content follows.
    private var waitingHead: HPACKHeaders?
    private var unwritten = 0
    private var sentEnd = false
    /// Whether the end of the response has left for the socket.
    private var endLeft = false
    private var hasRequestEnded = false
    private var bodyDeadline: NIODeadline
    private var writeDeadline: NIODeadline

    init(_ id: HTTP2StreamID, of connection: HTTP2Connection, limits: HTTPLimits) {
        self.id = id
        self.connection = connection
        self.limits = limits
        state = connection.state
        remoteAddress = connection.remoteAddress
        peer = connection.peer.value
        discardLimit = limits.discardedBody
        window = ReceiveWindow(target: limits.http2.streamWindow)
        bodyDeadline = .now() + limits.bodyTime
        writeDeadline = .distantFuture
    }

    var closesSoon: Bool { connection?.isLeaving ?? true }

    // MARK: The request

    func begin(_ request: HTTP2Request, endsStream: Bool, handler: any RequestHandler) {
        let exchange = Exchange(head: request.head, summary: request.summary, connection: self, arrived: .now())
        self.exchange = exchange
        if let problem = request.problem {
            exchange.note = AnswerNote(source: "server", detail: problem.code)
            let answer = problem.answer
            exchange.respond(answer.head, body: answer.body)
        } else if ServerOptions.isAsked(request.head) {
            ServerOptions.answer(exchange)
        } else {
            handler.receive(exchange)
        }
        if endsStream { receivedEnd(trailers: nil) }
    }

    func received(_ bytes: ByteBuffer, endsStream: Bool) {
        bodyDeadline = .now() + limits.bodyTime
        if bytes.readableBytes > 0 { received(.bytes(bytes)) }
        if endsStream { receivedEnd(trailers: nil) }
    }

    func receivedEnd(trailers: HTTPHeaders?) {
        hasRequestEnded = true
        received(.end(trailers: trailers))
    }

    private func received(_ part: Part) {
        guard let exchange else { return }
        if exchange.isBodyPaused || !waiting.isEmpty || isDelivering {
            if case .bytes(let bytes) = part { hold(bytes.readableBytes) }
            waiting.append(part)
        } else {
            deliver(part, to: exchange)
        }
    }

    private func deliver(_ part: Part, to exchange: Exchange) {
        switch part {
        case .bytes(let bytes):
            guard !refusesRest, !exchange.received(bytes, discardLimit: limits.discardedBody) else { return }
            refusesRest = true
            window.isClosed = true
            refuseRestIfAnswered()
        case .end(let trailers):
            guard !exchange.requestEnded else { return }
            exchange.receivedEnd(trailers: trailers)
            finishIfDone(exchange)
        }
    }

    func resumeReading() {
        guard !waiting.isEmpty, !isDelivering else { return }
        isDelivering = true
        while let exchange, !exchange.isBodyPaused, let part = waiting.popFirst() {
            if case .bytes(let bytes) = part { release(bytes.readableBytes) }
            deliver(part, to: exchange)
        }
        isDelivering = false
        if !hasRequestEnded { bodyDeadline = .now() + limits.bodyTime }
    }

    /// The client has its answer and need not send the rest (RFC 9113 §8.1).
    private func refuseRestIfAnswered() {
        guard refusesRest, endLeft, !hasRequestEnded else { return }
        reset(.noError)
    }

    // MARK: Flow control

    private func hold(_ bytes: Int) {
        window.hold(bytes)
        connection?.hold(bytes)
    }

    private func release(_ bytes: Int) {
        if let increment = window.release(bytes), !hasRequestEnded { connection?.giveWindow(increment, to: id) }
        connection?.release(bytes)
    }

    /// - Parameters:
    ///   - inbound: what the client may send yet; `nil` when it has sent everything.
    func windowChanged(inbound: Int?) {
        // Something of the response has gone out, or may.
        if writeDeadline != .distantFuture { writeDeadline = .now() + limits.writeTime }
        guard let inbound, !hasRequestEnded, let increment = window.changed(to: inbound) else { return }
        connection?.giveWindow(increment, to: id)
    }

    // MARK: The response

    func send(_ head: ResponseHead, late: LateFields?, content: ByteBuffer?, chunked: Bool, closes: Bool) {
        guard let connection else { return }
        let fields = HTTP2Fields.response(head, late: late, date: state.date, indexes: connection.indexes)
        guard let content, content.readableBytes > 0 else {
            waitingHead = fields
            return
        }
        sendHead(fields, ends: false)
        sendData(content, ends: true)
    }

    func send(_ status: Int, _ headers: Headers, ray: String?, length: Int?, content: [UInt8], closes: Bool) {
        guard let connection else { return }
        let fields = HTTP2Fields.response(
            status, headers, ray: ray, length: length, date: state.date, indexes: connection.indexes)
        sendHead(fields, ends: content.isEmpty)
        if !content.isEmpty { sendData(ByteBuffer(bytes: content), ends: true) }
    }

    func send(_ part: ByteBuffer, chunked: Bool) {
        sendWaitingHead()
        sendData(part, ends: false)
    }

    func sendEnd(trailers: HTTPHeaders?) {
        guard let trailers, !trailers.isEmpty, let connection else { return }
        sendWaitingHead()
        let fields = HTTP2Fields.trailers(trailers, indexes: connection.indexes)
        if !fields.isEmpty { sendHead(fields, ends: true) }
    }

    func sendInterim(_ status: Int, _ headers: HTTPHeaders) {
        guard let connection else { return }
        sendHead(HTTP2Fields.interim(status, headers, indexes: connection.indexes), ends: false)
        connection.flushSoon()
    }

    func responseEnded(_ exchange: Exchange) {
        if let head = waitingHead {
            waitingHead = nil
            sendHead(head, ends: true)
        } else if !sentEnd {
            sendData(ByteBuffer(), ends: true)
        }
        finishIfDone(exchange)
        connection?.flushLater()
    }

    func flushSoon() {
        sendWaitingHead()
        connection?.flushSoon()
    }

    func abort() {
        connection?.flushIfNeeded()
        reset(.internalError)
    }

    private func sendWaitingHead() {
        guard let head = waitingHead else { return }
        waitingHead = nil
        sendHead(head, ends: false)
    }

    private func sendHead(_ fields: HPACKHeaders, ends: Bool) {
        send(.headers(.init(headers: fields, endStream: ends)), size: 0, ends: ends)
    }

    private func sendData(_ bytes: ByteBuffer, ends: Bool) {
        send(.data(.init(data: .byteBuffer(bytes), endStream: ends)), size: bytes.readableBytes, ends: ends)
    }

    private func send(_ payload: HTTP2Frame.FramePayload, size: Int, ends: Bool) {
        guard let connection, !sentEnd else { return }
        guard size > 0 || ends else { return connection.write(id, payload) }
        if writeDeadline == .distantFuture { writeDeadline = .now() + limits.writeTime }
        if ends { sentEnd = true }
        connection.sent(content: size)
        unwritten += size
        if unwritten > HTTP2Stream.mark.high { isWritable = false }
        connection.write(id, payload) { [self] in
            unwritten -= size
            if ends { endLeft = true }
            if unwritten == 0, !sentEnd { writeDeadline = .distantFuture }
            refuseRestIfAnswered()
            guard !isWritable, unwritten <= HTTP2Stream.mark.low else { return }
            isWritable = true
            exchange?.onWritable?()
        }
    }

    // MARK: Ending

    private func finishIfDone(_ exchange: Exchange) {
        guard exchange.requestEnded, exchange.responseEnded, self.exchange === exchange else { return }
        self.exchange = nil
        connection?.log?.record(exchange, completed: true)
        exchange.ended()
    }

    /// Ends in the middle.
    func reset(_ code: HTTP2ErrorCode) {
        guard let connection else { return }
        connection.write(id, .rstStream(code))
        connection.flushSoon()
        // Usually the library has said so by now.
        connection.closed(id)
    }

    /// Nothing more can be read or written.
    func closed() {
        guard let connection else { return }
        self.connection = nil
        isWritable = false
        connection.release(window.held)
        waiting.removeAll()
        guard let exchange else { return }
        self.exchange = nil
        exchange.cancel()
        connection.log?.record(exchange, completed: exchange.responseEnded)
    }

    /// The client has closed its side of the whole connection.
    func clientClosed() {
        if hasRequestEnded { exchange?.clientClosed() } else { reset(.cancel) }
    }

    func sweep(now: NIODeadline) {
        if !hasRequestEnded {
            if exchange?.isBodyPaused == true || !waiting.isEmpty {
                bodyDeadline = now + limits.bodyTime
            } else if now >= bodyDeadline {
                return reset(endLeft ? .noError : .cancel)
            }
        }
        if now >= writeDeadline { reset(.cancel) }
    }
}
