import HTTPTypes
import Logging
import NIOCore
import StaticAssets
import Synchronization
import Testing
import Workers

@testable import EdgeServer

/// Tells what it was told about the client.
private struct Mirror: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        let names = [
            "CF-Connecting-IP", "X-Real-IP", "X-Forwarded-For", "X-Forwarded-Proto", "CF-Visitor", "CF-IPCountry",
            "Forwarded", "X-Forwarded-Host",
        ]
        let fields = names.map { "\($0)=\(request.headers[.init($0)!] ?? "-")" }
        return .text(([request.url.text] + fields).joined(separator: "\n"))
    }
}

/// What reached the log.
private final class Records: Sendable {
    private let list = Mutex<[AccessLog.Record]>([])
    var all: [AccessLog.Record] { list.withLock { $0 } }
    var log: AccessLog { AccessLog(wants: { _ in true }) { record in self.list.withLock { $0.append(record) } } }
}

@Suite struct ServedClientTests {
    private func withServer(
        _ rules: ClientRules, redirects: String? = nil,
        _ body: (Int, Records, EdgeServer) async throws -> Void
    ) async throws {
        var services = HostServices(now: { 0 })
        services.edge = EdgeFields(.unknown)
        let host = try WorkerHost(
            Mirror.self, bindings: Bindings([:]), services: services,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let bundle = AssetBundle(files: [], redirectsFile: redirects)
        let router = AssetRouter(bundle: bundle, settings: AssetSettings(), hasWorker: true)
        let live = LiveSite(Site(router: router, bundleHash: nil))
        let records = Records()
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(
            on: .tcp(host: "127.0.0.1", port: 0), clients: rules, log: records.log
        ) { _ in Gateway(site: live, worker: host) }
        do {
            try await body(address?.port ?? 0, records, server)
        } catch {
            await server.stop(within: .seconds(5))
            throw error
        }
        await server.stop(within: .seconds(5))
    }

    private func ask(_ port: Int, _ text: String) throws -> String {
        let client = try RawClient(port: port)
        client.send(text)
        return client.read()
    }

    private static func trusting(_ list: String, proxyProtocol: Bool = false) throws -> ClientRules {
        ClientRules(proxies: try TrustedProxies(list), takesProxyProtocol: proxyProtocol)
    }

    private static let proxied =
        "GET /x HTTP/1.1\r\nHost: own\r\nConnection: close\r\nForwarded: for=7.7.7.7\r\nX-Forwarded-Host: a.example\r\n"
        + "X-Forwarded-For: 6.6.6.6, 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Real-IP: 8.8.8.8\r\n\r\n"

    @Test func `the Worker and the log are told who a trusted proxy says the client is, and nothing else`() async throws
    {
        try await withServer(Self.trusting("127.0.0.0/8")) { port, records, _ in
            let text = try ask(port, Self.proxied)
            #expect(
                text.hasSuffix(
                    "https://a.example/x\nCF-Connecting-IP=192.0.2.1\nX-Real-IP=192.0.2.1\nX-Forwarded-For=192.0.2.1\n"
                        + "X-Forwarded-Proto=https\nCF-Visitor={\"scheme\":\"https\"}\nCF-IPCountry=XX\nForwarded=-\n"
                        + "X-Forwarded-Host=-"))
            #expect(records.all.map(\.client) == ["192.0.2.1"])
            #expect(records.all.first?.ray?.hasSuffix("-XXX") == true)
        }
    }

    @Test func `fields of everybody else are replaced`() async throws {
        try await withServer(.direct) { port, records, _ in
            let text = try ask(port, Self.proxied)
            #expect(
                text.hasSuffix(
                    "http://own/x\nCF-Connecting-IP=127.0.0.1\nX-Real-IP=127.0.0.1\nX-Forwarded-For=127.0.0.1\n"
                        + "X-Forwarded-Proto=http\nCF-Visitor={\"scheme\":\"http\"}\nCF-IPCountry=XX\nForwarded=-\n"
                        + "X-Forwarded-Host=-"))
            #expect(records.all.map(\.client) == ["127.0.0.1"])
        }
    }

    @Test func `what Cloudflare knows is kept where Cloudflare is believed`() async throws {
        let fields = "CF-Connecting-IP: 192.0.2.1\r\nCF-IPCountry: DE\r\nCF-Ray: 00-FRA\r\n"
        try await withServer(Self.trusting("127.0.0.0/8")) { port, records, _ in
            let text = try ask(port, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(fields)\r\n")
            #expect(text.contains("CF-IPCountry=DE"))
            #expect(text.contains("cf-ray: 00-FRA\r\n"))
            #expect(records.all.first?.ray == "00-FRA")
        }
    }

    @Test func `redirects of assets go by the URL that the client asked for`() async throws {
        let rules = try Self.trusting("127.0.0.1")
        try await withServer(rules, redirects: "/old https://a.example/new 301\n") { port, _, _ in
            let line = "GET /old HTTP/1.1\r\nHost: own\r\nConnection: close\r\nX-Forwarded-Host: a.example\r\n"
            // Relative on the same origin, absolute elsewhere.
            try #expect(ask(port, line + "X-Forwarded-Proto: https\r\n\r\n").contains("location: /new\r\n"))
            try #expect(ask(port, line + "\r\n").contains("location: https://a.example/new\r\n"))
        }
    }

    @Test func `requests of one connection may come from several clients`() async throws {
        try await withServer(Self.trusting("127.0.0.1")) { port, records, _ in
            let text = try ask(
                port,
                "GET /1 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
                    + "GET /2 HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.2\r\nConnection: close\r\n\r\n")
            #expect(text.occurrences(of: "HTTP/1.1 200 OK") == 2)
            #expect(records.all.map(\.client) == ["192.0.2.1", "192.0.2.2"])
        }
    }

    @Test func `a request that never becomes complete is logged with its client`() async throws {
        try await withServer(Self.trusting("127.0.0.1")) { port, records, _ in
            do {
                let client = try RawClient(port: port)
                client.send("POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 9\r\n\r\nabc")
            }
            let deadline = ContinuousClock.now + .seconds(20)
            while records.all.isEmpty, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(2)) }
            #expect(records.all.map(\.client) == ["192.0.2.1"])
        }
    }

    // MARK: The PROXY protocol

    private static let request = "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    /// 10.0.0.9 as the client, all bytes below 128.
    private static let binary =
        "\r\n\r\n\0\r\nQUIT\n!\u{11}\0\u{14}\u{0A}\0\0\u{09}\u{0A}\0\0\u{01}\u{01}\u{01}\0\u{50}\u{20}\0\u{05}\u{01}\0\0\0\0"

    @Test(
        "a header of the PROXY protocol in front says who the client is",
        arguments: [
            ("PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n", "CF-Connecting-IP=192.0.2.1", "http://a/x"),
            ("PROXY TCP6 2001:db8::1 fd00::1 4711 80\r\n", "CF-Connecting-IP=2001:db8::1", "http://a/x"),
            ("PROXY UNKNOWN\r\n", "CF-Connecting-IP=127.0.0.1", "http://a/x"),
            (binary, "CF-Connecting-IP=10.0.0.9", "https://a/x"),
            ("\r\n\r\n\0\r\nQUIT\n \0\0\0", "CF-Connecting-IP=127.0.0.1", "http://a/x"),
        ])
    func proxyProtocol(header: String, field: String, url: String) async throws {
        try await withServer(Self.trusting("127.0.0.1", proxyProtocol: true)) { port, _, _ in
            let text = try ask(port, header + Self.request)
            #expect(text.contains(field))
            #expect(text.contains(url))
            // In pieces it means the same.
            let client = try RawClient(port: port)
            let scalars = Array((header + Self.request).unicodeScalars.map(String.init))
            for piece in [scalars[..<9], scalars[9..<13], scalars[13...]] {
                client.send(piece.joined())
                blockThread()
            }
            #expect(client.read().contains(field))
        }
    }

    @Test(
        "a connection of a proxy without a proper header is closed without an answer",
        arguments: ["", "PROXY nonsense\r\n", "\r\n\r\n\0\r\nQUIX", "\r\n\r\n\0\r\nQUIT\n!\u{11}\u{7F}\u{7F}"])
    func badHeader(header: String) async throws {
        try await withServer(Self.trusting("127.0.0.1", proxyProtocol: true)) { port, _, _ in
            try #expect(ask(port, header + Self.request) == "")
            try #expect(ask(port, "PROXY UNKNOWN\r\n" + Self.request).hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test func `a header of somebody else, and one that nobody expects, are malformed requests`() async throws {
        for rules in [try Self.trusting("10.0.0.0/8", proxyProtocol: true), try Self.trusting("127.0.0.1")] {
            try await withServer(rules) { port, _, _ in
                let text = try ask(port, "PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n" + Self.request)
                #expect(text.hasPrefix("HTTP/1.1 400 "))
                try #expect(ask(port, Self.request).contains("CF-Connecting-IP=127.0.0.1"))
            }
        }
    }

    @Test func `a header that never ends has as much time as the head of a request`() async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(50)
        let server = EdgeServer(threads: 1, limits: limits)
        let rules = try Self.trusting("127.0.0.1", proxyProtocol: true)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0), clients: rules) { _ in Nothing() }
        let client = try RawClient(port: address?.port ?? 0)
        client.send("PROXY TCP4")
        #expect(client.read().contains(" 408 "))
        await server.stop(within: .seconds(5))
    }

    // MARK: Health and ending

    @Test(
        "health and readiness are answered before everything else",
        arguments: [
            ("GET /health", 200, "alive"), ("GET /health?x", 200, "alive"), ("GET /ready", 503, "starting"),
            ("POST /health", 405, "allow: GET, HEAD"), ("GET /healthy", 404, "\r\n\r\n"),
            ("GET /ready/", 404, "\r\n\r\n"),
        ])
    func health(line: String, status: Int, state: String) async throws {
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
            HealthHandler(next: Nothing(), readiness: Readiness())
        }
        let text = try ask(address?.port ?? 0, "\(line) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
        #expect(text.contains(state))
        await server.stop(within: .seconds(5))
    }

    @Test func `who drains does not become ready again`() {
        let readiness = Readiness()
        readiness.become(.ready)
        #expect(readiness.current == .ready)
        readiness.become(.draining)
        readiness.become(.ready)
        #expect(readiness.current == .draining)
    }

    @Test func `a connection between two requests may bring one more while the server stops`() async throws {
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in Nothing() }
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let (busy, idle) = (try RawClient(port: address?.port ?? 0), try RawClient(port: address?.port ?? 0))
        idle.send(request)
        #expect(!idle.read { $0.hasSuffix("\r\n\r\n") }.contains("connection: close"))
        async let stopped: Void = server.stop(within: .seconds(60), patience: .seconds(60))
        // Until the stop has begun, which takes its time.
        let deadline = ContinuousClock.now + .seconds(20)
        var answer = ""
        while !answer.contains("connection: close"), ContinuousClock.now < deadline {
            busy.send(request)
            answer = busy.read { $0.hasSuffix("\r\n\r\n") }
            try await Task.sleep(for: .milliseconds(1))
        }
        idle.send(request)
        #expect(idle.read().contains("connection: close"))
        await stopped
    }

    @Test func `a socket that somebody else has bound is listened on`() async throws {
        let socket = try BoundSocket()
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .inherited(descriptor: socket.descriptor)) { _ in Nothing() }
        #expect(address?.port == socket.port)
        try #expect(ask(socket.port, "GET /1 HTTP/1.0\r\n\r\n").hasPrefix("HTTP/1.1 404"))
        await server.stop(within: .seconds(5))
    }
}

/// Has nothing.
private final class Nothing: RequestHandler {
    func receive(_ exchange: Exchange) {
        exchange.respond(ResponseHead(status: 404, headers: [], contentLength: 0), body: nil)
    }
}
