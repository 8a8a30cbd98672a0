import EdgeServer
import FoundationEssentials
import NIOCore

/// Passes requests on to the edge over its unix socket, one relay for each event loop.
///
/// Bodies stream both ways at the pace of the slower side. While the edge is being swapped requests wait at the gate.
final class EdgeRelay: RequestHandler {
    let loop: any EventLoop
    let gate: EdgeGate
    let pool: UpstreamPool
    /// How long a request may wait for an edge.
    let patience: TimeAmount
    private let answerOutage: ((GateState.Outage, Exchange) -> Bool)?

    /// - Parameter answerOutage: answers a request for which there is no edge; false leaves it to the relay.
    init(
        loop: any EventLoop, gate: EdgeGate, patience: TimeAmount = .seconds(120),
        answerOutage: ((GateState.Outage, Exchange) -> Bool)? = nil
    ) {
        self.loop = loop
        self.gate = gate
        self.patience = patience
        self.answerOutage = answerOutage
        pool = UpstreamPool(loop: loop)
    }

    func receive(_ exchange: Exchange) { RelayedRequest(exchange, relay: self).begin() }

    func outage(_ outage: GateState.Outage, _ exchange: Exchange) {
        if answerOutage?(outage, exchange) == true { return }
        refuse(exchange, status: 503, code: outage.code, message: outage.message, retryAfter: 5)
    }

    func refuse(_ exchange: Exchange, status: Int, code: String, message: String, retryAfter: Int?) {
        var fields = [("content-type", "application/problem+json"), ("cache-control", "no-store")]
        if let retryAfter { fields.append(("retry-after", String(retryAfter))) }
        exchange.note = AnswerNote(source: "dev", detail: code)
        let body = RelayProblem(status: status, code: code, detail: message).json
        exchange.respond(
            ResponseHead(
                status: status, headers: fields.map { (name: $0.0, value: $0.1) }, contentLength: body.readableBytes),
            body: body)
    }
}

/// A problem document (RFC 9457) of the relay's own.
struct RelayProblem: Encodable {
    var title: String
    var status: Int
    var code: String
    var detail: String

    init(status: Int, code: String, detail: String) {
        title = status == 502 ? "Bad Gateway" : "Service Unavailable"
        self.status = status
        self.code = code
        self.detail = detail
    }

    var json: ByteBuffer { ByteBuffer(bytes: (try? JSONEncoder().encode(self)) ?? Data()) }
}
