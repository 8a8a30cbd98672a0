import Foundation
import Testing

@testable import SiteBuilder

@Suite struct BunWorkerTests {
    @Test func `one process answers many requests at once`() async throws {
        let fixture = try ClientFixture()
        let versions = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await fixture.worker.ping().version } }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(versions.count == 50)
        #expect(Set(versions).count == 1)
        #expect(await fixture.worker.requestsOfThisProcess == 50)
        await fixture.worker.close()
    }

    @Test func `a killed process is an error for who waits, and a fresh one serves the next`() async throws {
        let fixture = try ClientFixture()
        _ = try await fixture.worker.ping()
        let first = try #require(await fixture.worker.processIdentifier)
        // Stopped, so that the request is certainly unanswered when the process goes.
        kill(first, SIGSTOP)
        async let waiting = fixture.worker.ping()
        while await fixture.worker.requestsOfThisProcess < 2 { await Task.yield() }
        kill(first, SIGKILL)
        do {
            _ = try await waiting
            Issue.record("a killed process answered")
        } catch let failure as BunWorker.Failure {
            #expect(failure.description.hasPrefix("The bundler ended unexpectedly (signal 9)."))
        }
        _ = try await fixture.worker.ping()
        #expect(await fixture.worker.processIdentifier != first)
        #expect(kill(first, 0) != 0, "the killed process was not reaped")
        await fixture.worker.close()
    }

    @Test func `closing ends the process, and a closed worker says so`() async throws {
        let fixture = try ClientFixture()
        _ = try await fixture.worker.ping()
        let pid = try #require(await fixture.worker.processIdentifier)
        await fixture.worker.close()
        #expect(kill(pid, 0) != 0)
        await #expect(throws: BunWorker.Failure.self) { try await fixture.worker.ping() }
    }

    @Test func `a worker that nobody holds takes its process with it`() async throws {
        let fixture = try ClientFixture()
        var worker: BunWorker? = BunWorker(bun: try ClientTools.bun, site: fixture.site)
        _ = try await worker?.ping()
        let pid = try #require(await worker?.processIdentifier)
        worker = nil
        // It reads the end of its input and exits; the reader thread reaps it.
        while kill(pid, 0) == 0 { await Task.yield() }
    }

    @Test func `a binary that cannot run is a sentence`() async throws {
        let worker = BunWorker(bun: "/nowhere/bun", site: NSTemporaryDirectory())
        do {
            _ = try await worker.ping()
            Issue.record("it ran")
        } catch let failure as BunWorker.Failure {
            #expect("\(failure)".contains("/nowhere/bun cannot be started: No such file or directory."))
        }
    }

    @Test func `the exports of CommonJS packages are found by running them`() async throws {
        let fixture = try ClientFixture()
        let exports = try await fixture.worker.exports(
            of: ["react", "@tanstack/react-query"], define: ["process.env.NODE_ENV": "\"production\""])
        #expect(exports.modules.map(\.format) == ["cjs", "esm"])
        #expect(exports.modules[0].names.contains("useState"))
        #expect(!exports.modules[0].names.contains("act"))
        #expect(exports.modules[1].names == ["QueryClient", "useQuery"])
        await fixture.worker.close()
    }
}
