import Synchronization

/// Turns the events of a build into lines on a terminal or in a log.
///
/// A terminal shows one line a stage, rewritten in place while the stage works. A log gets one plain line when a stage ends, and
/// never an escape code.
public final class ProgressDisplay: Sendable {
    public struct Style: Sendable, Equatable {
        /// Whether lines can be rewritten.
        public var isLive: Bool
        public var colour: Bool
        /// Columns of the terminal: a line that wraps could not be rewritten.
        public var width: Int

        public init(isLive: Bool, colour: Bool, width: Int = 80) {
            self.isLive = isLive
            self.colour = colour
            self.width = width
        }
    }

    private struct Line {
        var name: String
        var mark = " "
        var tint = ""
        var text = "…"
    }

    private let style: Style
    private let print: @Sendable (String) -> Void
    private let lines = Mutex<[Line]>([])

    /// - Parameter print: Writes text as it is, without a line break of its own.
    public init(style: Style, print: @escaping @Sendable (String) -> Void) {
        self.style = style
        self.print = print
    }

    public func handle(_ event: BuildEvent) {
        lines.withLock { lines in
            let shown = lines.count
            var line: Line
            switch event {
            case .started(let name):
                line = Line(name: name)
            case .progress(let name, let done, let total):
                // Packing reports every file; a terminal need not be rewritten for each of thousands.
                guard style.isLive, total < 200 || done == total || done.isMultiple(of: total / 100) else { return }
                line = Line(name: name, text: "\(SizeReport.grouped(done)) of \(SizeReport.grouped(total))")
            case .parts:
                return
            case .finished(let name, let duration, let note):
                line = Line(
                    name: name, mark: "✓", tint: "\u{1B}[32m", text: duration.short + (note.map { "  " + $0 } ?? ""))
            case .failed(let name, let duration):
                line = Line(name: name, mark: "✗", tint: "\u{1B}[31m", text: duration.short)
            }
            if let index = lines.firstIndex(where: { $0.name == line.name }) {
                lines[index] = line
            } else {
                lines.append(line)
            }
            if style.isLive {
                print(redrawn(lines, over: shown))
            } else if line.mark != " " {
                print(text(line) + "\n")
            }
        }
    }

    private func redrawn(_ lines: [Line], over shown: Int) -> String {
        var output = shown > 0 ? "\u{1B}[\(shown)A" : ""
        for line in lines {
            // Cut before colours are added: escape codes have no width.
            let plain = String(text(line).prefix(max(10, style.width - 1)))
            let coloured =
                style.colour && !line.tint.isEmpty && plain.count > 2
                ? "  " + line.tint + line.mark + "\u{1B}[0m" + plain.dropFirst(3) : plain
            output += "\r\u{1B}[2K" + coloured + "\n"
        }
        return output
    }

    private func text(_ line: Line) -> String { "  \(line.mark) \(line.name.padded(to: 8)) \(line.text)" }
}

extension Duration {
    /// `340 ms`, `2.41 s`, `1 min 12 s`.
    public var short: String {
        let milliseconds = Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 60_000 {
            let hundredths = String(milliseconds / 10 % 100)
            return "\(milliseconds / 1000)." + (hundredths.count < 2 ? "0" : "") + hundredths + " s"
        }
        return "\(milliseconds / 60_000) min \(milliseconds / 1000 % 60) s"
    }
}
