import Foundation
import SiteBuilder

/// Where a command was started and how it may write there.
struct Terminal: Sendable {
    let environment = ProcessInfo.processInfo.environment
    let currentFolder = FileManager.default.currentDirectoryPath
    let style: ProgressDisplay.Style

    init() {
        let isTerminal = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
        var size = winsize()
        let hasSize = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        style = ProgressDisplay.Style(
            isLive: isTerminal, colour: isTerminal && Self.wantsColour(environment),
            width: hasSize ? Int(size.ws_col) : 80)
    }

    /// https://no-color.org: set and not empty means none.
    private static func wantsColour(_ environment: [String: String]) -> Bool {
        environment["NO_COLOR", default: ""].isEmpty
    }

    var colour: Bool { style.colour }

    func print(_ text: String) { write(text, to: STDOUT_FILENO) }

    func printError(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Problems on standard error, each with its place, an empty line between two.
    func show(_ diagnostics: [Diagnostic]) {
        let isColoured = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb" && Self.wantsColour(environment)
        for diagnostic in diagnostics {
            var diagnostic = diagnostic
            // Tools name files absolutely; people stand in this folder.
            if diagnostic.file.hasPrefix(currentFolder + "/") {
                diagnostic.file.removeFirst(currentFolder.count + 1)
            }
            var text = diagnostic.rendered()
            if isColoured, let range = text.range(of: ": \(diagnostic.severity.rawValue): ") {
                let tint = diagnostic.severity == .error ? "\u{1B}[31m" : "\u{1B}[33m"
                let word = "\(tint)\(diagnostic.severity.rawValue)\u{1B}[0m"
                text = "\u{1B}[1m\(diagnostic.place)\u{1B}[0m: \(word): \(text[range.upperBound...])"
            }
            printError("\n" + text + "\n")
        }
    }

    /// The problems, then how many there are.
    func fail(_ failure: BuildFailure, _ outcome: String) {
        show(failure.diagnostics)
        let errors = failure.diagnostics.count { $0.severity == .error }
        let warnings = failure.diagnostics.count - errors
        var counts: [String] = []
        if errors > 0 { counts.append(errors == 1 ? "1 error" : "\(errors) errors") }
        if warnings > 0 { counts.append(warnings == 1 ? "1 warning" : "\(warnings) warnings") }
        printError("\n\(outcome): \(counts.joined(separator: ", ")).\n")
    }

    /// One call a text, so that lines of several threads do not mix; a reader that has gone is no reason to stop.
    private func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress!, $0.count) }
            guard count > 0 || errno == EINTR || errno == EAGAIN else { return }
            bytes = bytes.dropFirst(max(0, count))
        }
    }
}
