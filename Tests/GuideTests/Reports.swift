import Testing
import Workers
import WorkersTesting

struct Reports: Worker {
    struct Env: WorkerEnvironment {
        let reports: any KVNamespace

        init(_ bindings: Bindings) throws {
            reports = try bindings.kv("REPORTS")
        }
    }

    func scheduled(
        _ event: ScheduledEvent, env: Env, context: ExecutionContext
    ) async throws {
        switch event.cron {
        case "*/5 * * * *":
            try await env.reports.put("alive", "\(event.scheduledTime)")
        case "30 2 * * MON-FRI":
            for try await key in env.reports.keys(prefix: "draft/") {
                try await env.reports.delete(key.name)
            }
        default:
            event.noRetry()
            throw WorkersError(.error, "Nothing is to be done at \(event.cron).")
        }
    }
}

@Suite struct ReportsTests {
    @Test func `drafts are gone in the morning`() async throws {
        let clock = TestClock()
        let reports = MemoryKV(now: clock.read)
        let worker = try TestWorker(
            Reports.self, bindings: ["REPORTS": .kv(reports)], clock: clock)
        try await reports.put("draft/1", "…")
        try await reports.put("final/1", "…")

        try await worker.scheduled("30 2 * * MON-FRI")
        #expect(try await reports.list().keys.map(\.name) == ["final/1"])
    }

    @Test func `a trigger that nobody knows fails`() async throws {
        let worker = try TestWorker(Reports.self, bindings: ["REPORTS": .kv(MemoryKV { 0 })])
        await #expect(throws: WorkersError.self) { try await worker.scheduled("0 0 1 1 *") }
    }

    @Test func `weekdays begin with Sunday as 1`() throws {
        let mondays = try CronExpression("0 9 * * 2")
        // 1 January 2026 was a Thursday, the first Monday was the 5th.
        let newYear = 1_767_225_600.0
        #expect(mondays.next(after: newYear) == newYear + 4 * 86_400 + 9 * 3600)
    }
}
