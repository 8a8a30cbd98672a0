import NIOCore
import NIOHTTP1

/// What the caller hears of a request: any number of interim heads, one head, its body, and its end; `failed` can come
/// instead of any of them. Nothing follows `end` and `failed`.
package enum UpstreamEvent {
    /// A 1xx response with its fields.
    case interim(HTTPResponseHead)
    case head(HTTPResponseHead)
    case body(ByteBuffer)
    case end(trailers: HTTPHeaders?)
    case failed(UpstreamFailure)
}

/// One request on its way to the origin and its response. Confined to the event loop of its pool.
package final class UpstreamCall {
    /// What can be sent of the request's body, and what the caller has given of it.
    private struct Sending {
        var queued: [ByteBuffer] = []
        var bytes = 0
        var hasBegun = false
        var hasEnded = false
        var trailers: HTTPHeaders?
        /// Nobody wants the rest: the response is there, or there will be none.
        var isStopped = false
    }

    let request: UpstreamRequest
    let head: UpstreamRequestHead
    private let pool: UpstreamPool
    private var receive: ((UpstreamEvent) -> Void)?
    private var connection: UpstreamConnection?
    private var sending = Sending()
    /// Events that wait until the caller takes them.
    private var pending: [UpstreamEvent] = []
    /// Until `UpstreamPool.send` has returned: the caller should have the call before it hears of it.
    private var isHeld = true
    private var isDelivering = false
    private var isOver = false

    /// Until then it must have a connection.
    var deadline = NIODeadline.distantFuture
    /// Whether a connection is being opened for it.
    var hasAttempt = false
    /// Whether it runs on a connection that served another request before.
    package internal(set) var isReused = false
    /// Whether it was sent again, because a kept connection was dead.
    package internal(set) var isRetried = false

    /// Called when the origin takes more of the body after `isWritable` was false, and when it wants no more of it.
    package var onWritable: (() -> Void)?

    init(
        request: UpstreamRequest, head: UpstreamRequestHead, pool: UpstreamPool,
        receive: @escaping (UpstreamEvent) -> Void
    ) {
        self.request = request
        self.head = head
        self.pool = pool
        self.receive = receive
        if case .stream = request.body {} else { sending.hasEnded = true }
    }

    // MARK: The request's body

    /// Whether the origin takes more. It stays true for a body that nobody wants any more: its parts are then dropped.
    package var isWritable: Bool { sending.isStopped || (connection?.isWritable ?? false) }
    /// Whether parts of the body still go to the origin.
    package var isSending: Bool { !sending.isStopped && !sending.hasEnded }

    /// Sends a part of a streamed body. Parts that come before there is a connection wait for it.
    package func write(_ part: ByteBuffer) {
        guard isSending, part.readableBytes > 0 else { return }
        sending.bytes += part.readableBytes
        if case .length(let length) = head.framing, sending.bytes > length { return refuseBody() }
        if let connection {
            sending.hasBegun = true
            connection.write(part, chunked: head.framing == .chunked)
        } else {
            sending.queued.append(part)
        }
    }

    /// Ends a streamed body; trailers go with one of unknown length only.
    package func end(trailers: HTTPHeaders? = nil) {
        guard isSending else { return }
        if case .length(let length) = head.framing, sending.bytes != length { return refuseBody() }
        if let trailers, trailers.contains(where: { !UpstreamRequestHead.isToken($0.name) || $0.value.hasControls }) {
            return refuseBody()
        }
        sending.hasEnded = true
        sending.trailers = trailers
        if let connection {
            sending.hasBegun = true
            connection.end(trailers: trailers, chunked: head.framing == .chunked)
        }
    }

    /// What was announced and what came differ; the origin must not take the one for the other.
    private func refuseBody() {
        pool.abandon(self, connection)
        fail(.badRequest("its body is not what its head announced"))
    }

    // MARK: The response

    /// While true no event comes and the origin's socket is not read; what one turn of reading had brought waits.
    package var isPaused = false {
        didSet {
            guard !isPaused, oldValue else { return }
            deliverPending()
            connection?.resumeReading()
        }
    }

    /// Ends the request; no further event comes.
    package func cancel() {
        guard !isOver else { return }
        finish()
        pool.abandon(self, connection)
        connection = nil
    }

    /// Whether nothing more can come of it.
    var isFinished: Bool { isOver }

    /// Whether it can be sent once more, on another connection: nothing of its body is lost with this one.
    var canRepeat: Bool { request.isRepeatable && !isRetried && !sending.hasBegun && !isOver }

    /// It has a connection: what waits goes out. The head has been written.
    func began(on connection: UpstreamConnection) {
        self.connection = connection
        guard case .stream = request.body else { return }
        let isChunked = head.framing == .chunked
        let parts = sending.queued
        sending.queued = []
        if !parts.isEmpty || sending.hasEnded { sending.hasBegun = true }
        for part in parts { connection.write(part, chunked: isChunked) }
        if sending.hasEnded {
            connection.end(trailers: sending.trailers, chunked: isChunked)
        } else if connection.isWritable {
            notifyWritable()
        }
    }

    func notifyWritable() { if !isOver { onWritable?() } }

    /// The origin wants no more of the body.
    func stopSending() {
        guard isSending else { return }
        sending.isStopped = true
        sending.queued = []
    }

    /// The connection is lost, and another one will be tried.
    func detach() { connection = nil }

    /// The connection has done its part.
    func end(_ trailers: HTTPHeaders?) {
        connection = nil
        deliver(.end(trailers: trailers))
    }

    func fail(_ failure: UpstreamFailure) {
        connection = nil
        deliver(.failed(failure))
    }

    func deliver(_ event: UpstreamEvent) {
        guard !isOver else { return }
        if isHeld || isPaused || isDelivering || !pending.isEmpty {
            pending.append(event)
        } else {
            hand(event)
            // What the caller did meanwhile may have brought more.
            if !pending.isEmpty { deliverPending() }
        }
    }

    /// The caller has the call now.
    ///
    /// - Returns: whether something waits to be delivered.
    func release() -> Bool {
        isHeld = false
        return !pending.isEmpty
    }

    func deliverPending() {
        guard !isDelivering, !isHeld else { return }
        var next = 0
        while next < pending.count, !isPaused, !isOver {
            let event = pending[next]
            next += 1
            hand(event)
        }
        pending.removeFirst(min(next, pending.count))
    }

    private func hand(_ event: UpstreamEvent) {
        isDelivering = true
        defer { isDelivering = false }
        switch event {
        case .end, .failed:
            let receive = receive
            // A caller that waits to send more should learn that there is no point.
            let notify = isSending ? onWritable : nil
            finish()
            receive?(event)
            notify?()
        default: receive?(event)
        }
    }

    private func finish() {
        isOver = true
        sending.isStopped = true
        sending.queued = []
        pending = []
        receive = nil
        onWritable = nil
    }
}
