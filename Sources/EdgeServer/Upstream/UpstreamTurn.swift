import NIOHTTP1

/// One request and its response on a connection: how far both are, and whether another request can follow them.
struct UpstreamTurn {
    /// What a head is.
    enum Head: Equatable {
        case interim
        /// `stopsSending`: the origin has decided before it saw the whole request, so the rest of it is not sent.
        case final(stopsSending: Bool)
    }

    private enum Response { case awaited, body(ResponseFraming.Body), ended }

    private let method: HTTPMethod
    private var interimLeft: Int
    private var keepsAlive: Bool
    private var response = Response.awaited
    /// The whole request has been handed to the connection.
    private(set) var requestEnded = false
    /// The rest of the request will not be sent.
    private(set) var stoppedSending = false
    /// The connection ended in a way that anybody on the way could have brought about.
    var isCut = false
    /// There were bytes behind the response, which are nobody's.
    var hasExcess = false

    /// - Parameter closes: whether the request asks for the connection's end.
    init(method: HTTPMethod, closes: Bool, interimResponses: Int) {
        self.method = method
        keepsAlive = !closes
        interimLeft = interimResponses
    }

    var awaitsHead: Bool { if case .awaited = response { true } else { false } }
    var responseEnded: Bool { if case .ended = response { true } else { false } }
    /// Whether the connection can serve another request.
    var isReusable: Bool { responseEnded && requestEnded && !stoppedSending && keepsAlive && !isCut && !hasExcess }

    mutating func sentAll() { requestEnded = true }

    mutating func receive(_ head: HTTPResponseHead) throws(UpstreamFailure) -> Head {
        guard awaitsHead else { throw .malformed("it comes twice") }
        let framing = try ResponseFraming(of: head, to: method)
        if head.status.code < 200 {
            // Nobody here asks to change the protocol.
            guard head.status != .switchingProtocols else { throw .malformed("it changes the protocol unasked") }
            guard interimLeft > 0 else { throw .malformed("its interim responses do not end") }
            interimLeft -= 1
            return .interim
        }
        response = .body(framing.body)
        if !framing.keepsAlive { keepsAlive = false }
        guard !requestEnded else { return .final(stopsSending: false) }
        // An origin that likes the request may answer while it reads it. One that refuses it need not read the rest, and
        // where that rest would end is then unknown (RFC 9112 §9.3.2, §9.6).
        let stops = head.status.code >= 300
        if stops { stoppedSending = true }
        return .final(stopsSending: stops)
    }

    /// - Returns: why the body is not complete although it ended.
    mutating func receiveEnd() -> UpstreamFailure? {
        guard case .body(let body) = response else { return nil }
        response = .ended
        if !requestEnded { stoppedSending = true }
        // RFC 8446 §6.1, RFC 9112 §9.8: without the closing alert the end may be an attacker's.
        return isCut && body == .untilClose ? .bodyIncomplete : nil
    }

    /// What it means that the connection is gone now.
    var lossBeforeEnd: UpstreamFailure { awaitsHead ? .noAnswer : .bodyIncomplete }
}
