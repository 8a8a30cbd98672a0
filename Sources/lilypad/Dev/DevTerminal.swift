import Foundation
import SiteBuilder

/// What a development session says, a line at a time.
struct DevTerminal: Sendable {
    let terminal: Terminal
    /// What the edge says goes through here.
    let edge = EdgeLines()
    private let now: @Sendable () -> Date

    init(_ terminal: Terminal = Terminal(), now: @escaping @Sendable () -> Date = { Date() }) {
        self.terminal = terminal
        self.now = now
    }

    /// Without the time of day: start-up, and lines that other programs wait for.
    func say(_ text: String) { terminal.print(text + "\n") }

    func log(_ text: String) { terminal.print("\(dim(clock)) \(text)\n") }

    func show(_ diagnostics: [Diagnostic], title: String) {
        log(red(title))
        terminal.show(diagnostics)
    }

    // MARK: What happened

    func report(_ report: SiteReport) {
        switch report {
        case .rebuilt(let paths, let outcome, let duration):
            log("\(DevTerminal.list(paths)) \(dim("→")) \(outcome) \(dim("in \(DevTerminal.short(duration))"))")
        case .restyled(let duration):
            log("styles \(dim("→")) swapped \(dim("in \(DevTerminal.short(duration))"))")
        case .failed(let subject, let diagnostics):
            show(diagnostics, title: "\(subject): \(DevTerminal.count(diagnostics)); pages keep what they have")
        case .repaired:
            log(green("everything is well again"))
        }
    }

    func report(_ report: EdgeReport) {
        switch report {
        case .building: log("edge \(dim("→")) building")
        case .buildFailed(let diagnostics, let keepsOld):
            show(
                diagnostics,
                title: "edge: \(DevTerminal.count(diagnostics))" + (keepsOld ? "; the old one goes on" : ""))
        case .unchanged: log("edge \(dim("→")) the program is the same")
        case .swapping: break
        case .ready(let generation, let duration):
            if generation > 1 { log("edge \(dim("→")) swapped \(dim("in \(DevTerminal.short(duration))"))") }
        case .startFailed(let message): log(red("edge: does not start") + "\n\(message)")
        case .crashed(let how, let restarts):
            log(red("edge: ended by itself (\(how))") + (restarts ? ", starting it again" : ""))
        }
    }

    func edgeSaid(_ line: String) {
        edge.notice(line)
        guard edge.passes(line) else { return }
        // What is no record of the log was meant for people as it is.
        guard let record = EdgeLogLine(line) else { return log(line) }
        if !record.isOfOurOwnDoing, edge.shows(record) { log(record.text(colors: terminal.colour)) }
    }

    /// The lines that have waited while somebody typed.
    func resume() {
        for line in edge.resume() { edgeSaid(line) }
    }

    // MARK: Words

    static func list(_ paths: [String]) -> String {
        guard paths.count > 3 else { return paths.joined(separator: ", ") }
        return paths.prefix(2).joined(separator: ", ") + " and \(paths.count - 2) more"
    }

    static func count(_ diagnostics: [Diagnostic]) -> String {
        diagnostics.count == 1 ? "1 problem" : "\(diagnostics.count) problems"
    }

    static func short(_ duration: Duration) -> String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 1000 { return "\(Int(milliseconds.rounded())) ms" }
        let tenths = Int((milliseconds / 100).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    private var clock: String {
        var seconds = time_t(now().timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    private func dim(_ text: String) -> String { paint(text, 2) }
    private func red(_ text: String) -> String { paint(text, 31) }
    private func green(_ text: String) -> String { paint(text, 32) }

    private func paint(_ text: String, _ code: Int) -> String {
        terminal.colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
