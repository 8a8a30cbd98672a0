import FileWatcher
import Foundation
import Logging
import NIOCore
import Synchronization
import Testing
import Workers

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
