import Synchronization
import Testing

@testable import EdgeEmulator
@testable import EdgeServer
@testable import Workers

@Suite struct RequestJournalTests {
    private static func record(
        _ source: String?, _ detail: String = "", status: Int = 200, completed: Bool = true, target: String = "/"
    ) -> AccessLog.Record {
        AccessLog.Record(
            method: "GET", target: target, status: status, bytes: 10, nanoseconds: 3_100_000,
            note: source.map { AnswerNote(source: $0, detail: detail) }, completed: completed)
    }

    private static func steps(
        _ record: AccessLog.Record, uses: [LimitReport.Use] = [], lines: [RequestTrace.Line] = []
    ) -> [String] {
        let entry = JournalEntry(number: 1, time: 0, record: record, uses: uses, lines: lines)
        return RequestExplanation(entry).steps.map { "\($0.name): \($0.text)" }
    }

    @Test func `a file says by which rule it was found`() {
        #expect(Self.steps(Self.record("assets", "/docs/index.html")) == ["asset rule: /docs/index.html."])
        let unchanged = Self.steps(Self.record("assets", "/a.js", status: 304))
        #expect(unchanged.last?.hasPrefix("cache: The client has this version already") == true)
    }

    @Test func `a Worker says why it was asked and how long it took`() {
        let steps = Self.steps(Self.record("worker", "no asset", status: 201))
        #expect(
            steps == [
                "routing: No file has this path, so the Worker was asked.",
                "worker: It answered with 201 after 3.1 ms.",
            ])
        let first = Self.steps(Self.record("worker", "run_worker_first /api/*"))
        #expect(first[0].hasSuffix("by wrangler.toml: run_worker_first /api/*."))
    }

    @Test func `a limit that comes near, an error, and a client that left are told`() {
        let uses = [
            LimitReport.Use(name: .cpu, used: 29, limit: 30), LimitReport.Use(name: .subrequests, used: 1, limit: 50),
        ]
        let lines = [RequestTrace.Line(level: "error", message: "handler failed")]
        let record = Self.record("worker", "", status: 500, completed: false)
        #expect(
            Self.steps(record, uses: uses, lines: lines) == [
                "worker: It answered with 500 after 3.1 ms.",
                "limits: The Worker came near to a limit of the platform, or beyond it: cpu 29 ms of 30 ms.",
                "worker: It failed: handler failed", "client: The connection ended before the whole answer was sent.",
            ])
    }

    @Test func `the cache's own words are kept`() {
        #expect(Self.steps(Self.record("cache", "hit"))[0].contains("still fresh"))
        #expect(Self.steps(Self.record("cache", "Lilypad; fwd=miss; stored"))[0].contains("fwd=miss"))
    }

    @Test func `the last thousand stay, in their order`() {
        let heard = Mutex(0)
        let journal = RequestJournal(now: { 1 }) { _ in heard.withLock { $0 += 1 } }
        let log = journal.accessLog
        for number in 1...2500 { log.write(Self.record("worker", target: "/\(number)")) }
        let (entries, last) = journal.entries(after: 0)
        #expect(last == 2500)
        #expect(entries.map(\.number) == Array(1501...2500))
        #expect(entries.first?.record.target == "/1501")
        #expect(journal.entries(after: 2498).entries.map(\.number) == [2499, 2500])
        #expect(heard.withLock { $0 } == 2500)
    }

    @Test func `a long target is cut`() {
        let journal = RequestJournal(now: { 1 }) { _ in }
        journal.accessLog.write(Self.record("worker", target: "/" + String(repeating: "x", count: 9000)))
        #expect(journal.entries(after: 0).entries[0].record.target.utf8.count == 2048)
    }
}

@Suite struct EventHubTests {
    @Test func `a page hears what happens, and one that does not read is told to start over`() async throws {
        let hub = EventHub()
        let stream = try hub.subscribe(first: [])
        let greeting = try await stream.next() ?? []
        #expect(String(decoding: greeting, as: UTF8.self).hasPrefix(": lilypad"))
        hub.publish("x", id: 7, .object([.init("a", .integer(1))]))
        let event = try await stream.next() ?? []
        #expect(String(decoding: event, as: UTF8.self) == "event: x\nid: 7\ndata: {\"a\":1}\n\n")

        let text = String(repeating: "y", count: 10_000)
        for _ in 0..<100 { hub.publish("x", .string(text)) }
        var all = ""
        while !all.contains("event: reload") { all += String(decoding: try await stream.next() ?? [], as: UTF8.self) }
        #expect(all.utf8.count < 400_000)
        hub.close()
        #expect(try await stream.next() == nil)
    }

    @Test func `there is an end to how many pages are served`() throws {
        let hub = EventHub()
        var streams: [BodyStream] = []
        for _ in 0..<EventHub.mostSubscribers { streams.append(try hub.subscribe(first: [])) }
        #expect(throws: Problem.self) { try hub.subscribe(first: []) }
        streams.removeLast().cancel()
        streams.append(try hub.subscribe(first: []))
        #expect(streams.count == EventHub.mostSubscribers)
    }
}
