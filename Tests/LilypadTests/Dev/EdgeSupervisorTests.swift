import SiteBuilder
import Synchronization
import Testing

@testable import lilypad

/// Edges that exist only as notes of what was asked of them.
private final class Workbench: Sendable {
    struct State {
        var events: [String] = []
        var results: [EdgeWorkshop.Build] = []
        var endings: [Int: CheckedContinuation<String, Never>] = [:]
        var startFails = false
        var now = ContinuousClock.now
    }
    let state = Mutex(State())
    let reports = Mutex<[EdgeReport]>([])
    let gate = EdgeGate()

    var events: [String] { state.withLock { $0.events } }
    func note(_ event: String) { state.withLock { $0.events.append(event) } }
    func next(_ build: EdgeWorkshop.Build) { state.withLock { $0.results.append(build) } }
    func pass(_ duration: Duration) { state.withLock { $0.now += duration } }

    func die(_ generation: Int) {
        state.withLock { $0.endings.removeValue(forKey: generation) }?.resume(returning: "signal 9")
    }

    func supervisor(build: (@Sendable () async throws -> EdgeWorkshop.Build)? = nil) -> EdgeSupervisor {
        let workshop = EdgeWorkshop(
            build: build ?? { [self] in
                note("build")
                return state.withLock { $0.results.isEmpty ? .built(stamp: "same") : $0.results.removeFirst() }
            },
            launch: { [self] generation in
                note("launch \(generation)")
                if state.withLock({ $0.startFails }) { throw EdgeStartFailure(message: "no") }
                return Life(upstream: .init(path: "/\(generation)", generation: generation), bench: self)
            },
            now: { [self] in state.withLock { $0.now } })
        return EdgeSupervisor(workshop: workshop, gate: gate) { [self] report in reports.withLock { $0.append(report) }
        }
    }

    struct Life: EdgeLife {
        var upstream: GateState.Upstream
        var bench: Workbench

        func stop() async {
            #expect(!bench.gate.isOpen, "requests must be held before the edge goes")
            bench.note("stop \(upstream.generation)")
            bench.die(upstream.generation)
        }

        func waitForExit() async -> String {
            await withCheckedContinuation { continuation in
                bench.state.withLock { $0.endings[upstream.generation] = continuation }
            }
        }
    }
}

@Suite struct EdgeSupervisorTests {
    @Test func `the old edge ends before the new one starts`() async {
        let bench = Workbench()
        bench.next(.built(stamp: "1"))
        bench.next(.built(stamp: "2"))
        let supervisor = bench.supervisor()
        await supervisor.request(.build)
        await supervisor.settled()
        await supervisor.request(.build)
        await supervisor.settled()
        #expect(bench.events == ["build", "launch 1", "build", "stop 1", "launch 2"])
        #expect(bench.gate.upstream?.generation == 2)
        await supervisor.stop()
        #expect(bench.events.last == "stop 2")
    }

    @Test func `a failed build keeps the old edge, the same program is not swapped`() async {
        let bench = Workbench()
        let supervisor = bench.supervisor()
        await supervisor.request(.build)
        await supervisor.settled()
        bench.next(.failed([Diagnostic(file: "edge/a.swift", message: "No.")]))
        await supervisor.request(.build)
        await supervisor.settled()
        await supervisor.request(.build)
        await supervisor.settled()
        #expect(bench.events == ["build", "launch 1", "build", "build"])
        #expect(bench.gate.upstream?.generation == 1)
        #expect(bench.reports.withLock { $0.last } == .unchanged)
        await supervisor.stop()
    }

    @Test func `without an edge a failed build tells those who wait`() async {
        let bench = Workbench()
        bench.next(.failed([Diagnostic(file: "edge/a.swift", message: "No.")]))
        let supervisor = bench.supervisor()
        await supervisor.request(.build)
        await supervisor.settled()
        guard case .down(let outage) = bench.gate.enter({}) else {
            Issue.record("the gate is not shut")
            return
        }
        #expect(outage.code == "edge_build_failed")
    }

    @Test func `a newer change ends an older build`() async {
        let bench = Workbench()
        let (started, begin) = AsyncStream.makeStream(of: Void.self)
        let isFirst = Mutex(true)
        let supervisor = bench.supervisor(build: {
            guard
                isFirst.withLock({ first in
                    defer { first = false }
                    return first
                })
            else { return .built(stamp: "new") }
            begin.yield()
            // Only a cancellation ends this one.
            try await Task.sleep(for: .seconds(3600))
            return .built(stamp: "old")
        })
        await supervisor.request(.build)
        for await _ in started { break }
        await supervisor.request(.build)
        await supervisor.settled()
        #expect(bench.events == ["launch 1"])
        await supervisor.stop()
    }

    @Test func `an edge that had run for a while is started again, one that falls over at once is not`() async {
        let bench = Workbench()
        let supervisor = bench.supervisor()
        await supervisor.request(.build)
        await supervisor.settled()
        await supervisor.ended(1, "signal 9")
        #expect(!bench.gate.isOpen)
        bench.pass(.seconds(5))
        await supervisor.request(.restart)
        await supervisor.settled()
        bench.pass(.seconds(5))
        await supervisor.ended(2, "signal 9")
        await supervisor.settled()
        #expect(bench.gate.upstream?.generation == 3)
        await supervisor.stop()
        for generation in 1...2 { bench.die(generation) }
    }

    @Test func `an edge that does not start says why`() async {
        let bench = Workbench()
        bench.state.withLock { $0.startFails = true }
        let supervisor = bench.supervisor()
        await supervisor.request(.restart)
        await supervisor.settled()
        #expect(bench.reports.withLock { $0.last } == .startFailed("no"))
    }
}
