/// A problem at a place in a source file, in the words a person needs to fix it.
///
/// `file` is relative to the project root; `line` and `column` count from 1. A diagnostic without a place speaks of the
/// file as a whole (an unwritable folder, a missing tool).
public struct Diagnostic: Error, Sendable, Hashable {
    public enum Severity: String, Sendable, Hashable { case error, warning }

    public var severity: Severity
    public var file: String
    public var line: Int?
    public var column: Int?
    /// One plain sentence.
    public var message: String
    /// What to do about it, when there is one likely fix.
    public var hint: String?
    /// The line of the file, without its newline, to be shown with the place marked.
    public var sourceLine: String?

    public init(
        _ severity: Severity = .error, file: String, line: Int? = nil, column: Int? = nil, message: String,
        hint: String? = nil, sourceLine: String? = nil
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
        self.sourceLine = sourceLine
    }

    /// `file:line:column`, as far as known: the form that editors and terminals make clickable.
    public var place: String {
        guard let line else { return file }
        guard let column else { return "\(file):\(line)" }
        return "\(file):\(line):\(column)"
    }

    /// The diagnostic as text: place and sentence, the source line with a caret under the column, the hint.
    public func rendered() -> String {
        var text = "\(place): \(severity.rawValue): \(message)"
        if let sourceLine, let line {
            let gutter = String(line)
            let blank = String(repeating: " ", count: gutter.count)
            text += "\n  \(gutter) | \(sourceLine)"
            if let column {
                // Tabs stay tabs, so that the caret lands under its character whatever the tab width is.
                let lead = sourceLine.prefix(max(0, column - 1)).map { $0 == "\t" ? "\t" : " " }.joined()
                text += "\n  \(blank) | \(lead)^"
            }
        }
        if let hint { text += "\n  hint: \(hint)" }
        return text
    }
}

/// Everything that stopped a build, in the order it should be read.
public struct BuildFailure: Error, Sendable {
    public var diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
