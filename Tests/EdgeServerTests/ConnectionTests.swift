import Logging
import NIOCore
import Testing
import Workers

@testable import EdgeServer

/// Answers `/later/N` from a task, everything else at once, with the target as content.
private final class Echo: RequestHandler {
    let loop: any EventLoop
    let onReceive: @Sendable (String) -> Void

    init(loop: any EventLoop, onReceive: @escaping @Sendable (String) -> Void = { _ in }) {
        self.loop = loop
        self.onReceive = onReceive
    }

    func receive(_ exchange: Exchange) {
        onReceive(exchange.head.uri)
        let body = ByteBuffer(string: exchange.head.uri)
        let head = ResponseHead(
            status: 200, headers: [("content-type", "text/plain")], contentLength: body.readableBytes)
        if exchange.head.uri.hasPrefix("/later") {
            let bound = NIOLoopBound(exchange, eventLoop: loop)
            loop.scheduleTask(in: .milliseconds(20)) { bound.value.respond(head, body: body) }
        } else if exchange.head.method == .POST {
            exchange.collectBody(limit: 10) { result in
                switch result {
                case .success(let body):
                    exchange.respond(
                        ResponseHead(status: 200, headers: [], contentLength: body.readableBytes), body: body)
                case .failure:
                    let answer = ServerProblem.bodyTooLarge.answer
                    exchange.respond(answer.head, body: answer.body)
                }
            }
        } else {
            exchange.respond(head, body: body)
        }
    }
}

/// Takes one piece of a body at a time and says in the end how many bytes there were.
private final class Slow: RequestHandler {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func receive(_ exchange: Exchange) {
        let bound = NIOLoopBound(exchange, eventLoop: loop)
        var count = 0
        exchange.streamBody { [loop] event in
            guard case .bytes(let bytes) = event else {
                let body = ByteBuffer(string: "\(count)")
                let head = ResponseHead(status: 200, headers: [], contentLength: body.readableBytes)
                return bound.value.respond(head, body: body)
            }
            count += bytes.readableBytes
            bound.value.isBodyPaused = true
            loop.scheduleTask(in: .milliseconds(1)) { bound.value.isBodyPaused = false }
        }
    }
}

@Suite struct ConnectionTests {
    @Test(arguments: [
        "Content-Length: 8\r\n\r\nabcdefgh", "Transfer-Encoding: chunked\r\n\r\n8\r\nabcdefgh\r\n0\r\n\r\n",
    ])
    func `a handler that pauses on the last byte of a body hears of its end`(rest: String) async throws {
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { Slow(loop: $0) }
        let client = try RawClient(port: address?.port ?? 0)
        client.send("PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(rest)")
        #expect(client.read().hasSuffix("\r\n\r\n8"))
        await server.stop(within: .seconds(5))
    }

    private func withServer(_ limits: HTTPLimits = HTTPLimits(), _ body: (Int) throws -> Void) async throws {
        let server = EdgeServer(threads: 1, limits: limits)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { Echo(loop: $0) }
        do {
            try body(address?.port ?? 0)
            await server.stop(within: .seconds(5))
        } catch {
            await server.stop(within: .seconds(5))
            throw error
        }
    }

    private func exchange(_ port: Int, _ text: String) throws -> String {
        let client = try RawClient(port: port)
        client.send(text)
        return client.read()
    }

    @Test func `pipelined requests are answered in order, slow ones too`() async throws {
        try await withServer { port in
            let text = try exchange(
                port,
                "GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /later/3 HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let order = ["/later/1", "/2", "/later/3", "/4"].compactMap { text.range(of: "\r\n\r\n" + $0)?.lowerBound }
            #expect(order.count == 4)
            #expect(order == order.sorted())
            #expect(text.occurrences(of: "HTTP/1.1 200 OK") == 4)
            #expect(text.occurrences(of: "connection: close") == 1)
        }
    }

    @Test func `thousands of pipelined requests do not deepen the stack`() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            let one = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
            client.send(
                String(repeating: one, count: 5000) + "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(client.read().occurrences(of: "HTTP/1.1 200 OK") == 5001)
        }
    }

    @Test func `a client that closes its side early still gets its answers`() async throws {
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
            client.finishSending()
            #expect(client.read().occurrences(of: "HTTP/1.1 200 OK") == 2)
        }
    }

    @Test func `HEAD has the length and no content`() async throws {
        try await withServer { port in
            let text = try exchange(port, "HEAD /abc HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(text.contains("content-length: 4\r\n"))
            #expect(text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `HTTP 1.0 closes unless asked to stay`() async throws {
        try await withServer { port in
            try #expect(exchange(port, "GET /a HTTP/1.0\r\n\r\n").contains("connection: close"))
            let client = try RawClient(port: port)
            client.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(client.read { $0.hasSuffix("/a") }.contains("connection: keep-alive"))
        }
    }

    @Test(
        "refuses broken requests with a sentence, and closes",
        arguments: [
            ("GET /a HTTP/1.1\r\n\r\n", 400), ("GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("nonsense\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nabcde", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", 400),
            ("GET /" + String(repeating: "a", count: 20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 70_000) + "\r\n\r\n", 431),
            ("GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: 1\r\n", count: 300) + "\r\n", 431),
        ])
    func refuses(request: String, status: Int) async throws {
        try await withServer { port in
            let text = try exchange(port, request)
            #expect(text.hasPrefix("HTTP/1.1 \(status) "))
            #expect(text.contains("application/problem+json"))
            #expect(text.contains("connection: close"))
            // The next connection is unharmed.
            try #expect(exchange(port, "GET /ok HTTP/1.0\r\n\r\n").hasSuffix("/ok"))
        }
    }

    @Test func `a malformed request behind good ones is answered after them`() async throws {
        try await withServer { port in
            let text = try exchange(port, "GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\nnonsense\r\n\r\n")
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(text.contains("HTTP/1.1 400 Bad Request"))
        }
    }

    @Test func `a body is read whole, chunked or not, after 100 Continue where asked for`() async throws {
        try await withServer { port in
            let plain = try exchange(
                port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
            #expect(plain.hasSuffix("\r\n\r\nhello"))
            let chunked = try exchange(
                port,
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
            )
            #expect(chunked.hasSuffix("\r\n\r\nhello"))
            let client = try RawClient(port: port)
            client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
            #expect(client.read { $0.hasSuffix("\r\n\r\n") } == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send("hello")
            #expect(client.read().hasSuffix("\r\n\r\nhello"))
        }
    }

    @Test func `a body over the limit is 413, announced or not`() async throws {
        try await withServer { port in
            let long = String(repeating: "a", count: 50)
            try #expect(
                exchange(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\nConnection: close\r\n\r\n\(long)")
                    .hasPrefix("HTTP/1.1 413"))
            try #expect(
                exchange(
                    port,
                    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n32\r\n\(long)\r\n0\r\n\r\n"
                ).hasPrefix("HTTP/1.1 413"))
        }
    }

    // Each has only the deadline it is about: on a busy machine any other short one could strike first.
    @Test func `a slow head gets 408`() async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(60)
        try await withServer(limits) { port in
            try #expect(exchange(port, "GET / HTTP/1.1\r\nHos").hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test func `an idle connection is closed`() async throws {
        var limits = HTTPLimits()
        limits.idleTime = .milliseconds(60)
        try await withServer(limits) { port in
            try #expect(exchange(port, "").isEmpty)
        }
    }

    @Test func `a slow head behind a body gets 408, too`() async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(60)
        try await withServer(limits) { port in
            let client = try RawClient(port: port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            #expect(client.read { $0.hasSuffix("hi") }.hasPrefix("HTTP/1.1 200"))
            client.send("GET / HTTP/1.1\r\nHos")
            #expect(client.read().hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test func `a slow head that came along with a body gets 408, too`() async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(60)
        try await withServer(limits) { port in
            let text = try exchange(
                port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\nHos")
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(text.contains("\r\n\r\nhiHTTP/1.1 408"))
        }
    }

    @Test func `a connection that idles behind a body is closed, too`() async throws {
        var limits = HTTPLimits()
        limits.idleTime = .seconds(1)
        try await withServer(limits) { port in
            let text = try exchange(port, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            #expect(text.hasSuffix("hi"))
        }
    }

    @Test func `stopping lets a request finish and then closes`() async throws {
        let server = EdgeServer(threads: 1)
        let (received, continuation) = AsyncStream.makeStream(of: String.self)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { loop in
            Echo(loop: loop) { continuation.yield($0) }
        }
        let port = address?.port ?? 0
        let idle = try RawClient(port: port)
        let busy = try RawClient(port: port)
        busy.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(busy.read { $0.hasSuffix("/first") }.contains("200 OK"))
        busy.send("GET /later/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        for await target in received where target == "/later/1" { break }
        await server.stop(within: .seconds(5))
        #expect(busy.read().hasSuffix("/later/1"))
        #expect(idle.read().isEmpty)
    }
}
