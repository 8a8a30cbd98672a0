import NIOCore
import Synchronization
import Testing

@testable import EdgeServer

/// Answers with the host and the target; `/large` with 4 MiB and `/parts` in parts of unknown length.
private final class Mirror: RequestHandler {
    static let large = ByteBuffer(repeating: 0x61, count: 4 * 1024 * 1024)
    let onReceive: @Sendable () -> Void

    init(onReceive: @escaping @Sendable () -> Void = {}) { self.onReceive = onReceive }

    func receive(_ exchange: Exchange) {
        onReceive()
        switch exchange.head.uri {
        case "/large":
            exchange.respond(
                ResponseHead(status: 200, headers: [], contentLength: Mirror.large.readableBytes), body: Mirror.large)
        case "/parts":
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            exchange.write(ByteBuffer(string: "one "))
            exchange.write(ByteBuffer(string: "two"))
            exchange.end()
        default:
            let text = ByteBuffer(string: "\(exchange.summary.host ?? "-") \(exchange.head.uri)")
            exchange.respond(ResponseHead(status: 200, headers: [], contentLength: text.readableBytes), body: text)
        }
    }
}

@Suite struct FramingTests {
    private func withServer(
        _ limits: HTTPLimits = HTTPLimits(), onReceive: @escaping @Sendable () -> Void = {},
        _ body: (Int) async throws -> Void
    ) async throws {
        let server = EdgeServer(threads: 1, limits: limits)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in Mirror(onReceive: onReceive)
        }
        do {
            try await body(address?.port ?? 0)
            await server.stop(within: .seconds(5))
        } catch {
            await server.stop(within: .seconds(5))
            throw error
        }
    }

    private func answer(_ request: String) async throws -> String {
        var text = ""
        try await withServer { port in
            let client = try RawClient(port: port)
            client.send(request)
            text = client.read()
        }
        return text
    }

    @Test(
        "takes a target in absolute form whose host is the Host field's",
        arguments: [
            ("GET http://a.example:80/x?y=1 HTTP/1.1\r\nHost: a.example:80\r\n", "a.example:80 /x?y=1"),
            ("GET HTTP://A.example/x HTTP/1.1\r\nHost: a.example\r\n", "A.example /x"),
            ("GET http://a.example HTTP/1.1\r\nHost: a.example\r\n", "a.example /"),
            ("GET http://a.example?q HTTP/1.1\r\nHost: a.example\r\n", "a.example /?q"),
            ("GET http://a.example/x HTTP/1.0\r\n", "a.example /x"),
        ])
    func absolute(request: String, expected: String) async throws {
        #expect(try await answer(request + "Connection: close\r\n\r\n").hasSuffix("\r\n\r\n" + expected))
    }

    @Test(
        "refuses what could be read in two ways",
        arguments: [
            ("GET http://b.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n", 400, "bad_target"),
            ("GET ftp://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n", 400, "bad_target"),
            ("GET http://u@a.example/ HTTP/1.1\r\nHost: u@a.example\r\n\r\n", 400, "bad_host"),
            ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"),
            ("OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "bad_target"),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "bad_host"),
            ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "bad_host"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501,
                "transfer_coding_unknown"
            ),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_framing"),
        ])
    func refuses(request: String, status: Int, code: String) async throws {
        let text = try await answer(request)
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(text.contains("\"code\":\"\(code)\""))
        #expect(text.contains("connection: close\r\n"))
    }

    @Test func `what the server can do as a whole it says itself, and the connection goes on`() async throws {
        let text = try await answer(
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                + "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 204 No Content\r\n"))
        #expect(text.contains("allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"))
        #expect(text.hasSuffix("\r\n\r\na /x"))
        #expect(text.occurrences(of: "content-length") == 1)
    }

    @Test func `every status that this server chooses has a reason`() {
        for status in [400, 408, 413, 414, 417, 431, 501, 502, 503, 504, 505, 508] {
            #expect(!ResponseHead.reason(status).isEmpty, "\(status)")
        }
    }

    @Test func `a wish for another protocol is answered in this one, and closes`() async throws {
        let text = try await answer(
            "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"
        )
        #expect(text.contains("connection: close\r\n"))
        #expect(text.hasSuffix("\r\n\r\na /a"))
    }

    @Test func `an answer already given survives a body that breaks off`() async throws {
        let text = try await answer("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n")
        #expect(text.hasSuffix("\r\n\r\na /a"))
    }

    @Test func `a body that nobody reads does not end the connection`() async throws {
        let text = try await answer(
            "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        #expect(text.occurrences(of: "200 OK") == 2)
        #expect(text.hasSuffix("a /b"))
    }

    @Test func `HTTP 1.0 gets neither chunks nor 100 Continue`() async throws {
        let parts = try await answer("GET /parts HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(!parts.contains("transfer-encoding"))
        #expect(parts.contains("connection: close\r\n"))
        #expect(parts.hasSuffix("\r\n\r\none two"))
        let chunked = try await answer("GET /parts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(chunked.contains("transfer-encoding: chunked\r\n"))
        #expect(chunked.hasSuffix("\r\n\r\n4\r\none \r\n3\r\ntwo\r\n0\r\n\r\n"))
        let expecting = try await answer("POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi")
        #expect(expecting.hasPrefix("HTTP/1.1 200"))
    }

    @Test func `pipelined requests wait until the client has read what it has`() async throws {
        let (received, continuation) = AsyncStream.makeStream(of: Void.self)
        let counted = Counter()
        try await withServer(onReceive: {
            counted.add()
            continuation.yield()
        }) { port in
            let client = try RawClient(port: port)
            let one = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"
            client.send(
                String(repeating: one, count: 20) + "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            for await _ in received { break }
            // A second connection is answered on the same loop after the burst was taken in.
            let other = try RawClient(port: port)
            other.send("GET /other HTTP/1.0\r\n\r\n")
            #expect(other.read().hasSuffix("/other"))
            #expect(counted.count < 10)
            let bytes = client.count()
            #expect(bytes > 20 * Mirror.large.readableBytes)
            #expect(counted.count == 22)
        }
    }

    @Test func `a client that reads its last answer slowly gets all of it`() async throws {
        var limits = HTTPLimits()
        limits.lingerTime = .milliseconds(50)
        limits.idleTime = .seconds(2)
        try await withServer(limits) { port in
            let client = try RawClient(port: port, receiveBuffer: 65_536)
            let one = "GET /large HTTP/1.1\r\nHost: a\r\n"
            client.send(one + "\r\n" + one + "\r\n" + one + "Connection: close\r\n\r\n")
            // An idle connection tells when the time is over.
            try #expect(RawClient(port: port).read().isEmpty)
            #expect(client.count() > 3 * Mirror.large.readableBytes)
        }
    }

    /// How much the kernel takes is its own affair, so the sizes vary: one of them leaves a rest that is too small for the
    /// channel to call itself full.
    @Test func `a client that never reads the last answer is let go`() async throws {
        var limits = HTTPLimits()
        limits.writeTime = .milliseconds(100)
        let (answered, continuation) = AsyncStream.makeStream(of: Void.self)
        let server = EdgeServer(threads: 1, limits: limits)
        let log = AccessLog(wants: { _ in true }, write: { _ in continuation.yield() })
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0), log: log) { Sized(loop: $0) }
        let sizes = Array(stride(from: 100_000, to: 5_000_000, by: 60_000))
        let clients = try sizes.map { size in
            let client = try StuckClient(port: address?.port ?? 0)
            client.client.send("GET /\(size) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return client
        }
        var answers = answered.makeAsyncIterator()
        for _ in sizes { await answers.next() }
        let begin = ContinuousClock.now
        await server.stop(within: .seconds(60))
        #expect(begin.duration(to: .now) < .seconds(50))
        withExtendedLifetime(clients) {}
    }
}

/// Answers a little later, with as many bytes as the target says.
private final class Sized: RequestHandler {
    let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func receive(_ exchange: Exchange) {
        let count = Int(exchange.head.uri.dropFirst()) ?? 0
        let bound = NIOLoopBound(exchange, eventLoop: loop)
        loop.execute {
            bound.value.respond(
                ResponseHead(status: 200, headers: [], contentLength: count),
                body: ByteBuffer(repeating: 0x61, count: count))
        }
    }
}

/// A client in a class, so that many fit into an array.
private final class StuckClient {
    let client: RawClient
    init(port: Int) throws { client = try RawClient(port: port, receiveBuffer: 4096) }
}

private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
}
