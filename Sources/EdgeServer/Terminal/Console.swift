import Foundation
import Synchronization
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// The terminal of a server: sentences and request lines for people, JSON lines where the output is not a terminal.
public final class Console: Sendable {
    public enum Format: Sendable {
        case text(colors: Bool)
        case json
    }

    private let format: Format
    private let requests: RequestSelection
    private let write: @Sendable (String) -> Void
    private let finish: @Sendable () -> Void
    private let now: @Sendable () -> Double

    /// - Parameters:
    ///   - requests: which requests get a line.
    ///   - now: seconds since 1970.
    ///   - finish: waits until what was written is out.
    public init(
        format: Format, requests: RequestSelection = .withoutAssets, now: @escaping @Sendable () -> Double,
        write: @escaping @Sendable (String) -> Void, finish: @escaping @Sendable () -> Void = {}
    ) {
        self.format = format
        self.requests = requests
        self.now = now
        self.write = write
        self.finish = finish
    }

    /// The console of this process's standard output.
    public static func standard(requests: RequestSelection = .withoutAssets) -> Console {
        let isTerminal = isatty(1) == 1
        let colors = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
        let output = StandardOutput()
        return Console(
            format: isTerminal ? .text(colors: colors) : .json, requests: requests,
            now: { Date().timeIntervalSince1970 }, write: { output.write($0) },
            finish: { output.flush() })
    }

    /// For commands that say what they do themselves.
    public static let silent = Console(format: .json, now: { 0 }, write: { _ in })

    /// The line that tools wait for: `listening <what> <url>`, alike in both formats.
    public func listening(_ what: String, _ url: String) { write("listening \(what) \(url)") }

    /// To be called before the process ends: lines are written behind its back.
    public func flush() { finish() }

    public func say(_ sentence: String, level: String = "info") {
        switch format {
        case .text(let colors):
            let isWarning = level != "info"
            write(colors && isWarning ? "\u{1B}[33m\(sentence)\u{1B}[0m" : sentence)
        case .json:
            let members: [JSON.Member] = [
                .init("time", .string(timestamp)),
                .init("level", .string(level)),
                .init("event", .string("message")),
                .init("message", .string(sentence)),
            ]
            write(JSON.object(members).text)
        }
    }

    /// Lines for requests, to be handed to a listener.
    public var accessLog: AccessLog {
        AccessLog(wants: requests.includes) { [self] record in
            let line = RequestLine(record: record)
            switch format {
            case .text(let colors): write(line.text(time: clock, colors: colors))
            case .json: write(line.json(time: timestamp))
            }
        }
    }

    /// RFC 3339 in UTC with milliseconds.
    private var timestamp: String {
        let moment = now()
        let (date, time) = Console.civil(moment)
        let milliseconds = String(Int((moment - moment.rounded(.down)) * 1000))
        return "\(date)T\(time).\(String(repeating: "0", count: 3 - milliseconds.count))\(milliseconds)Z"
    }

    /// The time of day where the terminal stands.
    private var clock: String {
        var seconds = time_t(now())
        var parts = tm()
        localtime_r(&seconds, &parts)
        return "\(Console.two(parts.tm_hour)):\(Console.two(parts.tm_min)):\(Console.two(parts.tm_sec))"
    }

    private static func civil(_ moment: Double) -> (date: String, time: String) {
        var seconds = time_t(moment)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return (
            "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))",
            "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        )
    }

    private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

/// Writes whole lines on a thread of its own: an event loop must not wait for a slow terminal.
private final class StandardOutput: Sendable {
    private let queue = DispatchQueue(label: "lilypad.console")
    private let waiting = Atomic<Int>(0)

    func write(_ line: String) {
        // A reader that has stopped reading must not fill our memory.
        guard waiting.add(1, ordering: .relaxed).newValue < 10_000 else {
            waiting.subtract(1, ordering: .relaxed)
            return
        }
        queue.async { [self] in
            waiting.subtract(1, ordering: .relaxed)
            // A reader that has gone is no reason to fall over: the server serves on.
            try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
        }
    }

    /// Waits for the lines so far, but not for a reader that has stopped reading.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + 1)
    }
}
