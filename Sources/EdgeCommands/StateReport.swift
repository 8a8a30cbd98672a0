import EdgeEmulator
import Foundation
import Workers

/// How `state list` shows a state.
enum StateReport {
    static func text(_ overview: StateAccess.Overview, holder: StateHolder?) -> String {
        var lines = ["state  \(overview.folder)"]
        if let holder {
            lines.append("       held by process \(holder.process)\(holder.command.map { " (\($0))" } ?? "")")
        }
        lines += ["", row("part", "entries", "bytes")]
        lines += overview.parts.map { row($0.name, "\($0.entries)", size($0.bytes)) }
        lines.append("")
        if overview.snapshots.isEmpty { lines.append("no snapshots") } else { lines.append("snapshots") }
        lines += overview.snapshots.map { "  \(padded($0.name, 32)) \(time($0.created))  \(size($0.bytes))" }
        return lines.joined(separator: "\n")
    }

    static func json(_ overview: StateAccess.Overview) -> String {
        let parts = overview.parts.map { part in
            JSON.object([
                .init("name", .string(part.name)), .init("bytes", .integer(part.bytes)),
                .init("entries", .integer(part.entries)),
            ])
        }
        let snapshots = overview.snapshots.map { snapshot in
            JSON.object([
                .init("name", .string(snapshot.name)), .init("created", .integer(snapshot.created)),
                .init("bytes", .integer(snapshot.bytes)),
            ])
        }
        return JSON.object([
            .init("folder", .string(overview.folder)), .init("parts", .array(parts)),
            .init("snapshots", .array(snapshots)),
        ]).text
    }

    /// `12 B`, `3.4 kB`, `1.0 GB`.
    static func size(_ bytes: Int) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var (tenths, unit) = (bytes / 100, 0)
        while tenths >= 10_000, unit < 3 { (tenths, unit) = (tenths / 1000, unit + 1) }
        return "\(tenths / 10).\(tenths % 10) \(["kB", "MB", "GB", "TB"][unit])"
    }

    private static func row(_ name: String, _ entries: String, _ bytes: String) -> String {
        "  \(padded(name, 12)) \(String(repeating: " ", count: max(0, 10 - entries.count)))\(entries)  \(bytes)"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func time(_ milliseconds: Int) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "yyyy-MM-dd HH:mm:ss"
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }
}
