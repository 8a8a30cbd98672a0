import FileWatcher
import Foundation
import Logging
import NIOCore
import Synchronization
import Testing
import Workers

@testable import EdgeEmulator
@testable import EdgeServer

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct PortPlanTests {
    @Test func `the flag wins over the configuration, the configuration over the default`() {
        #expect(PortPlan.Wish(flag: 1, configured: 2, standard: 3).port == 1)
        #expect(PortPlan.Wish(flag: nil, configured: 2, standard: 3).port == 2)
        #expect(PortPlan.Wish(flag: nil, configured: nil, standard: 3).port == 3)
    }

    @Test func `a default port moves up by ten, an explicit one stays`() {
        let standard = PortPlan(wish: .init(flag: nil, configured: nil, standard: 8787))
        #expect(standard.candidates.prefix(3) == [8787, 8797, 8807])
        #expect(PortPlan(wish: .init(flag: 9000, configured: nil, standard: 8787)).candidates == [9000])
        #expect(PortPlan(wish: .init(flag: nil, configured: 9000, standard: 8787)).candidates == [9000])
    }

    @Test func `a taken port is explained in one sentence`() {
        let plan = PortPlan(wish: .init(flag: 9000, configured: nil, standard: 8787))
        #expect(
            plan.refusal(holder: PortHolder(process: 42, name: "nginx"))
                == "Port 9000 is taken by nginx (process 42); stop that process or choose another port with --port.")
        #expect(plan.refusal(holder: nil).hasPrefix("Port 9000 is taken; "))
    }

    @Test func `the process that holds a port is found`() async throws {
        final class Silent: RequestHandler { func receive(_ exchange: Exchange) {} }
        let server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in Silent() }
        // What the kernel tells of all sockets can lack one while others come and go, as they do beside this test.
        var holder: PortHolder?
        let deadline = ContinuousClock.now + .seconds(20)
        while holder == nil, ContinuousClock.now < deadline {
            holder = PortHolder.find(port: address?.port ?? 0)
            await Task.yield()
        }
        await server.stop(within: .seconds(1))
        #expect(holder?.process == Int(getpid()))
    }
}

@Suite struct RequestLineTests {
    private func record(
        _ target: String = "/api", status: Int = 200, source: String = "worker", nanoseconds: Int64 = 1_234_567
    ) -> AccessLog.Record {
        AccessLog.Record(
            method: "GET", target: target, status: status, bytes: 10, nanoseconds: nanoseconds,
            note: AnswerNote(source: source, detail: ""), completed: true)
    }

    @Test func `a line says when, what, how it ended, how long it took and who answered`() {
        let line = RequestLine(record: record())
        #expect(line.text(time: "12:00:00", colors: false) == "12:00:00 GET /api 200 1.2 ms worker")
    }

    @Test func `a target cannot write to the terminal`() {
        let line = RequestLine(record: record("/\u{9B}31m"))
        #expect(line.text(time: "", colors: false).contains("/\\u{9b}31m"))
        #expect(line.json(time: "").contains("/\\u009b31m"))
    }

    @Test func `a giant target does not make a giant line`() {
        let line = RequestLine(record: record("/" + String(repeating: "a", count: 16_000), status: 414))
        #expect(line.text(time: "", colors: false).count < 600)
        #expect(line.json(time: "").count < 800)
    }

    @Test func `assets are quiet until one fails`() {
        #expect(RequestLine.isQuiet(.init(status: 200, source: "assets", completed: true)))
        #expect(!RequestLine.isQuiet(.init(status: 404, source: "assets", completed: true)))
        #expect(!RequestLine.isQuiet(.init(status: 200, source: "assets", completed: false)))
        #expect(!RequestLine.isQuiet(.init(status: 200, source: "worker", completed: true)))
    }
}

@Suite struct ConsoleTests {
    @Test func `an error that quotes a client cannot write to the terminal, nor begin a line`() {
        let lines = Mutex<[String]>([])
        let console = Console(
            format: .text(colors: false), now: { 0 }, write: { line in lines.withLock { $0.append(line) } })
        let logger = Logger(label: "worker") { _ in ConsoleLogHandler(console: console) }
        logger.error("handler failed", metadata: ["error": "a\u{1B}[2J\n12:00:00 GET /forged 200"])
        #expect(lines.withLock { $0 } == ["handler failed error=a\\u{1b}[2J\\u{a}12:00:00 GET /forged 200"])
    }
}

@Suite struct WatchScopeTests {
    private let scope = WatchScope(folder: "/work/dist/public")

    @Test(
        "sees the folder, what is in it, and the manifest beside it",
        arguments: [
            "/work", "/work/dist", "/work/dist/public", "/work/dist/public/a/b.js", "/work/dist/manifest.json",
        ])
    func sees(path: String) { #expect(scope.contains(path)) }

    @Test func `a build that changes places with the one before is seen, and so is the next`() async throws {
        let project = FileManager.default.temporaryDirectory.appending(path: "scope-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: project) }
        let scope = WatchScope(folder: project + "/dist/public")
        func build(_ name: String) throws {
            try FileManager.default.createDirectory(
                atPath: "\(project)/\(name)/public", withIntermediateDirectories: true)
        }
        try build("dist")
        let watcher = try FileWatcher(roots: [scope.root], ignores: { !scope.contains($0) }, quiet: 5)
        var batches = watcher.batches.makeAsyncIterator()
        for _ in 1...3 {
            try build(".staging")
            #expect(rename(project + "/dist", project + "/.retired") == 0)
            #expect(rename(project + "/.staging", project + "/dist") == 0)
            var seen: Set<String> = []
            while !seen.contains(project + "/dist/public"), let batch = await batches.next() {
                seen.formUnion(batch.paths)
            }
            #expect(seen.contains(project + "/dist/public"))
            try FileManager.default.removeItem(atPath: project + "/.retired")
        }
        watcher.stop()
    }

    @Test(
        "does not see the neighbours",
        arguments: ["/work/src", "/work/dist/maps", "/work/dist/public-old", "/work/dist/public2/a.js"])
    func ignores(path: String) { #expect(!scope.contains(path)) }
}

@Suite struct StartTests {
    /// The sentence with which a start fails.
    private func refusal(_ change: (inout EmulatorOptions) -> Void) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "start-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("name = \"test\"\ncompatibility_date = \"2025-01-01\"\n[assets]\ndirectory = \".\"\n".utf8)
            .write(to: URL(fileURLWithPath: folder + "/wrangler.toml"))
        var options = EmulatorOptions(currentFolder: folder, process: [:])
        options.threads = 1
        change(&options)
        let console = Console(format: .json, now: { 0 }, write: { _ in })
        let failure = await #expect(throws: StartFailure.self) {
            try await Emulator(options, release: "1", workers: ["x": LinkedWorker(NoWorker.self)], console: console)
                .run()
        }
        return failure?.description ?? ""
    }

    private struct NoWorker: Worker {
        struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }
        func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response { Response() }
    }

    @Test func `a socket path that is too long is explained in one sentence`() async throws {
        let path = "/" + String(repeating: "a", count: 107)
        #expect(
            try await refusal { $0.unixSocket = path }
                == "The path of the socket is 108 bytes long; the kernel takes at most 107: \(path)")
    }

    @Test func `an address that is not this machine's is explained in one sentence`() async throws {
        let text = try await refusal {
            $0.host = "192.0.2.1"
            $0.port = 0
        }
        #expect(text.hasPrefix("The address 192.0.2.1 cannot be listened on; "))
    }
}
