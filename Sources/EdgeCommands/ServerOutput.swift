import EdgeEmulator
import EdgeServer
import Foundation

/// The standard output of a production server: what it says and which requests it had, each on a line, all written by one
/// thread.
struct ServerOutput {
    let console: Console
    /// `nil` when nobody wants to read it.
    let accessLog: AccessLog?

    init(isTerminal: Bool, format: AccessLogFormat?) {
        let writer = LineWriter(descriptor: STDOUT_FILENO) { count in
            isTerminal || format != .json
                ? "\(count) lines are missing here: they came faster than they were read."
                : "{\"level\":\"warning\",\"event\":\"lines_dropped\",\"count\":\(count)}"
        }
        let now: @Sendable () -> Double = { Date().timeIntervalSince1970 }
        let colors = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
        console = Console(
            format: isTerminal ? .text(colors: colors) : .json, now: now, write: { writer.write($0) },
            finish: { writer.finish(within: .seconds(1)) })
        accessLog = format.map { format in
            AccessLog(wants: { $0.source != HealthHandler.source }) { record in
                writer.write(format.line(for: record, at: now()))
            }
        }
    }
}
