import EdgeServer
import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#endif

/// One request on its way to the edge and back. Confined to the event loop of its client.
///
/// It may wait at the gate, lose its edge, and go to the next one: a request that never reached an edge always, one that did
/// only if repeating it is harmless (RFC 9110 §9.2.2) and no byte of an answer has come.
final class RelayedRequest {
    private let relay: EdgeRelay
    private let exchange: Exchange
    private let head: HTTPRequestHead
    private let isRepeatable: Bool
    private let deadline: NIODeadline
    private var repetition = Repetition()
    private var upstream: GateState.Upstream?
    private var ticket: Int?
    private var timeout: Scheduled<Void>?
    private var connection: UpstreamConnection?
    /// What came of the body before there was a connection to send it on.
    private var parts: [ByteBuffer] = []
    private var bodyEnded = false
    private var isOver = false
    private var responseStarted = false
    /// An answer that may turn out to be complete within one read, and then goes out in one write.
    private var held: (head: ResponseHead, body: ByteBuffer?)?
    /// Collects for a client of HTTP/1.0, which understands no chunks.
    private var collected: (head: HTTPResponseHead, body: ByteBuffer)?

    init(_ exchange: Exchange, relay: EdgeRelay) {
        self.exchange = exchange
        self.relay = relay
        head = RelayedFields.request(exchange.head)
        isRepeatable =
            (exchange.head.method == .GET || exchange.head.method == .HEAD) && !RelayedFields.hasBody(exchange.head)
        deadline = .now() + relay.patience
    }

    func begin() {
        exchange.onCancel = { self.cancel() }
        // Nothing of the body is read before there is somebody to send it to.
        exchange.isBodyPaused = RelayedFields.hasBody(exchange.head)
        exchange.streamBody { self.received($0) }
        enter()
    }

    // MARK: The gate

    private func enter() {
        guard !isOver else { return }
        let bound = NIOLoopBound(self, eventLoop: relay.loop)
        let loop = relay.loop
        let admission = relay.gate.enter { loop.execute { bound.value.admitted() } }
        switch admission {
        case .pass(let upstream): connect(upstream)
        case .full:
            refuse(503, "edge_busy", "Too many requests wait for the edge to come back.", retryAfter: 1)
        case .down(let outage):
            finish()
            relay.outage(outage, exchange)
        case .hold(let ticket):
            self.ticket = ticket
            timeout = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.timedOut() }
        }
    }

    private func admitted() {
        ticket = nil
        timeout?.cancel()
        timeout = nil
        enter()
    }

    private func timedOut() {
        guard let ticket else { return }
        self.ticket = nil
        relay.gate.leave(ticket: ticket)
        refuse(503, "edge_not_ready", "The edge did not come back in time.", retryAfter: 5)
    }

    private func connect(_ upstream: GateState.Upstream) {
        self.upstream = upstream
        relay.pool.lease(upstream) { [self] result in
            switch result {
            case .success(let connection):
                if isOver { relay.pool.giveBack(connection) } else { send(on: connection) }
            case .failure(let error as IOError) where error.errnoCode == ECONNREFUSED || error.errnoCode == ENOENT:
                // That edge has gone. Nothing was sent, so any request may wait for the next.
                relay.gate.lost(upstream)
                enter()
            case .failure:
                // A dying edge still has its socket for a moment. Nothing was sent, so any request may try again.
                again(or: "edge_unreachable", "The edge could not be reached.")
            }
        }
    }

    // MARK: The request's body

    private func send(on connection: UpstreamConnection) {
        self.connection = connection
        connection.begin(self, head: head)
        for part in parts { connection.write(part) }
        parts = []
        if bodyEnded {
            connection.end()
        } else {
            connection.flush()
            exchange.isBodyPaused = !connection.isWritable
        }
    }

    private func received(_ event: Exchange.BodyEvent) {
        guard !isOver else { return }
        switch event {
        case .bytes(let bytes):
            guard let connection else { return parts.append(bytes) }
            connection.write(bytes)
            connection.flush()
            if !connection.isWritable { exchange.isBodyPaused = true }
        case .end:
            bodyEnded = true
            connection?.end()
        case .failed:
            cancel()
        }
    }

    func upstreamWritabilityChanged(_ isWritable: Bool) {
        if isWritable, !bodyEnded { exchange.isBodyPaused = false }
    }

    // MARK: The response

    func received(_ upstream: HTTPResponseHead) {
        responseStarted = true
        let length = upstream.headers.first(name: "content-length").flatMap { Int($0) }
        let hasNoContent =
            exchange.head.method == .HEAD || upstream.status == .notModified || upstream.status == .noContent
        if length == nil, !hasNoContent, exchange.head.version == .http1_0 {
            collected = (upstream, ByteBuffer())
            return
        }
        let head = ResponseHead(
            status: Int(upstream.status.code), headers: RelayedFields.response(upstream.headers), contentLength: length)
        if length != nil || hasNoContent {
            held = (head, nil)
            expected = hasNoContent ? 0 : length ?? 0
        } else {
            exchange.start(head, chunked: true)
        }
    }

    private var expected = 0

    func received(_ bytes: ByteBuffer) {
        if collected != nil {
            collected?.body.writeImmutableBuffer(bytes)
        } else if let held, held.body == nil, bytes.readableBytes == expected {
            self.held?.body = bytes
        } else {
            startHeld()
            exchange.write(bytes)
        }
    }

    func receivedEnd() {
        finish()
        if let held {
            self.held = nil
            exchange.respond(held.head, body: held.body)
        } else if let collected {
            self.collected = nil
            let head = ResponseHead(
                status: Int(collected.head.status.code), headers: RelayedFields.response(collected.head.headers),
                contentLength: collected.body.readableBytes)
            exchange.respond(head, body: collected.body)
        } else {
            exchange.end()
        }
        exchange.isBodyPaused = false
    }

    /// Sends the head that was kept back, since its content does not come at once.
    private func startHeld() {
        guard let held else { return }
        self.held = nil
        exchange.start(held.head, chunked: false)
        if let body = held.body { exchange.write(body) }
    }

    /// One read of the edge's answer is through.
    ///
    /// - Returns: whether the next one may follow; otherwise it does once the client has taken what there is.
    func takesBytes() -> Bool {
        if !isOver { startHeld() }
        guard !isOver, responseStarted, collected == nil, !exchange.isWritable else { return true }
        exchange.onWritable = { [self] in
            exchange.onWritable = nil
            connection?.wantBytes()
        }
        return false
    }

    // MARK: Endings

    func release(_ connection: UpstreamConnection) {
        self.connection = nil
        relay.pool.giveBack(connection)
    }

    /// The edge went away while this request was on the connection.
    func upstreamClosed() {
        connection = nil
        guard !isOver else { return }
        if responseStarted {
            finish()
            exchange.abort()
        } else {
            let message = "The edge ended before it answered. What the request asked for may have happened."
            if isRepeatable { again(or: "edge_lost", message) } else { refuse(502, "edge_lost", message) }
        }
    }

    /// Goes back to the gate, or answers 502 when that has been tried enough.
    private func again(or code: String, _ message: String) {
        guard let upstream, let delay = repetition.delay(afterLossOf: upstream.generation) else {
            return refuse(502, code, message)
        }
        timeout = relay.loop.assumeIsolated().scheduleTask(in: delay) { self.admitted() }
    }

    /// Lets go of everything that holds on to this request.
    private func finish() {
        isOver = true
        timeout?.cancel()
        timeout = nil
        exchange.onCancel = nil
        exchange.onWritable = nil
    }

    private func cancel() {
        guard !isOver else { return }
        finish()
        if let ticket { relay.gate.leave(ticket: ticket) }
        ticket = nil
        // The edge learns from the closed connection that nobody waits any more.
        connection?.close()
        connection = nil
    }

    private func refuse(_ status: Int, _ code: String, _ message: String, retryAfter: Int? = nil) {
        guard !isOver else { return }
        finish()
        relay.refuse(exchange, status: status, code: code, message: message, retryAfter: retryAfter)
        exchange.isBodyPaused = false
    }
}
