import NIOCore
import NIOHTTP1
import Workers

/// Answers requests on the event loop of their connection.
///
/// `receive` is called once for each request, when its head has arrived; it must not block. It answers at once or keeps the
/// exchange and answers later, always on the same event loop.
public protocol RequestHandler: AnyObject {
    func receive(_ exchange: Exchange)
}

/// One request and its response. Confined to the event loop of its connection.
///
/// The response is either complete (`respond`) or in parts (`start`, `write`, `end`). The request's body is swallowed unless
/// the handler asks for it with `collectBody` or `streamBody` before it returns from `receive`.
public final class Exchange {
    /// What the handler hears of the request's body.
    public enum BodyEvent {
        case bytes(ByteBuffer)
        /// Trailer fields follow a chunked body, and seldom that.
        case end(trailers: HTTPHeaders?)
        /// The body did not arrive whole: it was too large, too slow, or the client went away.
        case failed(BodyFailure)
    }

    public enum BodyFailure: Error, Sendable { case tooLarge, incomplete }

    public let head: HTTPRequestHead
    let summary: RequestSummary
    /// The `Host` field; empty if there is none. What the client asked for is in `client`.
    public var host: String { summary.host ?? "" }
    /// Set when the client has gone; the handler should stop its work.
    public var onCancel: (() -> Void)?
    /// Called when the socket takes more after `isWritable` was false.
    public var onWritable: (() -> Void)?
    /// Who answered and why, for the request log.
    public var note: AnswerNote?
    /// What the Worker was told as `CF-Ray`, for the request log.
    var ray: String?
    /// What a Worker used of its limits, and what was logged meanwhile, where somebody wants to know.
    var meter: RequestMeter?
    var trace: RequestTrace?

    enum BodyMode {
        case discard
        case collect(limit: Int, (Result<ByteBuffer, BodyFailure>) -> Void)
        case stream((BodyEvent) -> Void)
    }

    /// Until the exchange is over. The connection has its exchange for just as long, so the two always part.
    private var connection: (any ExchangeConnection)?
    let arrived: NIODeadline
    private(set) var requestEnded = false
    private(set) var responseEnded = false
    private(set) var responseStatus = 0
    private(set) var responseBytes = 0
    private var isChunked = false
    /// HTTP/1.0 has no chunks: only the end of the connection ends a response of unknown length.
    private var endsByClosing = false
    private var hasContent = true
    private var bodyMode = BodyMode.discard
    private var collected: ByteBuffer?
    /// Of the current mode; swallowed bytes are counted by themselves.
    private var bodyBytes = 0
    private var receivedBytes = 0
    private var sentContinue = false
    /// A streaming handler that cannot take more sets this; the socket is then not read.
    public var isBodyPaused = false { didSet { if !isBodyPaused { connection?.resumeReading() } } }

    init(head: HTTPRequestHead, summary: RequestSummary, connection: any ExchangeConnection, arrived: NIODeadline) {
        self.head = head
        self.summary = summary
        self.connection = connection
        self.arrived = arrived
    }

    /// The client's address as the socket has it, `nil` for a unix socket and once the exchange is over.
    public var remoteAddress: SocketAddress? { connection?.remoteAddress }
    /// Who sent the request, and under which URL. Worked out once, when somebody asks.
    package var client: ClientIdentity {
        if let identity { return identity }
        let found =
            connection?.peer.identity(head.headers, host: host)
            ?? ClientIdentity(address: "", scheme: "http", host: host)
        identity = found
        return found
    }
    private var identity: ClientIdentity?
    /// Whether the other end of the connection is a proxy that is believed.
    var isFromTrustedProxy: Bool { connection?.peer.isTrusted ?? false }
    public var isWritable: Bool { connection?.isWritable ?? false }
    var loopState: LoopState? { connection?.state }
    /// HTTP/1.0 and what came before: no chunks, no interim responses.
    private var isOld: Bool { head.version.major < 1 || head.version == .http1_0 }
    var responseStarted: Bool { responseStatus != 0 }
    /// Whether somebody reads the request's body.
    var wantsBody: Bool { if case .discard = bodyMode { false } else { true } }
    /// Whether nothing can be sent any more: the exchange is over, or the connection has gone.
    var isGone: Bool { connection == nil }

    // MARK: The response

    /// Sends a complete response.
    public func respond(_ responseHead: ResponseHead, body: ByteBuffer?) {
        respond(responseHead, late: nil, body: body)
    }

    /// - Parameter late: what a cache adds at the last moment.
    func respond(_ responseHead: ResponseHead, late: LateFields?, body: ByteBuffer?) {
        guard !responseStarted, let connection else { return }
        responseStatus = responseHead.status
        let content = head.method == .HEAD || !ResponseHead.hasContent(responseHead.status) ? nil : body
        responseBytes = content?.readableBytes ?? 0
        connection.send(responseHead, late: late, content: content, chunked: false, closes: closesAfterResponse)
        finishResponse()
    }

    /// Sends a complete response whose head was not made beforehand.
    ///
    /// - Parameters:
    ///   - ray: the value of `CF-Ray`, which is the host's own; `nil` leaves the field to `headers`.
    ///   - length: what `Content-Length` says; `nil` leaves it out.
    func respond(_ status: Int, _ headers: Headers, ray: String?, length: Int?, content: [UInt8]) {
        guard !responseStarted, let connection else { return }
        responseStatus = status
        let content = head.method == .HEAD || !ResponseHead.hasContent(status) ? [] : content
        responseBytes = content.count
        connection.send(status, headers, ray: ray, length: length, content: content, closes: closesAfterResponse)
        finishResponse()
    }

    /// Sends the head of a response whose content follows in parts.
    ///
    /// - Parameter chunked: whether the parts are framed as chunks; otherwise `head` carries their total length.
    public func start(_ responseHead: ResponseHead, chunked: Bool) { start(responseHead, late: nil, chunked: chunked) }

    func start(_ responseHead: ResponseHead, late: LateFields?, chunked: Bool) {
        guard !responseStarted, let connection else { return }
        responseStatus = responseHead.status
        hasContent = head.method != .HEAD && ResponseHead.hasContent(responseHead.status)
        isChunked = chunked && !isOld
        endsByClosing = chunked && isOld
        connection.send(responseHead, late: late, content: nil, chunked: isChunked, closes: closesAfterResponse)
        connection.flushSoon()
    }

    public func write(_ part: ByteBuffer) {
        guard hasContent, !responseEnded, part.readableBytes > 0, let connection else { return }
        responseBytes += part.readableBytes
        connection.send(part, chunked: isChunked)
        connection.flushSoon()
    }

    /// - Parameter trailers: fields behind the content; dropped where the framing has no place for them.
    public func end(trailers: HTTPHeaders? = nil) {
        guard responseStarted, !responseEnded else { return }
        if isChunked, hasContent { connection?.sendEnd(trailers: trailers) }
        finishResponse()
    }

    /// Sends an interim response before the final one (RFC 9110 §15.2). An HTTP/1.0 client gets none.
    ///
    /// - Parameter status: 100 or 102 to 199.
    public func inform(_ status: Int, _ headers: HTTPHeaders) {
        guard !responseStarted, !isOld, status != 101, (100..<200).contains(status) else { return }
        if status == 100 { sentContinue = true }
        connection?.sendInterim(status, headers)
    }

    /// Gives up: the rest of the response cannot be sent, which only a closed connection can tell (RFC 9112 §8).
    public func abort() {
        connection?.abort()
    }

    private func finishResponse() {
        responseEnded = true
        connection?.responseEnded(self)
    }

    /// A client that waits for 100 (Continue) and got a final answer may send the body or not: only closing is clear.
    /// Behind a wish to change the protocol, which this server never does, may come either protocol.
    var closesAfterResponse: Bool {
        !summary.keepsAlive(head.version) || endsByClosing || summary.wantsUpgrade || (connection?.closesSoon ?? true)
            || (summary.expectsContinue && summary.hasBody && !sentContinue) || leavesTooMuch
    }

    /// Nobody reads the body, and more of it is announced than will be swallowed: the client should know at once that its
    /// next request needs another connection.
    private var leavesTooMuch: Bool {
        guard !requestEnded, case .discard = bodyMode, let length = summary.contentLength else { return false }
        return length - receivedBytes > (connection?.discardLimit ?? 0)
    }

    // MARK: The request's body

    /// Hands over the whole body once it is there. `limit` is in bytes.
    public func collectBody(limit: Int, _ done: @escaping (Result<ByteBuffer, BodyFailure>) -> Void) {
        if let length = summary.contentLength, length > limit {
            bodyMode = .discard
            done(.failure(.tooLarge))
            return
        }
        if !summary.hasBody {
            done(.success(ByteBuffer()))
            return
        }
        bodyMode = .collect(limit: limit, done)
        sendContinue()
    }

    /// Hands over the body as it arrives.
    ///
    /// - Parameter invites: whether a client that waits for 100 (Continue) gets it now. Otherwise `inform(100, …)` is left to
    ///   the caller, who may also answer without the body.
    public func streamBody(invites: Bool = true, _ receive: @escaping (BodyEvent) -> Void) {
        if !summary.hasBody {
            receive(.end(trailers: nil))
            return
        }
        bodyMode = .stream(receive)
        if invites { sendContinue() }
    }

    /// Nobody wants the rest of the body: it is swallowed, within the limit for that.
    func discardBody() {
        guard !requestEnded else { return }
        bodyMode = .discard
        bodyBytes = 0
        isBodyPaused = false
    }

    /// The client has closed its side after a complete request. It may still read, but most that do this have gone, and
    /// whoever works for them should stop; an answer that comes nevertheless is sent.
    func clientClosed() {
        guard requestEnded, !responseEnded else { return }
        let cancelled = onCancel
        onCancel = nil
        cancelled?()
    }

    private func sendContinue() {
        guard summary.expectsContinue, !sentContinue else { return }
        sentContinue = true
        connection?.sendInterim(100, HTTPHeaders())
    }

    /// - Returns: false when more was sent than anybody wants; the connection then closes.
    func received(_ bytes: ByteBuffer, discardLimit: Int) -> Bool {
        bodyBytes += bytes.readableBytes
        receivedBytes += bytes.readableBytes
        switch bodyMode {
        case .discard:
            return bodyBytes <= discardLimit
        case .collect(let limit, let done):
            if bodyBytes > limit {
                bodyMode = .discard
                collected = nil
                done(.failure(.tooLarge))
                return bodyBytes <= discardLimit
            }
            if collected == nil { collected = bytes } else { collected?.writeImmutableBuffer(bytes) }
            return true
        case .stream(let receive):
            receive(.bytes(bytes))
            return true
        }
    }

    func receivedEnd(trailers: HTTPHeaders?) {
        requestEnded = true
        let mode = bodyMode
        bodyMode = .discard
        switch mode {
        case .discard: break
        case .collect(_, let done): done(.success(collected ?? ByteBuffer()))
        case .stream(let receive): receive(.end(trailers: trailers))
        }
    }

    /// Request and response are complete.
    func ended() {
        connection = nil
        onCancel = nil
        onWritable = nil
    }

    /// The connection is gone: nothing more can be read or written.
    func cancel() {
        connection = nil
        let mode = bodyMode
        bodyMode = .discard
        if !requestEnded {
            switch mode {
            case .discard: break
            case .collect(_, let done): done(.failure(.incomplete))
            case .stream(let receive): receive(.failed(.incomplete))
            }
        }
        let cancelled = onCancel
        let writable = onWritable
        onCancel = nil
        onWritable = nil
        if !responseEnded { cancelled?() }
        // Whoever waits for room must not wait for ever.
        writable?()
    }
}

/// Who answered a request and by which rule; `nil` parts are unknown.
public struct AnswerNote: Sendable, Hashable {
    /// `assets`, `worker`, `server`.
    public var source: String
    /// The file, rule or fallback: `/docs/index.html`, `_redirects:3`.
    public var detail: String

    public init(source: String, detail: String) {
        self.source = source
        self.detail = detail
    }
}
