/// Something about `wrangler.toml` that its author should know, with the place and, where there is one, the likely fix.
///
/// `code` and `details` are stable and meant for programs; `message` and `hint` are for people. Values of variables
/// never appear in either.
public struct ConfigProblem: Error, Sendable, Equatable {
    /// Errors stop the command; warnings are Cloudflare's; advice is ours alone (`wrangler` would say nothing).
    public enum Severity: String, Sendable { case error, warning, advice }

    /// A value of `details`: a name or a list of names.
    public enum Detail: Sendable, Equatable {
        case text(String)
        case list([String])
    }

    public var severity: Severity
    public var code: Code
    public var details: [String: Detail]
    /// One plain sentence.
    public var message: String
    public var hint: String?
    /// The configuration file as it should be shown: relative to the current folder if it lies below it.
    public var file: String
    /// Line and column from 1; the column counts characters. `nil` when the problem concerns the file as a whole.
    public var line: Int?
    public var column: Int?
    /// The line of the file, without its newline.
    public var sourceLine: String?

    /// `file:line:column`, as far as known.
    public var place: String { text.place }

    /// The problem as text: place and sentence, the line with a caret under the column, the hint.
    public func rendered() -> String {
        text.rendered(severity.rawValue, message, hint: hint, sourceLine: sourceLine)
    }

    private var text: ProblemText { ProblemText(file: file, line: line, column: column) }
}

/// The errors that keep a configuration from being used, in the order of the file, and the warnings beside them.
public struct ConfigFailure: Error, Sendable, CustomStringConvertible {
    public var problems: [ConfigProblem]

    public init(problems: [ConfigProblem]) { self.problems = problems }

    public var description: String { problems.map { $0.rendered() }.joined(separator: "\n") }
}
