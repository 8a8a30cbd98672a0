import HTTPTypes
import Logging
import NIOCore
import StaticAssets
import Synchronization
import Testing
import Workers

@testable import EdgeServer

/// What a handler did, told to the test.
private final class Journal: Sendable {
    private let entries = Mutex<[String]>([])
    var all: [String] { entries.withLock { $0 } }
    func note(_ entry: String) { entries.withLock { $0.append(entry) } }

    func wait(for entry: String) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if all.contains(entry) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }
}

private struct Streaming: Worker {
    struct Env: WorkerEnvironment {
        let journal: Journal
        init(_ bindings: Bindings) throws {
            journal = bindings.resource("JOURNAL", kind: "journal", as: Journal.self, orElse: Journal())
        }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        switch request.url.path {
        case "/size":
            var size = 0
            for try await chunk in try request.body.stream() { size += chunk.count }
            return .text("\(size)")
        case "/echo": return Response(body: request.body)
        case "/cancel":
            request.body.cancel()
            // The server hears of it on its loop.
            try await Task.sleep(for: .milliseconds(20))
            return .text("cancelled")
        case "/ignore": return .text("ignored")
        case "/known": return Response(body: Body(stream: BodyStream(chunks: [[0x61], [0x62]], length: 2)))
        case "/endless":
            return Response(
                body: Body(
                    stream: BodyStream(
                        onCancel: { env.journal.note("stream cancelled") },
                        next: {
                            env.journal.note("chunk")
                            return [UInt8](repeating: 0x78, count: 65_536)
                        })))
        case "/breaks":
            let (writer, stream) = BodyStream.pipe()
            _ = writer.offer(Array("part".utf8))
            writer.fail(MissingHandler(name: "x"))
            return Response(body: Body(stream: stream))
        case "/wait":
            env.journal.note("waiting")
            do {
                try await Task.sleep(for: .seconds(60))
            } catch {
                env.journal.note("cancelled")
                throw error
            }
            return .text("late")
        case "/background":
            context.waitUntil {
                try await Task.sleep(for: .milliseconds(50))
                env.journal.note("background done")
            }
            return .text("sent")
        case "/slow":
            try await Task.sleep(for: .milliseconds(30))
            return .text("slow")
        default: return .text("at once")
        }
    }
}

private struct Blocking: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }
    static var execution: HandlerExecution { .blockingThreads }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        if request.url.path == "/block" {
            // What a handler on an event loop must never do.
            while Blocking.gate.load(ordering: .acquiring) == 0 { blockThread() }
        } else {
            Blocking.gate.store(1, ordering: .releasing)
        }
        var stream = 0
        for try await chunk in try request.body.stream() { stream += chunk.count }
        return .text("done \(stream)")
    }

    private static let gate = Atomic<Int>(0)
}

@Suite struct HostingTests {
    private func withWorker<Application: Worker>(
        _ application: Application.Type, bodyLimit: Int = 100_000_000, threads: Int = 1,
        _ body: (Int, Journal, WorkerHost) async throws -> Void
    ) async throws {
        let journal = Journal()
        var services = HostServices(now: { 0 })
        services.bodyLimit = bodyLimit
        let host = try WorkerHost(
            application, bindings: Bindings(["JOURNAL": .init(kind: "journal", resource: journal)]), services: services,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let router = AssetRouter(bundle: AssetBundle(files: []), settings: AssetSettings(), hasWorker: true)
        let live = LiveSite(Site(router: router, bundleHash: nil))
        let server = EdgeServer(threads: threads)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
            Gateway(site: live, worker: host)
        }
        do {
            try await body(address?.port ?? 0, journal, host)
        } catch {
            await server.stop(within: .seconds(5))
            throw error
        }
        await server.stop(within: .seconds(5))
    }

    private static let megabyte = String(repeating: "0123456789abcdef", count: 65_536)

    @Test func `a large body streams to the handler, with a length and in chunks`() async throws {
        try await withWorker(Streaming.self) { port, _, _ in
            let client = try RawClient(port: port)
            client.send(
                "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: \(HostingTests.megabyte.utf8.count * 3)\r\n\r\n")
            for _ in 0..<3 { client.send(HostingTests.megabyte) }
            #expect(client.read { $0.hasSuffix("3145728") }.contains("200 OK"))
            client.send("POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
            for _ in 0..<3 { client.send("100000\r\n\(HostingTests.megabyte)\r\n") }
            client.send("0\r\n\r\n")
            #expect(client.read().hasSuffix("3145728"))
        }
    }

    @Test func `a body passed on comes back whole`() async throws {
        try await withWorker(Streaming.self) { port, _, _ in
            let client = try RawClient(port: port)
            let length = HostingTests.megabyte.utf8.count
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(length)\r\n\r\n")
            // Sent from beside: the answer begins long before the request has ended.
            let sending = Task.detached { client.send(HostingTests.megabyte) }
            let text = client.read()
            await sending.value
            #expect(text.contains("content-length: \(length)\r\n"))
            let content = text.range(of: "\r\n\r\n").map { text[$0.upperBound...] } ?? ""
            #expect(content.utf8.count == length)
            #expect(content.utf8.elementsEqual(HostingTests.megabyte.utf8))
        }
    }

    @Test func `a stream of known length has a Content-Length, another is chunked`() async throws {
        try await withWorker(Streaming.self) { port, _, _ in
            let client = try RawClient(port: port)
            client.send("GET /known HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.read { $0.hasSuffix("ab") }.contains("content-length: 2\r\n"))
            client.send("HEAD /known HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.read { $0.hasSuffix("\r\n\r\n") }.contains("content-length: 2\r\n"))
            client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
            )
            let text = client.read()
            #expect(text.contains("transfer-encoding: chunked\r\n"))
            #expect(text.hasSuffix("\r\n\r\n2\r\nhi\r\n0\r\n\r\n"))
        }
    }

    @Test func `a client that reads slowly slows the handler's stream down, and ends it by leaving`() async throws {
        try await withWorker(Streaming.self) { port, journal, _ in
            do {
                let client = try RawClient(port: port, receiveBuffer: 16_384)
                client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = client.read { $0.utf8.count > 100_000 }
                var before = -1
                // What the kernel buffers is a few megabytes at most; then the stream has to stand still.
                while journal.all.count != before {
                    before = journal.all.count
                    try await Task.sleep(for: .milliseconds(150))
                }
                #expect(before < 400)
            }
            #expect(await journal.wait(for: "stream cancelled"))
        }
    }

    @Test func `a response that breaks off breaks the connection`() async throws {
        try await withWorker(Streaming.self) { port, _, _ in
            let client = try RawClient(port: port)
            client.send("GET /breaks HTTP/1.1\r\nHost: a\r\n\r\n")
            let text = client.read()
            #expect(text.contains("4\r\npart\r\n"))
            #expect(!text.contains("0\r\n\r\n"))
        }
    }

    @Test func `a client that leaves cancels its handler and nobody else's`() async throws {
        try await withWorker(Streaming.self) { port, journal, _ in
            let other = try RawClient(port: port)
            do {
                let client = try RawClient(port: port)
                client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await journal.wait(for: "waiting"))
                other.send("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            }
            #expect(await journal.wait(for: "cancelled"))
            #expect(other.read().hasSuffix("slow"))
        }
    }

    @Test func `a declared body over the limit is refused, one that turns out longer fails its reader`() async throws {
        try await withWorker(Streaming.self, bodyLimit: 1_000_000) { port, _, _ in
            let client = try RawClient(port: port)
            client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
            #expect(client.read { $0.hasSuffix("}") }.contains("413 "))
            let second = try RawClient(port: port)
            second.send("POST /size HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            second.send("100000\r\n\(HostingTests.megabyte)\r\n0\r\n\r\n")
            let text = second.read { $0.hasSuffix("}") }
            #expect(text.contains("413 "))
            #expect(text.contains("body_too_large"))
        }
    }

    @Test func `a body that the handler ignores is swallowed up to a limit, and the connection goes on`() async throws {
        try await withWorker(Streaming.self) { port, _, _ in
            let client = try RawClient(port: port)
            let body = String(repeating: "x", count: 100_000)
            client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n\(body)")
            client.send("GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = client.read()
            #expect(text.contains("ignored"))
            #expect(text.hasSuffix("at once"))
        }
    }

    @Test func `an answer that leaves a long body unread says that the connection ends`() async throws {
        try await withWorker(Streaming.self) { port, _, _ in
            let client = try RawClient(port: port)
            client.send("POST /cancel HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
            #expect(client.read { $0.hasSuffix("cancelled") }.contains("connection: close\r\n"))
        }
    }

    @Test func `pipelined requests are answered in order, whatever their handlers wait for`() async throws {
        try await withWorker(Streaming.self) { port, _, _ in
            let client = try RawClient(port: port)
            client.send(
                "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /now HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = client.read()
            let slow = text.range(of: "\r\n\r\nslow")?.lowerBound
            let fast = text.range(of: "\r\n\r\nat once")?.lowerBound
            #expect(slow != nil && fast != nil && slow! < fast!)
        }
    }

    @Test func `background work goes on after the answer, and a server that stops can wait for it`() async throws {
        try await withWorker(Streaming.self) { port, journal, host in
            let client = try RawClient(port: port)
            client.send("GET /background HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(client.read().hasSuffix("sent"))
            await host.drained(within: .seconds(20))
            #expect(journal.all == ["background done"])
        }
    }

    @Test func `the Worker is told who asks and from where, and the answer carries the ray`() async throws {
        let edge = EdgeFields(overriding: [.init("country", .string("DE")), .init("own", .bool(true))])
        var headers: Headers = [
            .acceptEncoding: "gzip, zstd", .init("CF-Connecting-IP")!: "6.6.6.6",
            .init("X-Forwarded-For")!: "10.0.0.1",
        ]
        let (ray, cf) = edge.apply(
            to: &headers, client: ClientIdentity(address: "192.0.2.7", scheme: "http", host: "a"), number: 0x2F)
        #expect(headers.count == EdgeFields.count)
        #expect(headers[.init("CF-Connecting-IP")!] == "192.0.2.7")
        #expect(headers[.init("X-Forwarded-For")!] == "10.0.0.1, 192.0.2.7")
        #expect(headers[.init("CF-Visitor")!] == "{\"scheme\":\"http\"}")
        #expect(headers[.init("CF-IPCountry")!] == "DE")
        #expect(headers[.init("CF-Ray")!] == "000000000000002f-DFW")
        #expect(ray == "000000000000002f-DFW")
        #expect(headers[.acceptEncoding] == "br, gzip")
        #expect(cf["clientAcceptEncoding"] == .string("gzip, zstd"))
        #expect(cf["country"] == .string("DE"))
        #expect(cf["own"] == .bool(true))
        #expect(cf["city"] == .string("Austin"))
    }

    @Test func `a handler that blocks on threads of its own holds up nobody`() async throws {
        try await withWorker(Blocking.self) { port, _, _ in
            let blocked = try RawClient(port: port)
            blocked.send("GET /block HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let other = try RawClient(port: port)
            other.send("POST /go HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n")
            other.send(HostingTests.megabyte)
            #expect(other.read().hasSuffix("done 1048576"))
            #expect(blocked.read().hasSuffix("done 0"))
        }
    }
}
