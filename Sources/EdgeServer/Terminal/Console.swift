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
    private let writeRaw: @Sendable (String) -> Void
    private let now: @Sendable () -> Double
    /// What the person at the terminal has typed, and the lines that wait meanwhile.
    private let narrowing = Mutex(Narrowing())
    private let observer = Mutex<(@Sendable (String, String) -> Void)?>(nil)

    /// - Parameters:
    ///   - requests: which requests get a line.
    ///   - now: seconds since 1970.
    ///   - finish: waits until what was written is out.
    ///   - writeRaw: for text that is no line.
    public init(
        format: Format, requests: RequestSelection = .withoutAssets, now: @escaping @Sendable () -> Double,
        write: @escaping @Sendable (String) -> Void, finish: @escaping @Sendable () -> Void = {},
        writeRaw: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.format = format
        self.requests = requests
        self.now = now
        self.write = write
        self.finish = finish
        self.writeRaw = writeRaw
    }

    /// The console of this process's standard output.
    public static func standard(requests: RequestSelection = .withoutAssets) -> Console {
        let isTerminal = isatty(1) == 1
        let colors = isTerminal && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty
        let output = StandardOutput()
        return Console(
            format: isTerminal ? .text(colors: colors) : .json, requests: requests,
            now: { Date().timeIntervalSince1970 }, write: { output.write($0) },
            finish: { output.flush() }, writeRaw: { output.write($0, end: "") })
    }

    private struct Narrowing {
        var filter = RequestFilter("")
        /// `nil` while lines go out at once.
        var held: [String]?
    }

    /// Lines that may wait while somebody types.
    private static let mostHeld = 500

    /// Only requests that fit get a line from now on.
    package func setFilter(_ filter: RequestFilter) { narrowing.withLock { $0.filter = filter } }

    /// Keeps lines back, so that they do not run into what is being typed.
    package func pause() { narrowing.withLock { $0.held = $0.held ?? [] } }

    package func resume() {
        let lines = narrowing.withLock { narrowing in
            defer { narrowing.held = nil }
            return narrowing.held ?? []
        }
        for line in lines { write(line) }
    }

    /// Text for the terminal, as it is and at once.
    package func writeNow(_ text: String) { writeRaw(text) }

    private func put(_ line: String) {
        let isHeld = narrowing.withLock { narrowing in
            guard let held = narrowing.held else { return false }
            if held.count < Console.mostHeld { narrowing.held?.append(line) }
            return true
        }
        if !isHeld { write(line) }
    }

    /// The line that tools wait for: `listening <what> <url>`, alike in both formats.
    public func listening(_ what: String, _ url: String) { put("listening \(what) \(url)") }

    /// A line for the person at the terminal, that no log is to have.
    public func show(_ line: String) {
        if case .text = format { put(line) }
    }

    /// The beginning, at length for a person, in a sentence for a log.
    package func greet(_ lines: [String], otherwise sentence: String) {
        guard case .text = format else { return say(sentence) }
        for line in lines { put(line) }
    }

    /// Somebody else who hears what is said: a level and a sentence.
    package func observe(_ observer: @escaping @Sendable (String, String) -> Void) {
        self.observer.withLock { $0 = observer }
    }

    /// To be called before the process ends: lines are written behind its back.
    public func flush() { finish() }

    public func say(_ sentence: String, level: String = "info") {
        observer.withLock { $0 }?(level, sentence)
        switch format {
        case .text(let colors):
            let isWarning = level != "info"
            put(colors && isWarning ? "\u{1B}[33m\(sentence)\u{1B}[0m" : sentence)
        case .json:
            let members: [JSON.Member] = [
                .init("time", .string(timestamp)),
                .init("level", .string(level)),
                .init("event", .string("message")),
                .init("message", .string(sentence)),
            ]
            put(JSON.object(members).text)
        }
    }

    /// Lines for requests, to be handed to a listener.
    public var accessLog: AccessLog {
        AccessLog(wants: requests.includes) { [self] record in
            let filter = narrowing.withLock { $0.filter }
            guard
                filter.isEmpty
                    || filter.matches(
                        method: record.method, target: record.target, status: record.status,
                        source: record.note?.source ?? "")
            else { return }
            let line = RequestLine(record: record)
            switch format {
            case .text(let colors): put(line.text(time: clock, colors: colors))
            case .json: put(line.json(time: timestamp))
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

    func write(_ line: String, end: String = "\n") {
        // A reader that has stopped reading must not fill our memory.
        guard waiting.add(1, ordering: .relaxed).newValue < 10_000 else {
            waiting.subtract(1, ordering: .relaxed)
            return
        }
        queue.async { [self] in
            waiting.subtract(1, ordering: .relaxed)
            // A reader that has gone is no reason to fall over: the server serves on.
            try? FileHandle.standardOutput.write(contentsOf: Data((line + end).utf8))
        }
    }

    /// Waits for the lines so far, but not for a reader that has stopped reading.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + 1)
    }
}
