import EdgeEmulator
import Synchronization
import Testing
import Workers

/// 1 March 2026, a Sunday, at noon.
private let noon = 1_772_366_400.0

/// Waits until something has happened elsewhere; a test that never sees it fails with its time limit.
private func until(_ condition: @Sendable () -> Bool) async throws {
    while !condition() { try await Task.sleep(for: .milliseconds(1)) }
}

@Suite(.timeLimit(.minutes(1))) struct CronScheduleTests {
    /// A schedule that runs for the length of `body`, and what it reported.
    private func withSchedule(
        _ texts: [String], clock: MovableClock,
        handler: @escaping @Sendable (ScheduledEvent) async throws -> Void = { _ in },
        _ body: (Reports) async throws -> Void
    ) async throws {
        let reports = Reports()
        let schedule = CronSchedule(
            try texts.map { try CronExpression($0) }, clock: clock, run: ScheduledRun(clock: clock, handler: handler),
            report: reports.add)
        let task = Task { await schedule.start() }
        try await body(reports)
        task.cancel()
        await task.value
    }

    private final class Reports: Sendable {
        private let list = Mutex<[ScheduledRun.Report]>([])
        var all: [ScheduledRun.Report] { list.withLock { $0 } }
        var fired: [String] { all.map { "\($0.cron) at \(Int(($0.scheduledTime / 1000 - noon) / 60))" } }
        @Sendable func add(_ report: ScheduledRun.Report) { list.withLock { $0.append(report) } }
    }

    @Test func `a trigger fires at its minutes by itself`() async throws {
        let clock = MovableClock(at: noon - 30)
        try await withSchedule(["*/2 * * * *"], clock: clock) { reports in
            for minute in 0...4 {
                clock.move(to: noon + Double(minute) * 60)
                try await until { reports.all.count >= minute / 2 + 1 }
            }
            #expect(reports.fired == ["*/2 * * * * at 0", "*/2 * * * * at 2", "*/2 * * * * at 4"])
            #expect(reports.all.allSatisfy { $0.result == ScheduledResult(outcome: .ok, noRetry: false) })
        }
    }

    @Test func `runs that were missed are skipped, and the minute that lasts still fires`() async throws {
        let clock = MovableClock(at: noon - 30)
        try await withSchedule(["* * * * *"], clock: clock) { reports in
            clock.move(to: noon + 3600 + 20)
            try await until { reports.all.count >= 1 }
            clock.move(to: noon + 3660)
            try await until { reports.all.count >= 2 }
            #expect(reports.fired == ["* * * * * at 60", "* * * * * at 61"])
        }
    }

    @Test func `a slow run is joined by the next one`() async throws {
        let clock = MovableClock(at: noon - 30)
        let running = Mutex(0)
        let (gate, open) = AsyncStream<Void>.makeStream()
        let handler: @Sendable (ScheduledEvent) async throws -> Void = { _ in
            running.withLock { $0 += 1 }
            for await _ in gate {}
        }
        try await withSchedule(["* * * * *"], clock: clock, handler: handler) { reports in
            clock.move(to: noon)
            try await until { running.withLock { $0 } == 1 }
            clock.move(to: noon + 60)
            try await until { running.withLock { $0 } == 2 }
            #expect(reports.all.isEmpty)
            open.finish()
            try await until { reports.all.count == 2 }
        }
    }

    @Test func `a run is cancelled after 15 minutes`() async throws {
        let clock = MovableClock(at: noon - 30)
        try await withSchedule(["0 12 * * *"], clock: clock, handler: { _ in try await Task.sleep(for: .seconds(600)) })
        {
            reports in
            clock.move(to: noon)
            // The run waits for its limit by then.
            while reports.all.isEmpty {
                clock.move(by: 60)
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(reports.all.map(\.result.outcome) == [.canceled])
            #expect(reports.all.first?.failure is ScheduledRunOverdue)
        }
    }

    @Test func `stopping cancels the runs under way and waits for them`() async throws {
        let clock = MovableClock(at: noon - 30)
        let started = Mutex(false)
        let ended = Mutex(false)
        try await withSchedule(
            ["* * * * *"], clock: clock,
            handler: { _ in
                started.withLock { $0 = true }
                defer { ended.withLock { $0 = true } }
                try await Task.sleep(for: .seconds(600))
            }
        ) { _ in
            clock.move(to: noon)
            try await until { started.withLock { $0 } }
        }
        #expect(ended.withLock { $0 })
    }

    @Test func `a schedule without a time to come ends by itself`() async throws {
        let clock = MovableClock(at: noon)
        let never = CronSchedule(
            [try CronExpression("0 0 31 2 *")], clock: clock, run: ScheduledRun(clock: clock) { _ in }
        ) { _ in }
        await never.start()
    }

    @Test func `an absent handler is an exception that is not to be retried`() async throws {
        let run = ScheduledRun(clock: MovableClock(at: noon)) { _ in throw MissingHandler(name: "scheduled") }
        let report = await run.run(ScheduledEvent(cron: "", scheduledTime: 0))
        #expect(report.result == ScheduledResult(outcome: .exception, noRetry: true))
    }
}
