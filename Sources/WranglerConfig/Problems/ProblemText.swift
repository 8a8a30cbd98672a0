/// How a problem at a place in a file is shown, whatever found it.
public struct ProblemText {
    var file: String
    var line: Int?
    var column: Int?

    /// - Parameters: line and column count from 1.
    public init(file: String, line: Int?, column: Int?) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`, as far as known: the form that editors and terminals make clickable.
    public var place: String {
        guard let line else { return file }
        guard let column else { return "\(file):\(line)" }
        return "\(file):\(line):\(column)"
    }

    /// Place and sentence, the source line with a caret under the column, the hint.
    public func rendered(_ severity: String, _ message: String, hint: String?, sourceLine: String?)
        -> String
    {
        var text = "\(place): \(severity): \(message)"
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
