import EdgeServer
import StaticAssets
import Workers

/// Why a request was answered as it was, as sentences in the order of what happened.
struct RequestExplanation: Sendable, Hashable {
    struct Step: Sendable, Hashable {
        /// `routing`, `asset rule`, `cache`, `worker`, `server`, `limits`, `client`.
        var name: String
        var text: String
    }

    private(set) var steps: [Step] = []

    init(_ entry: JournalEntry) {
        let record = entry.record
        let detail = record.note?.detail ?? ""
        switch record.note?.source {
        case "assets": explainAsset(detail, record)
        case "worker": explainWorker(detail, record)
        case "cache": explainCache(detail)
        case "cdn-cgi":
            add(
                "routing",
                "Paths under /cdn-cgi/ are the emulator's own: triggers for scheduled handlers, and the clock.")
        case "server": add("server", "The server answered by itself, before assets or Worker were asked: \(detail).")
        case let source?: add("routing", detail.isEmpty ? "\(source) answered." : "\(source) answered: \(detail).")
        case nil:
            if record.status == 0 { add("server", "There was no answer.") }
        }
        for use in entry.uses where use.part >= LimitReport.nearness && use.name != .connections {
            add("limits", "The Worker came near to a limit of the platform, or beyond it: \(use.description).")
        }
        if let line = entry.lines.first(where: { $0.level == "error" }) { add("worker", "It failed: \(line.message)") }
        if !record.completed {
            add("client", "The connection ended before the whole answer was sent.")
        }
    }

    private mutating func explainAsset(_ detail: String, _ record: AccessLog.Record) {
        if !detail.isEmpty { add("asset rule", "\(detail).") }
        switch record.status {
        case 304: add("cache", "The client has this version already (If-None-Match, or If-Modified-Since).")
        case 206: add("asset rule", "The client asked for a part of the file (Range).")
        case 301...308: add("asset rule", "It is a redirect, so the client asks again elsewhere.")
        case 404: add("asset rule", "There is no such file, and no rule that says otherwise.")
        case 405: add("asset rule", "Files can be read with GET and HEAD alone.")
        default: break
        }
    }

    private mutating func explainWorker(_ detail: String, _ record: AccessLog.Record) {
        if detail == AssetRouter.WorkerReason.nothingFound.description {
            add("routing", "No file has this path, so the Worker was asked.")
        } else if !detail.isEmpty {
            add("routing", "The Worker comes before the files here, by wrangler.toml: \(detail).")
        }
        let milliseconds = Double(record.nanoseconds / 10_000) / 100
        if record.status > 0 { add("worker", "It answered with \(record.status) after \(milliseconds) ms.") }
    }

    private mutating func explainCache(_ detail: String) {
        if detail == "hit" {
            add("cache", "The answer was in the cache in front of the Worker, and still fresh.")
        } else {
            add("cache", "The cache in front of the Worker says: \(detail).")
        }
    }

    private mutating func add(_ name: String, _ text: String) { steps.append(Step(name: name, text: text)) }
}
