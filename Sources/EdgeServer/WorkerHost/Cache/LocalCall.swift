import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

/// A response made in this process, on its way to a cache: what a `ResponseSink` sends becomes what an origin says. Confined
/// to an event loop.
final class LocalCall: OriginCall, ResponseDestination {
    private let method: String
    private let note: AnswerNote?
    private let dropsRay: Bool
    /// Until the response is over, or nobody wants it any more.
    private var receive: ((OriginEvent) -> Void)?
    /// The writer that waits for room.
    private var waiting: (() -> Void)?
    var onCancel: (() -> Void)?
    var onWritable: (() -> Void)?
    var isPaused = false { didSet { if !isPaused { resume() } } }

    /// - Parameters:
    ///   - method: of the request.
    ///   - note: who makes the response, for the request log.
    ///   - dropsRay: `CF-Ray` names one request, and a cache answers many: its host says it with each answer.
    init(method: String, note: AnswerNote?, dropsRay: Bool, _ receive: @escaping (OriginEvent) -> Void) {
        self.method = method
        self.note = note
        self.dropsRay = dropsRay
        self.receive = receive
    }

    // MARK: As the cache sees it

    /// The request is complete when the call is made.
    let isWritable = true
    func write(_ part: ByteBuffer) {}
    func end(trailers: HTTPHeaders?) {}

    func cancel() {
        guard receive != nil else { return }
        receive = nil
        let cancelled = onCancel
        onCancel = nil
        resume()
        cancelled?()
    }

    // MARK: As the response's maker sees it

    var isGone: Bool { receive == nil }

    func sendBuffered(_ response: Response, _ bytes: [UInt8], ray: String?) {
        let hasContent = ResponseHead.hasContent(response.status.code)
        // Who answers HEAD without content has not said how long the content of a GET is (RFC 9110 §8.6).
        let isUnknown = method == "HEAD" && bytes.isEmpty
        send(response, length: hasContent && !isUnknown ? bytes.count : nil)
        if hasContent, method != "HEAD", !bytes.isEmpty { receive?(.body(ByteBuffer(bytes: bytes))) }
        finish(.end(trailers: nil))
    }

    func startStream(_ response: Response, length: Int?, ray: String?) -> Bool {
        let hasContent = ResponseHead.hasContent(response.status.code)
        send(response, length: hasContent ? length : nil)
        if hasContent, method != "HEAD" { return true }
        finish(.end(trailers: nil))
        return false
    }

    func sendChunk(_ chunk: [UInt8]) -> Bool {
        if !chunk.isEmpty { receive?(.body(ByteBuffer(bytes: chunk))) }
        return !isPaused && !isGone
    }

    func whenWritable(_ resume: @escaping () -> Void) {
        if isPaused, !isGone { waiting = resume } else { resume() }
    }

    func endStream() { finish(.end(trailers: nil)) }

    /// Before the response has begun or in the middle of it.
    func abort(_ error: any Error) {
        var failure = GatewayFailure(status: 502, code: "no_response", message: "The response broke off.")
        failure.cause = error as? WorkersError
        finish(.failed(failure))
    }

    // MARK: Both

    private func send(_ response: Response, length: Int?) {
        var fields = HTTPFields()
        fields.reserveCapacity(response.headers.count + 1)
        for field in response.headers {
            let name = field.name.canonicalName
            if (ResponseHead.isFraming(name) && name != "date") || (dropsRay && name == "cf-ray") { continue }
            fields.append(field)
        }
        if let length { fields[.contentLength] = String(length) }
        receive?(.head(OriginHead(status: response.status.code, fields: fields, note: note)))
    }

    private func finish(_ event: OriginEvent) {
        guard let receive else { return }
        self.receive = nil
        onCancel = nil
        receive(event)
    }

    private func resume() {
        let waiting = waiting
        self.waiting = nil
        waiting?()
    }
}
