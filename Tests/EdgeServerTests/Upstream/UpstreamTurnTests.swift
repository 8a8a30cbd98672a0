import NIOHTTP1
import Testing

@testable import EdgeServer

/// When a connection can serve another request, without one.
@Suite struct UpstreamTurnTests {
    private func head(_ status: Int, _ headers: HTTPHeaders = [:], minor: Int = 1) -> HTTPResponseHead {
        HTTPResponseHead(
            version: HTTPVersion(major: 1, minor: minor), status: .init(statusCode: status), headers: headers)
    }

    private func turn(_ method: HTTPMethod = .GET, closes: Bool = false) -> UpstreamTurn {
        UpstreamTurn(method: method, closes: closes, interimResponses: 2)
    }

    @Test(
        "the same length twice is one length, and two lengths are none",
        arguments: [
            (["2"], 2), (["2", "2"], 2), (["2, 2"], 2), (["2,2 , 2", "2"], 2), (["0"], 0), (["007"], 7),
            (["2", "3"], nil), (["2, 3"], nil), (["2,"], nil), ([""], nil), (["2 2"], nil), (["1e3"], nil),
            (["٢"], nil), (["9223372036854775808"], nil),
        ] as [([String], Int?)])
    func lengths(values: [String], length: Int?) {
        var headers = HTTPHeaders()
        for value in values { headers.add(name: "Content-Length", value: value) }
        let framing = try? ResponseFraming(of: head(200, headers), to: .GET)
        #expect(framing?.body == length.map { .length($0) })
    }

    @Test func `a request and its response leave the connection as it was`() throws {
        var turn = turn()
        turn.sentAll()
        #expect(try turn.receive(head(103)) == .interim)
        #expect(try turn.receive(head(200, ["content-length": "0"])) == .final(stopsSending: false))
        #expect(!turn.isReusable)
        #expect(turn.receiveEnd() == nil)
        #expect(turn.isReusable)
    }

    @Test func `each of these keeps the connection from another request`() throws {
        let full: HTTPHeaders = ["content-length": "0"]
        func reuse(_ change: (inout UpstreamTurn) -> Void, closes: Bool = false, _ headers: HTTPHeaders) throws -> Bool
        {
            var turn = turn(closes: closes)
            turn.sentAll()
            _ = try turn.receive(head(200, headers))
            change(&turn)
            _ = turn.receiveEnd()
            return turn.isReusable
        }
        #expect(try reuse({ _ in }, full))
        #expect(try !reuse({ _ in }, closes: true, full))
        #expect(try !reuse({ $0.isCut = true }, full))
        #expect(try !reuse({ $0.hasExcess = true }, full))
        #expect(try !reuse({ _ in }, [:]))
        #expect(try !reuse({ _ in }, ["content-length": "0", "connection": "close"]))
    }

    @Test func `who refuses early gets no more, who accepts early does`() throws {
        var refused = turn(.POST)
        #expect(try refused.receive(head(413, ["content-length": "0"])) == .final(stopsSending: true))
        refused.sentAll()
        _ = refused.receiveEnd()
        #expect(!refused.isReusable)
        var accepted = turn(.POST)
        #expect(try accepted.receive(head(200, ["content-length": "0"])) == .final(stopsSending: false))
        _ = accepted.receiveEnd()
        #expect(!accepted.isReusable)
    }

    @Test func `a second response and a third interim one are refused`() throws {
        var turn = turn()
        turn.sentAll()
        _ = try turn.receive(head(100))
        _ = try turn.receive(head(102))
        #expect(throws: UpstreamFailure.self) { try turn.receive(head(103)) }
        _ = try turn.receive(head(200, ["content-length": "0"]))
        #expect(throws: UpstreamFailure.self) { try turn.receive(head(200, ["content-length": "0"])) }
    }

    @Test func `what a loss means depends on how far the response is`() throws {
        var turn = turn()
        turn.sentAll()
        #expect(turn.lossBeforeEnd == .noAnswer)
        _ = try turn.receive(head(200))
        #expect(turn.lossBeforeEnd == .bodyIncomplete)
        turn.isCut = true
        #expect(turn.receiveEnd() == .bodyIncomplete)
    }
}
