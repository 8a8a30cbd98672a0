import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

/// What reaches the origin of a request, and when it stops.
@Suite struct UpstreamRequestTests {
    private func head(_ request: UpstreamRequest) throws -> String {
        String(buffer: try UpstreamRequestHead(request).bytes)
    }

    private func request(
        _ method: HTTPMethod = .GET, _ headers: HTTPHeaders, body: UpstreamRequest.Body = .none
    ) -> UpstreamRequest {
        UpstreamRequest(method: method, target: "/a?b", headers: headers, body: body)
    }

    @Test func `method, target and fields go out as they are`() throws {
        let text = try head(request(.RAW(value: "M-SEARCH"), ["Host": "a", "x-B": "1", "X-b": "grüße"]))
        #expect(text == "M-SEARCH /a?b HTTP/1.1\r\nHost: a\r\nx-B: 1\r\nX-b: grüße\r\n\r\n")
    }

    @Test func `the framing is that of the body, whatever the fields say`() throws {
        let lies: HTTPHeaders = [
            "host": "a", "Content-Length": "7", "Transfer-Encoding": "gzip", "content-length": "2",
        ]
        let start = " /a?b HTTP/1.1\r\nhost: a\r\n"
        #expect(try head(request(.GET, ["host": "a", "Transfer-Encoding": "chunked"])) == "GET\(start)\r\n")
        #expect(try head(request(.GET, lies)) == "GET\(start)content-length: 0\r\n\r\n")
        #expect(try head(request(.POST, ["host": "a"])) == "POST\(start)content-length: 0\r\n\r\n")
        let bytes = UpstreamRequest.Body.bytes(ByteBuffer(string: "ok"))
        #expect(try head(request(.PUT, lies, body: bytes)) == "PUT\(start)content-length: 2\r\n\r\nok")
        #expect(
            try head(request(.PUT, lies, body: .stream(length: 7))) == "PUT\(start)Content-Length: 7\r\n\r\n")
        #expect(
            try head(request(.PUT, lies, body: .stream(length: nil)))
                == "PUT\(start)transfer-encoding: chunked\r\n\r\n")
    }

    @Test(
        "what could become a second request is refused",
        arguments: [
            UpstreamRequest(method: .RAW(value: "GET /x"), target: "/", headers: [:]),
            UpstreamRequest(method: .RAW(value: ""), target: "/", headers: [:]),
            UpstreamRequest(method: .CONNECT, target: "a:443", headers: [:]),
            UpstreamRequest(method: .GET, target: "/ HTTP/1.1\r\nX: y", headers: [:]),
            UpstreamRequest(method: .GET, target: "/a b", headers: [:]),
            UpstreamRequest(method: .GET, target: "", headers: [:]),
            UpstreamRequest(method: .GET, target: "/", headers: ["a": "b\r\nc: d"]),
            UpstreamRequest(method: .GET, target: "/", headers: ["a": "b\u{0}"]),
            UpstreamRequest(method: .GET, target: "/", headers: ["a b": "c"]),
            UpstreamRequest(method: .GET, target: "/", headers: ["": "c"]),
        ].map(Unchecked.init))
    func refuses(request: Unchecked) {
        #expect(throws: UpstreamFailure.self) { try UpstreamRequestHead(request.value) }
    }

    struct Unchecked: @unchecked Sendable, CustomTestStringConvertible {
        let value: UpstreamRequest
        var testDescription: String { "\(value.method) \(value.target.debugDescription) \(value.headers)" }
    }

    @Test func `a refused request is told so, and opens no connection`() async throws {
        let client = try await UpstreamClient(UpstreamOrigin(scheme: .http, host: "127.0.0.1", port: 1))
        let outcome = try await client.fetch(.GET, "/a b")
        #expect(outcome.failure?.status == 400)
        #expect(try await client.counters == .init())
    }

    // MARK: Bodies

    /// Answers with what it has read of the request's body up to a mark.
    private func echo(until mark: String) throws -> ScriptedOrigin {
        try ScriptedOrigin { peer in
            while !peer.readHead().isEmpty {
                let body = peer.read(until: mark)
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
    }

    @Test func `a body of unknown length goes in chunks, with trailers`() async throws {
        let client = try await UpstreamClient(echo(until: "\r\n\r\n"))
        let call = try await client.start(.POST, body: .stream(length: nil))
        try await call.write("hello")
        try await call.write("")
        try await call.write(String(repeating: "x", count: 5000))
        try await call.end(["X-Sum": "1", "x-sum": "2"])
        let long = String(repeating: "x", count: 5000)
        let expected = "5\r\nhello\r\n1388\r\n\(long)\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n"
        #expect(try await call.finished().body == expected)
        let empty = try await client.start(.POST, body: .stream(length: nil))
        try await empty.end()
        #expect(try await empty.finished().body == "0\r\n\r\n")
        #expect(empty.so.isReused)
    }

    @Test func `a body of known length goes as it is`() async throws {
        let client = try await UpstreamClient(echo(until: "!"))
        let call = try await client.start(.POST, body: .stream(length: 6))
        try await call.write("hel")
        try await call.write("lo!")
        try await call.end()
        #expect(try await call.finished().body == "hello!")
        let large = String(repeating: "x", count: 300_000) + "!"
        #expect(try await client.fetch(.POST, body: .bytes(ByteBuffer(string: large))).body == large)
        #expect(try await client.counters.opened == 1)
    }

    @Test func `a body that is not as long as it said breaks off the request`() async throws {
        let origin = try ScriptedOrigin { peer in peer.readToEnd() }
        let client = try await UpstreamClient(origin)
        let long = try await client.start(.POST, body: .stream(length: 3))
        try await long.write("hello")
        #expect(try await long.finished().failure?.status == 400)
        let short = try await client.start(.POST, body: .stream(length: 3))
        try await short.write("he")
        try await short.end()
        #expect(try await short.finished().failure?.status == 400)
        #expect(try await client.on { $0.idleCount } == 0)
    }

    @Test func `parts wait for the connection, and the caller is told when to go on`() async throws {
        let client = try await UpstreamClient(echo(until: "!"))
        let call = try await client.start(.POST, body: .stream(length: 6))
        _ = try await call.until { $0.writableCount > 0 }
        #expect(try await call.on { $0.isWritable })
        try await call.write("hello!")
        try await call.end()
        #expect(try await call.finished().body == "hello!")
    }

    @Test func `an origin that does not read stops the caller, and one that goes on reading starts it`() async throws {
        let go = Tally()
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            while go.value == 0 { blockThread() }
            peer.read(until: "!")
            peer.send(UpstreamPoolTests.ok)
            peer.readToEnd()
        }
        let call = try await UpstreamClient(origin).start(.POST, body: .stream(length: nil))
        _ = try await call.until { $0.writableCount > 0 }
        let before = call.so.writableCount
        let part = String(repeating: "x", count: 64 * 1024)
        while try await call.on({ $0.isWritable }) { try await call.write(part) }
        go.add()
        _ = try await call.until { $0.writableCount > before }
        #expect(try await call.on { $0.isWritable })
        try await call.write("!")
        try await call.end()
        #expect(try await call.finished().isComplete)
    }

    @Test func `the origin's 100 arrives before the body is sent`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 100 Continue\r\n\r\n")
            let body = peer.read(count: 5)
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\(body)")
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin)
        let headers: HTTPHeaders = ["Host": "a", "Expect": "100-continue"]
        let call = try await client.start(.PUT, "/", headers, body: .stream(length: 5))
        #expect(try await call.until { !$0.interim.isEmpty }.interim.map(\.status.code) == [100])
        try await call.write("hello")
        try await call.end()
        #expect(try await call.finished().body == "hello")
        #expect(try await client.on { $0.idleCount } == 1)
    }

    @Test("an origin that refuses before it has the whole request gets no more of it", arguments: [413, 302, 500])
    func refusedEarly(status: Int) async throws {
        let rest = Notes<String>()
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 \(status) No\r\nContent-Length: 2\r\n\r\nno")
            rest.add(peer.readToEnd())
        }
        let client = try await UpstreamClient(origin)
        let call = try await client.start(.PUT, body: .stream(length: 5))
        #expect(try await call.finished().body == "no")
        #expect(call.so.status == status)
        // The caller goes on without harm; nobody sees it.
        #expect(try await call.on { $0.isWritable })
        #expect(try await call.on { $0.isSending } == false)
        try await call.write("hello")
        try await call.end()
        try await eventually { rest.count == 1 }
        #expect(rest.all == [""])
        #expect(try await client.on { $0.connectionCount } == 0)
    }

    @Test func `an answer that breaks into a large upload still arrives`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.read(count: 1000)
            peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        }
        let client = try await UpstreamClient(origin)
        let body = ByteBuffer(repeating: 0x78, count: 20_000_000)
        let outcome = try await client.fetch(.POST, body: .bytes(body))
        // A reset can overtake the answer; then there is none.
        #expect(outcome.status == 413 || outcome.failure == .noAnswer)
    }

    @Test func `an origin may answer while it reads`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<3 {
                let part = peer.read(count: 2)
                peer.send("2\r\n\(part)\r\n")
            }
            peer.send("0\r\n\r\n")
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin)
        let call = try await client.start(.POST, body: .stream(length: 6))
        _ = try await call.until { $0.head != nil }
        var expected = ""
        for part in ["ab", "cd", "ef"] {
            try await call.write(part)
            if part == "ef" { try await call.end() }
            expected += part
            let soFar = expected
            _ = try await call.until { $0.body == soFar }
        }
        #expect(try await call.finished().isComplete)
        #expect(try await client.on { $0.idleCount } == 1)
    }

    @Test func `an answer that is complete before its request ends the connection`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(UpstreamPoolTests.ok)
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin)
        let call = try await client.start(.POST, body: .stream(length: 6))
        #expect(try await call.finished().isComplete)
        #expect(try await client.on { $0.connectionCount } == 0)
    }

    @Test func `a request that asks for the end of the connection gets it`() async throws {
        let client = try await UpstreamClient(UpstreamPoolTests.origin())
        #expect(try await client.fetch(.GET, "/", ["Host": "a", "Connection": "close"]).isComplete)
        #expect(try await client.on { $0.connectionCount } == 0)
    }

    @Test func `an answer that comes before the origin has read the request is not the start of another one`()
        async throws
    {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(UpstreamPoolTests.ok)
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin)
        // More than the buffers of two sockets hold, while nobody reads.
        let body = ByteBuffer(repeating: 0x78, count: 64_000_000)
        #expect(try await client.fetch(.POST, body: .bytes(body)).isComplete)
        #expect(try await client.on { $0.connectionCount } == 0)
    }

    // MARK: Backpressure

    @Test func `while the caller pauses nothing comes, and the origin cannot send more than buffers hold`() async throws
    {
        let size = 32 * 1024 * 1024
        let sent = Tally()
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
            let part = [UInt8](repeating: 0x78, count: 64 * 1024)
            for _ in 0..<(size / part.count) { sent.add(peer.send(part)) }
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin)
        let call = CountingCall()
        try await client.on { call.start(on: $0) }
        let stuck = try await settled(sent)
        #expect(call.received.value == 0)
        #expect(stuck < size / 2)
        try await client.on { _ in call.resume() }
        try await eventually { call.received.value == size }
        try await eventually { call.ended.value == 1 }
        #expect(try await client.on { $0.idleCount } == 1)
    }

    /// Pauses with the head and counts what comes.
    private final class CountingCall: @unchecked Sendable {
        let received = Tally()
        let ended = Tally()
        private var call: UpstreamCall?

        func start(on pool: UpstreamPool) {
            call = pool.send(UpstreamRequest(method: .GET, target: "/", headers: ["Host": "a"])) { [self] event in
                switch event {
                case .head: call?.isPaused = true
                case .body(let bytes):
                    received.add(bytes.readableBytes)
                    // A slow reader: a turn of the loop for each part.
                    call?.isPaused = true
                    let loop = pool.loop
                    loop.assumeIsolated().execute { self.resume() }
                case .end: ended.add()
                default: break
                }
            }
        }

        func resume() { call?.isPaused = false }
    }

    @Test func `what had come before a pause is delivered after it, in order`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let client = try await UpstreamClient(origin)
        let call = try await client.start(isPaused: true)
        try await eventually { origin.accepted.value == 1 }
        // Its connection may end meanwhile.
        for _ in 0..<20 { _ = try await client.on { $0.connectionCount } }
        #expect(call.so.interim.isEmpty)
        #expect(call.so.head == nil)
        try await call.on { $0.isPaused = false }
        let outcome = try await call.finished()
        #expect(outcome.isComplete)
        #expect(outcome.interim.count == 1)
        #expect(outcome.body == "ok")
    }

    @Test func `a pause does not count as the origin's silence`() async throws {
        let origin = try UpstreamPoolTests.origin()
        let client = try await UpstreamClient(origin) {
            $0.responseTime = .milliseconds(30)
            $0.idleTime = .milliseconds(30)
        }
        let call = try await client.start(isPaused: true)
        try await Task.sleep(for: .milliseconds(150))
        #expect(!call.so.isEnded)
        try await call.on { $0.isPaused = false }
        #expect(try await call.finished().isComplete)
    }
}
