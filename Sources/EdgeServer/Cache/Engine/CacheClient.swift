import HTTPTypes
import NIOCore
import NIOHTTP1

/// Who asks a cache: a connection, or a `fetch` in a Worker. Confined to an event loop.
protocol CacheClient: AnyObject {
    /// Nobody waits for the answer any more.
    var isGone: Bool { get }
    /// Called when that happens before there is an answer.
    var onCancel: (() -> Void)? { get set }
    /// Of the request that came.
    var hasBody: Bool { get }

    /// Passes a 1xx response on.
    func inform(_ status: Int, _ headers: HTTPHeaders)

    /// Called once, unless `fail` has taken the failure.
    func answer(_ answer: ClientAnswer)

    /// There is no response, and a gateway would say so in its place.
    ///
    /// - Returns: whether the client is told in another way, and wants no answer.
    func fail(_ failure: GatewayFailure) -> Bool

    /// Sends the request's body to the origin.
    func upload(to call: any OriginCall)
    /// Bytes of the request's body, where that is known.
    var bodyLength: Int? { get }
}

/// What a client gets.
struct ClientAnswer {
    var status: Int
    /// Without `Content-Length`.
    var fields: [(name: String, value: String)]
    /// Of the content, or what it would be; `nil` where nobody knows.
    var length: Int?
    /// In order; empty for an answer without content.
    var content: [ContentPump.Piece] = []
    var note: AnswerNote
}

/// A client at the other end of a connection.
final class ExchangeClient: CacheClient {
    private let exchange: Exchange
    private let ray: String?

    /// - Parameter ray: the value of `CF-Ray`, where the host says that.
    init(_ exchange: Exchange, ray: String? = nil) {
        self.exchange = exchange
        self.ray = ray
    }

    var isGone: Bool { exchange.isGone }
    var onCancel: (() -> Void)? {
        get { exchange.onCancel }
        set { exchange.onCancel = newValue }
    }
    var hasBody: Bool { exchange.summary.hasBody }
    var bodyLength: Int? { exchange.summary.contentLength }

    func inform(_ status: Int, _ headers: HTTPHeaders) { exchange.inform(status, headers) }

    func answer(_ answer: ClientAnswer) {
        exchange.note = answer.note
        let own = ray.map { [(name: "cf-ray", value: $0)] } ?? []
        let head = ResponseHead(status: answer.status, headers: answer.fields + own, contentLength: answer.length)
        switch answer.content.count {
        case 0: exchange.respond(head, body: nil)
        case 1:
            guard case .bytes(let bytes) = answer.content[0] else { fallthrough }
            exchange.respond(head, body: bytes)
        default:
            exchange.start(head, chunked: answer.length == nil)
            ContentPump(exchange, answer.content).start()
        }
    }

    func fail(_ failure: GatewayFailure) -> Bool { false }

    func upload(to call: any OriginCall) { Upload.start(exchange, to: call) }
}
