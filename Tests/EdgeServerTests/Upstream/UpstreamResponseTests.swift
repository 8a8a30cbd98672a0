import NIOHTTP1
import Testing

@testable import EdgeServer

/// What becomes of an origin's bytes, over real sockets.
@Suite struct UpstreamResponseTests {
    struct Answer: Sendable, CustomTestStringConvertible {
        var method = HTTPMethod.GET
        var bytes: String
        var status: Int
        var body: String
        /// Whether another request can follow on the same connection.
        var isKept: Bool

        init(method: HTTPMethod = .GET, _ bytes: String, _ status: Int, _ body: String, isKept: Bool) {
            self.method = method
            self.bytes = bytes
            self.status = status
            self.body = body
            self.isKept = isKept
        }

        var testDescription: String { "\(method) \(bytes.debugDescription)" }
    }

    static let good: [Answer] = [
        Answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", isKept: true),
        Answer("HTTP/1.1 200 OK\r\nContent-Length: 2 \r\n\r\nok", 200, "ok", isKept: true),
        Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", isKept: true),
        Answer("HTTP/1.1 999 What is this\r\nContent-Length: 2\r\n\r\nok", 999, "ok", isKept: true),
        Answer("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok", 200, "ok", isKept: true),
        Answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "ok", isKept: true),
        Answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=b\r\no\r\n1\r\nk\r\n0\r\n\r\n", 200, "ok",
            isKept: true),
        Answer(method: .HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 200, "", isKept: true),
        Answer(method: .HEAD, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "", isKept: true),
        Answer("HTTP/1.1 204 No Content\r\n\r\n", 204, "", isKept: true),
        Answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "", isKept: true),
        Answer("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", 304, "", isKept: true),
        Answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", isKept: false),
        Answer("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", isKept: false),
        Answer("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", isKept: false),
        Answer("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok", isKept: true),
        // More than was announced: what was announced counts, and nothing after it is trusted.
        Answer(
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789abcdefghijklmnopqrstuvwxyz", 200, "0123456789",
            isKept: false),
        Answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX: ", 200, "ok", isKept: false),
        Answer(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "ok",
            isKept: false),
        Answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nHTTP/1.1 2", 200, "ok",
            isKept: false),
        Answer(method: .HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTP", 200, "", isKept: false),
        Answer("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 204, "", isKept: false),
        Answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody", 304, "", isKept: false),
    ]

    @Test("an answer is read as far as it goes, and its connection kept if nothing is behind it", arguments: good)
    func reads(answer: Answer) async throws {
        let origin = try ScriptedOrigin { peer in
            while !peer.readHead().isEmpty { peer.send(answer.bytes) }
        }
        let client = try await UpstreamClient(origin)
        for turn in 0..<2 {
            let outcome = try await client.fetch(answer.method)
            #expect(outcome.isComplete)
            #expect(outcome.status == answer.status)
            #expect(outcome.body == answer.body)
            #expect(outcome.isReused == (answer.isKept && turn == 1))
        }
        #expect(origin.accepted.value == (answer.isKept ? 1 : 2))
    }

    @Test(
        "a body without a length ends with the connection",
        arguments: ["HTTP/1.1 200 OK\r\n\r\nto the end", "HTTP/1.0 200 OK\r\n\r\nto the end"])
    func untilClose(bytes: String) async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(bytes)
        }
        let outcome = try await UpstreamClient(origin).fetch()
        #expect(outcome.isComplete)
        #expect(outcome.body == "to the end")
    }

    @Test(
        "what could be read in two ways is refused",
        arguments: [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: nonsense\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX : 1\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nX: 1\u{0}\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            "SSH-2.0-x\r\n", "\u{16}\u{3}\u{1}", "<html>", "ok",
        ])
    func malformed(bytes: String) async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(bytes)
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin).fetch()
        #expect(outcome.failure?.status == 502)
        #expect(outcome.failure?.code == "http_protocol_error")
        #expect(outcome.head == nil)
    }

    @Test func `a folded line arrives as one line, or not at all`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok")
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin).fetch()
        let value = outcome.head?.headers["X"].first
        #expect(outcome.failure?.status == 502 || value?.split(separator: " ") == ["a", "b"])
    }

    @Test func `broken chunks after a good head break off the body`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n")
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin).fetch()
        #expect(outcome.status == 200)
        #expect(outcome.body == "ok")
        #expect(outcome.failure?.code == "http_protocol_error")
    }

    @Test(
        "a body that breaks off is incomplete",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
        ])
    func incomplete(bytes: String) async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(bytes)
        }
        let outcome = try await UpstreamClient(origin).fetch()
        #expect(outcome.body == "ok")
        #expect(outcome.failure == .bodyIncomplete)
    }

    @Test func `a connection that is reset in a body without a length leaves it incomplete`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\n\r\nok")
            // The client says that it has what came before, because bytes that it has not read may be lost.
            peer.read(until: "more")
            peer.reset()
        }
        let call = try await UpstreamClient(origin).start(.POST, body: .stream(length: nil))
        _ = try await call.until { $0.body == "ok" }
        try await call.write("more")
        #expect(try await call.finished().failure == .bodyIncomplete)
    }

    @Test("a connection that closes without a head is no answer", arguments: ["", "HTTP/1.1 200 OK\r\nContent-Le"])
    func noAnswer(bytes: String) async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(bytes)
        }
        let outcome = try await UpstreamClient(origin).fetch()
        #expect(outcome.failure == .noAnswer)
        #expect(outcome.failure?.status == 502)
        #expect(origin.accepted.value == 1)
    }

    @Test func `interim responses come as they are, with their fields`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nlink: </b>\r\n\r\n")
            peer.send("HTTP/1.1 199 Odd\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin).fetch()
        #expect(outcome.interim.map(\.status.code) == [102, 103, 199])
        #expect(outcome.interim[1].headers.map { "\($0.name): \($0.value)" } == ["Link: </a>", "link: </b>"])
        #expect(outcome.status == 200)
        #expect(outcome.head?.headers.count == 1)
        #expect(outcome.body == "ok")
    }

    @Test func `interim responses without an end are refused`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            for _ in 0..<6 { peer.send("HTTP/1.1 102 Processing\r\n\r\n") }
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin) { $0.interimResponses = 5 }.fetch()
        #expect(outcome.interim.count == 5)
        #expect(outcome.failure?.code == "http_protocol_error")
    }

    @Test func `fields and trailers keep their order and spelling`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nb: 1\r\nA: grüße\r\nB:3 \t\r\nTransfer-Encoding: chunked\r\n\r\n")
            peer.send("2\r\nok\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n")
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin).fetch()
        let lines = outcome.head?.headers.map { "\($0.name): \($0.value)" }
        #expect(lines == ["b: 1", "A: grüße", "B: 3", "Transfer-Encoding: chunked"])
        #expect(outcome.trailers?.map { "\($0.name): \($0.value)" } == ["X-Sum: 1", "x-sum: 2"])
    }

    @Test(
        "heads have a bound",
        arguments: [
            "X: \(String(repeating: "x", count: 5000))\r\n", String(repeating: "X: x\r\n", count: 60),
            String(repeating: "X", count: 5000) + ": x",
        ])
    func largeHeads(fields: String) async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n")
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin) {
            $0.responseHead = 4096
            $0.responseFields = 50
        }
        #expect(try await client.fetch().failure == .headTooLarge)
    }

    @Test func `an origin that says nothing is given up in time`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin) { $0.responseTime = .milliseconds(50) }.fetch()
        #expect(outcome.failure == .responseTimeout)
        #expect(outcome.failure?.status == 504)
    }

    @Test func `a body that stands still is given up in time`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
            peer.readToEnd()
        }
        let outcome = try await UpstreamClient(origin) { $0.idleTime = .milliseconds(50) }.fetch()
        #expect(outcome.body == "ok")
        #expect(outcome.failure == .bodyTimeout)
    }
}
