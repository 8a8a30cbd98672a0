import EdgeServer
import Workers

/// What the start says to a person: short enough for one screen of 24 lines, with the addresses behind it.
struct StartSummary: Sendable {
    struct Worker: Sendable {
        var name: String
        var bindings: [(kind: String, name: String)]
        var crons: [String]
    }

    var version: String
    var workers: [Worker]
    var files: Int
    var folder: String?
    var headerRules: Int
    var redirectRules: Int
    var stateFolder: String
    var milliseconds: Int64
    /// Whether there are keys to press.
    var hasKeys: Bool

    /// Lines for bindings, Workers together.
    private static let mostBindings = 8
    private static let width = 80

    var lines: [String] {
        var lines = ["Lilypad \(version), started in \(milliseconds) ms", ""]
        for worker in workers.prefix(3) { lines.append(StartSummary.cut("worker  \(worker.name)")) }
        if workers.count > 3 { lines.append("        and \(workers.count - 3) more Workers") }
        let bindings = workers.flatMap(\.bindings)
        for binding in bindings.prefix(StartSummary.mostBindings) {
            let kind = binding.kind.split(separator: "_").joined(separator: " ")
            let gap = String(repeating: " ", count: max(1, 16 - kind.count))
            lines.append(StartSummary.cut("        \(kind)\(gap)\(binding.name)"))
        }
        if bindings.count > StartSummary.mostBindings {
            lines.append("        and \(bindings.count - StartSummary.mostBindings) more bindings")
        }
        let crons = workers.flatMap(\.crons)
        if !crons.isEmpty {
            let more = crons.count > 3 ? " and \(crons.count - 3) more" : ""
            lines.append(StartSummary.cut("crons   " + crons.prefix(3).joined(separator: ", ") + more))
        }
        if let folder {
            var text = "files   \(files) from \(folder)"
            if headerRules + redirectRules > 0 {
                text += ", \(headerRules) header and \(redirectRules) redirect rules"
            }
            lines.append(StartSummary.cut(text))
        }
        lines.append(StartSummary.cut("state   \(stateFolder)"))
        if hasKeys { lines.append(Hotkeys.line) }
        lines.append("")
        return lines
    }

    private static func cut(_ text: String) -> String {
        text.count > width ? String(text.prefix(width - 1)) + "…" : text
    }
}
