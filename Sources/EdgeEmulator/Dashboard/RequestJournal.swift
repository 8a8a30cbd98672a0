import EdgeServer
import Synchronization
import Workers

/// The last requests to the app, for the dashboard.
final class RequestJournal: Sendable {
    static let most = 1000
    /// Of a target that is kept, in bytes.
    private static let longestTarget = 2048

    private struct State {
        var entries: [JournalEntry] = []
        /// Where the next one goes, once all places are taken.
        var next = 0
        var last = 0
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Double
    private let tell: @Sendable (JournalEntry) -> Void

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - tell: hears of each entry, on an event loop.
    init(now: @escaping @Sendable () -> Double, tell: @escaping @Sendable (JournalEntry) -> Void) {
        self.now = now
        self.tell = tell
    }

    var accessLog: AccessLog { AccessLog(wants: { _ in true }, write: { self.add($0) }) }

    private func add(_ record: AccessLog.Record) {
        let moment = now()
        var record = record
        record.target = String(decoding: record.target.utf8.prefix(RequestJournal.longestTarget), as: UTF8.self)
        let uses = record.meter?.report(now: moment).uses ?? []
        let lines = record.trace?.lines ?? []
        // What they hold on to is not kept.
        record.meter = nil
        record.trace = nil
        let entry = state.withLock { state in
            state.last += 1
            let entry = JournalEntry(number: state.last, time: moment, record: record, uses: uses, lines: lines)
            if state.entries.count < RequestJournal.most {
                state.entries.append(entry)
            } else {
                state.entries[state.next] = entry
                state.next = (state.next + 1) % RequestJournal.most
            }
            return entry
        }
        tell(entry)
    }

    /// Those behind a number, oldest first, and the number of the last.
    func entries(after number: Int) -> (entries: [JournalEntry], last: Int) {
        state.withLock { state in
            let ordered = state.entries[state.next...] + state.entries[..<state.next]
            return (ordered.filter { $0.number > number }, state.last)
        }
    }

    var count: Int { state.withLock { $0.last } }
}

/// One request with everything that explains its answer.
struct JournalEntry: Sendable {
    var number: Int
    /// When it was over, in seconds since 1970.
    var time: Double
    var record: AccessLog.Record
    /// What its Worker used of its limits; empty where none was measured.
    var uses: [LimitReport.Use]
    var lines: [RequestTrace.Line]

    var json: JSON {
        let milliseconds = Int((time * 1000).rounded())
        let explanation = RequestExplanation(self).steps.map { step in
            JSON.object([.init("step", .string(step.name)), .init("text", .string(step.text))])
        }
        let limits = uses.filter { $0.used > 0 }.map { use in
            JSON.object([
                .init("name", .string(use.name.rawValue)), .init("used", .number(use.used)),
                .init("limit", .number(use.limit)), .init("unit", .string(use.name.unit)),
            ])
        }
        let logs = lines.map { line in
            JSON.object([
                .init("time", .integer(milliseconds)), .init("level", .string(line.level)),
                .init("message", .string(line.message)),
            ])
        }
        let cache = record.note.flatMap { $0.source == "cache" ? $0.detail : nil }
        return .object([
            .init("seq", .integer(number)), .init("time", .integer(milliseconds)),
            .init("method", .string(record.method)), .init("target", .string(record.target)),
            .init("host", .string(record.host)), .init("status", .integer(record.status)),
            .init("milliseconds", .number(Double(record.nanoseconds / 1000) / 1000)),
            .init("bytes", .integer(record.bytes)), .init("completed", .bool(record.completed)),
            .init("source", .string(record.note?.source ?? "")), .init("reason", .string(record.note?.detail ?? "")),
            .init("ray", .string(record.ray ?? "")), .init("client", .string(record.client)),
            .init("cacheStatus", cache.map { .string($0) } ?? .null), .init("limits", .array(limits)),
            .init("logs", .array(logs)), .init("explanation", .array(explanation)),
        ])
    }
}

extension LimitReport.Use.Name {
    /// Of `used` and `limit`; empty for counts.
    var unit: String {
        switch self {
        case .subrequests, .serviceCalls, .connections, .invocations: ""
        case .cpu: "ms"
        case .background: "s"
        case .memory, .requestBody: "bytes"
        }
    }
}
