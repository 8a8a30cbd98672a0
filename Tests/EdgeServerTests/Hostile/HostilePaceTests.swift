import NIOCore
import Synchronization
import Testing

@testable import EdgeServer

/// Answers every request with its target, once its content is there.
private final class Patient: RequestHandler {
    let counter: Requests

    init(_ counter: Requests) { self.counter = counter }

    func receive(_ exchange: Exchange) {
        counter.count.add(1, ordering: .relaxed)
        exchange.collectBody(limit: 1_000_000) { result in
            guard case .success = result else { return }
            let body = ByteBuffer(string: exchange.head.uri)
            exchange.respond(ResponseHead(status: 200, headers: [], contentLength: body.readableBytes), body: body)
        }
    }
}

private final class Requests: Sendable {
    let count = Atomic<Int>(0)
}

/// A client in a class, so that many fit into an array.
private final class Visitor {
    let client: RawClient
    init(port: Int) throws { client = try RawClient(port: port) }
}

/// Clients that are slow, silent, many, or all of it.
@Suite struct HostilePaceTests {
    /// Runs a server, lets `body` do harm to it, and looks whether the next request is answered.
    private func withServer(_ limits: HTTPLimits, _ body: (Int, Requests) async throws -> Void) async throws {
        let requests = Requests()
        let server = EdgeServer(threads: 1, limits: limits)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in Patient(requests) }
        let port = address?.port ?? 0
        do {
            try await body(port, requests)
            try await answersSoon(port)
        } catch {
            await server.stop(within: .seconds(5))
            throw error
        }
        await server.stop(within: .seconds(5))
    }

    /// Connections that the server has yet to see closed may be in the way for a moment.
    private func answersSoon(_ port: Int) async throws {
        let end = ContinuousClock.now.advanced(by: .seconds(10))
        while ContinuousClock.now < end {
            let client = try RawClient(port: port)
            client.send("GET /good HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            if RawAnswers(client.read()).bodies == ["/good"] { return }
            await Task.yield()
        }
        Issue.record("a good request got no answer")
    }

    @Test(
        "a head that stands still gets 408",
        arguments: [
            "G", "GET /", "GET / HTTP/1.1", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a",
            "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r", "\r\n",
        ])
    func slowHead(begin: String) async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(60)
        limits.idleTime = .milliseconds(60)
        limits.lingerTime = .milliseconds(20)
        try await withServer(limits) { port, _ in
            let client = try RawClient(port: port)
            client.send(begin)
            let answers = RawAnswers(client.read())
            // An empty line before a request is no request yet.
            #expect(answers.statuses == (begin == "\r\n" ? [] : [408]))
        }
    }

    @Test func `a head that comes byte by byte without end gets 408`() async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(100)
        try await withServer(limits) { port, _ in
            let client = try RawClient(port: port)
            client.send("GET / HTTP/1.1\r\nHost: a\r\nX: ")
            // Every byte is progress, which must not move the deadline of the head.
            while client.send(Array("a".utf8)), client.readNow().isEmpty { await Task.yield() }
            #expect(client.all.hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test func `a head in single bytes is a head`() async throws {
        try await withServer(HTTPLimits()) { port, _ in
            let client = try RawClient(port: port)
            let request =
                "\r\nPOST /slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            for byte in Array((request + "3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n").utf8) {
                client.send([byte])
            }
            #expect(RawAnswers(client.read()).bodies == ["/slow"])
        }
    }

    @Test(
        "a body that stands still ends the connection",
        arguments: [
            "Content-Length: 5\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
            "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
            "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: 1",
        ])
    func slowBody(rest: String) async throws {
        var limits = HTTPLimits()
        limits.bodyTime = .milliseconds(60)
        try await withServer(limits) { port, _ in
            let client = try RawClient(port: port)
            client.send("POST / HTTP/1.1\r\nHost: a\r\n" + rest)
            #expect(client.read().isEmpty)
        }
    }

    @Test func `connections beyond the limit are closed, and silent ones make room`() async throws {
        var limits = HTTPLimits()
        limits.connections = 20
        limits.idleTime = .milliseconds(200)
        try await withServer(limits) { port, requests in
            let crowd = try (0..<60).map { _ in try Visitor(port: port) }
            // All are closed in the end: forty at once, twenty because they say nothing.
            for visitor in crowd { #expect(visitor.client.read().isEmpty) }
            #expect(requests.count.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `a flood of connections that say half a request is answered and let go`() async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(100)
        limits.lingerTime = .milliseconds(20)
        try await withServer(limits) { port, requests in
            let crowd = try (0..<100).map { _ in try Visitor(port: port) }
            for visitor in crowd { visitor.client.send("GET / HTTP/1.1\r\nHost: a\r\nX-") }
            for visitor in crowd { #expect(visitor.client.read().hasPrefix("HTTP/1.1 408")) }
            #expect(requests.count.load(ordering: .relaxed) == 0)
        }
    }

    @Test func `fields that never end are refused long before memory does`() async throws {
        var limits = HTTPLimits()
        limits.lingerTime = .milliseconds(20)
        try await withServer(limits) { port, _ in
            let client = try RawClient(port: port)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n")
            let part = Array("X: \(String(repeating: "a", count: 30_000))\r\n".utf8)
            var sent = 0
            while sent < 256_000_000, client.send(part) { sent += part.count }
            // What the kernel takes on both sides, and little else.
            #expect(sent < 64_000_000)
        }
    }

    @Test func `one read of pipelined requests is answered in order, broken at the first that is broken`() async throws
    {
        try await withServer(HTTPLimits()) { port, requests in
            let client = try RawClient(port: port)
            let good = (0..<500).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
            client.send(good + "GET / HTTP/1.1\r\nHost : a\r\n\r\n" + good)
            let answers = RawAnswers(client.read())
            #expect(answers.statuses == Array(repeating: 200, count: 500) + [400])
            #expect(Array(answers.bodies.dropLast()) == (0..<500).map { "/\($0)" })
            #expect(requests.count.load(ordering: .relaxed) == 500)
        }
    }

    @Test func `a flood of pipelined requests whose answers nobody reads is held back`() async throws {
        var limits = HTTPLimits()
        limits.writeTime = .milliseconds(300)
        try await withServer(limits) { port, requests in
            let client = try RawClient(port: port, receiveBuffer: 4096)
            let some = Array(String(repeating: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", count: 1000).utf8)
            var sent = 0
            while sent < 256_000_000, client.send(some) { sent += some.count }
            #expect(sent < 64_000_000)
            // Only as many were taken up as there was room for answers.
            #expect(requests.count.load(ordering: .relaxed) < 1_000_000)
        }
    }

    @Test func `a flood of tiny chunks is content like any other`() async throws {
        try await withServer(HTTPLimits()) { port, _ in
            let client = try RawClient(port: port)
            let chunks = String(repeating: "1\r\na\r\n", count: 50_000)
            client.send(
                "POST /tiny HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)0\r\n\r\n"
            )
            #expect(RawAnswers(client.read()).bodies == ["/tiny"])
        }
    }

    @Test func `a client that goes away in the middle of everything harms nobody`() async throws {
        let request = Array(
            "POST /gone HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n".utf8)
        try await withServer(HTTPLimits()) { port, _ in
            for count in 1...request.count {
                let visitor = try Visitor(port: port)
                visitor.client.send(Array(request[..<count]))
            }
        }
    }
}
