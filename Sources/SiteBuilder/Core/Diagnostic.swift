import WranglerConfig

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
    public var place: String { text.place }

    /// The diagnostic as text: place and sentence, the source line with a caret under the column, the hint.
    public func rendered() -> String {
        text.rendered(severity.rawValue, message, hint: hint, sourceLine: sourceLine)
    }

    private var text: ProblemText { ProblemText(file: file, line: line, column: column) }
}

/// Everything that stopped a build, in the order it should be read.
public struct BuildFailure: Error, Sendable {
    public var diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}
