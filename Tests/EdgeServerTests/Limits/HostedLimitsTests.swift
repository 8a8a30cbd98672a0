import HTTPTypes
import Logging
import NIOCore
import NIOPosix
import StaticAssets
import Testing
import Workers
import WorkersTesting

@testable import EdgeServer

/// A Worker that does what its path says, and asks an origin beneath `/through`.
private struct Busy: Worker {
    struct Env: WorkerEnvironment {
        let origin: String
        init(_ bindings: Bindings) throws { origin = try bindings.text("ORIGIN") }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        let path = request.url.path
        switch path {
        case "/burn":
            let end = ThreadCPU.nanoseconds + 50_000_000
            while ThreadCPU.nanoseconds < end {}
            return .text("done")
        case "/many":
            for _ in 0..<60 { _ = try await ask("/", env, context) }
            return .text("done")
        case "/body": return .text("\(try await request.bytes().count)")
        default: return try await ask(path, env, context)
        }
    }

    private func ask(_ path: String, _ env: Env, _ context: ExecutionContext) async throws -> Response {
        try await context.fetch(Request(.get, RequestURL(scheme: "http", authority: env.origin, path: path)))
    }
}

@Suite struct HostedLimitsTests {
    private func with(
        _ mode: RequestMeter.Mode?, limits: PlatformLimits = PlatformLimits(.free),
        origin answer: @escaping @Sendable (Exchange) -> Void = { $0.answer("origin") },
        _ body: (Int) async throws -> Void
    ) async throws {
        let origin = try await OriginServer(answer)
        let server = EdgeServer(threads: 1)
        let fetcher = NetworkFetcher(
            group: server.eventLoopGroup, options: NetworkOptions(addresses: .emulator))
        var services = HostServices(now: { 0 }, fetcher: fetcher)
        services.metering = mode.map { HostServices.Metering(limits: limits, mode: $0) }
        services.showsErrors = true
        let host = try WorkerHost(
            Busy.self, bindings: Bindings(["ORIGIN": .text("127.0.0.1:\(origin.port)")]), services: services,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let router = AssetRouter(bundle: AssetBundle(files: []), settings: AssetSettings(), hasWorker: true)
        let live = LiveSite(Site(router: router, bundleHash: nil))
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
            Gateway(site: live, worker: host)
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(address?.port ?? 0))
        } catch {
            result = .failure(error)
        }
        await fetcher.stop()
        await server.stop(within: .seconds(5))
        await origin.stop()
        try result.get()
    }

    private func get(_ path: String, _ port: Int) throws -> String {
        let client = try RawClient(port: port)
        client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return client.read()
    }

    @Test func `a call beyond its CPU time is answered with 1102 as 503`() async throws {
        try await with(.enforcing) { port in
            let text = try get("/burn", port)
            #expect(text.hasPrefix("HTTP/1.1 503 "))
            #expect(text.contains("Worker exceeded CPU time limit."))
            #expect(text.contains("error 1102"))
        }
        try await with(.measuring) { port in
            let text = try get("/burn", port)
            #expect(text.hasSuffix("done"))
        }
    }

    @Test func `fetches too many fail the call, where limits are enforced`() async throws {
        let limits = PlatformLimits(.paid).adjusted(subrequests: 50)
        try await with(.enforcing, limits: limits) { port in
            let text = try get("/many", port)
            #expect(text.hasPrefix("HTTP/1.1 500 "))
            #expect(text.contains("Too many subrequests by single Worker invocation."))
        }
        for mode in [RequestMeter.Mode.measuring, nil] {
            try await with(mode) { port in
                let text = try get("/many", port)
                #expect(text.hasSuffix("done"))
            }
        }
    }

    @Test func `a body beyond the limit is 413`() async throws {
        var limits = PlatformLimits(.free)
        limits.requestBody = 100_000
        try await with(.enforcing, limits: limits) { port in
            let client = try RawClient(port: port)
            client.send("POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.send("20000\r\n" + String(repeating: "x", count: 0x20000) + "\r\n0\r\n\r\n")
            let text = client.read()
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `a fetch is the response of the handler that passes it on`() async throws {
        try await with(nil) { exchange in
            exchange.answer(
                200, [(name: "content-encoding", value: "gzip"), (name: "x-from", value: "origin")],
                Pack.bytes(Array(repeating: 0x61, count: 200_000), "gzip"))
        } _: { port in
            let text = try get("/through", port)
            #expect(text.contains("x-from: origin\r\n"))
            #expect(!text.contains("content-encoding"))
            #expect(text.filter { $0 == "a" }.count >= 200_000)
        }
    }

    @Test func `a client that leaves ends the handler's fetch, and that one the origin's work`() async throws {
        let came = Tally()
        let gone = Tally()
        try await with(nil) { exchange in
            let bound = NIOLoopBound(exchange, eventLoop: MultiThreadedEventLoopGroup.currentEventLoop!)
            exchange.onCancel = {
                _ = bound.value
                gone.add()
            }
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            exchange.write(ByteBuffer(string: "begin"))
            came.add()
        } _: { port in
            do {
                let client = try RawClient(port: port)
                client.send("GET /feed HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = client.read { $0.contains("begin") }
            }
            #expect(came.value == 1)
            try await eventually { gone.value == 1 }
        }
    }
}
