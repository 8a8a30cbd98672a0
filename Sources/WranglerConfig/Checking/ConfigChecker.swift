/// Collects the problems of one configuration.
///
/// The checks restate what Cloudflare's own tool accepts (semantics: `wrangler-config.md`), including where it looks at
/// an environment and where it does not; its vectors compare the codes. Sentences, places and hints are ours.
struct ConfigChecker {
    let document: TOMLDocument
    /// The file as problems show it.
    let file: String
    /// The folder that relative paths in the file start from.
    let folder: String
    let files: ConfigFiles
    private(set) var problems: [ConfigProblem] = []

    init(document: TOMLDocument, file: String, folder: String, files: ConfigFiles) {
        self.document = document
        self.file = file
        self.folder = folder
        self.files = files
    }

    // MARK: Reporting

    mutating func report(
        _ code: ConfigProblem.Code, as severity: ConfigProblem.Severity = .error, at path: [TOMLKey],
        _ details: [String: ConfigProblem.Detail] = [:], _ message: String, hint: String? = nil
    ) {
        var place: (line: Int, column: Int)?
        var known = path
        // What is missing has no place of its own; the table that lacks it has.
        while place == nil, !known.isEmpty {
            place = document.position(of: known)
            known.removeLast()
        }
        let problem = ConfigProblem(
            severity: severity, code: code, details: details, message: message, hint: hint, file: file,
            line: place?.line, column: place?.column,
            sourceLine: place.map { Secret.withoutPasswords(document.line($0.line)) })
        // A value that both the top level and an environment show is one problem to its author.
        if !problems.contains(problem) { problems.append(problem) }
    }

    mutating func wrongType(_ field: Field, _ expected: String) {
        let found = field.node.map { "is \($0.kind)" } ?? "is not set"
        var hint: String?
        if case .date? = field.node, expected == "string" { hint = "Put the date in quotes." }
        if case .string(let text)? = field.node, expected == "boolean", text == "true" || text == "false" {
            hint = "Write \(text) without quotes."
        }
        if case .string(let text)? = field.node, expected == "number", Double(text) != nil {
            hint = "Write \(text) without quotes."
        }
        if case .string? = field.node, expected == "string array" || expected == "array" {
            hint = "Put square brackets around it."
        }
        report(
            .wrongType, at: field.path, ["field": .text(field.name), "expected": .text(expected)],
            "\(field.name) must be \(Self.article(expected)), but \(found).", hint: hint)
    }

    private static func article(_ expected: String) -> String {
        switch expected {
        case "object": "a table"
        case "array": "a list"
        case "string array": "a list of strings"
        case "boolean or string array": "true, false or a list of strings"
        case "boolean": "true or false"
        default: "a \(expected)"
        }
    }

    // MARK: Checks of any value. Unset values pass.

    @discardableResult mutating func expect(_ type: String, _ field: Field) -> Bool {
        guard let node = field.node, !Self.matches(node, type) else { return true }
        wrongType(field, type)
        return false
    }

    static func matches(_ node: TOMLNode, _ type: String) -> Bool {
        switch type {
        case "string": node.string != nil
        case "number": node.number != nil
        case "boolean": node.boolean != nil
        case "array": node.array != nil
        case "string array": node.strings != nil
        case "object": node.table != nil
        default: true
        }
    }

    @discardableResult mutating func require(_ type: String, _ field: Field) -> Bool {
        guard field.node == nil else { return expect(type, field) }
        report(.required, at: field.path, ["field": .text(field.name)], "\(field.name) is required.")
        return false
    }

    mutating func expectOne(of allowed: [String], _ field: Field) {
        guard field.node != nil, expect("string", field) else { return }
        guard let text = field.node?.string, !allowed.contains(text) else { return }
        var hint: String?
        if let near = Suggestion.nearest(to: text, among: allowed) { hint = "Did you mean \"\(near)\"?" }
        report(
            .notOneOf, at: field.path, ["field": .text(field.name), "allowed": .list(allowed)],
            "\(field.name) must be one of \(allowed.joined(separator: ", ")), not \"\(text)\".", hint: hint)
    }

    /// A list of one type. Cloudflare counts the elements as `field.[1]`.
    mutating func expectList(of type: String, _ field: Field) {
        guard let node = field.node else { return }
        guard node.array != nil else { return wrongType(field, type == "string" ? "string array" : "array") }
        for (index, element) in field.elements.enumerated() {
            expect(type, element.named("\(field.name).[\(index)]"))
        }
    }

    /// One warning a table, naming every key that nobody knows.
    mutating func reportUnknown(in field: Field, scope: String, allowed: [String]) {
        let known = Set(allowed)
        let unknown = document.keys(of: field.path).filter { !known.contains($0) }
        guard let first = unknown.first else { return }
        let list = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
        let noun = unknown.count == 1 ? "an unknown key" : "unknown keys"
        report(
            .unexpectedFields, as: .warning, at: field.path + [.key(first)],
            ["scope": .text(scope), "fields": .list(unknown)], "\(scope) has \(noun): \(list).",
            hint: unknownHint(unknown, scope: scope, allowed: allowed))
    }

    private func unknownHint(_ unknown: [String], scope: String, allowed: [String]) -> String? {
        var hints: [String] = []
        for name in unknown {
            if let near = Suggestion.nearest(to: name, among: allowed) {
                hints.append("Did you mean \"\(near)\" instead of \"\(name)\"?")
            } else if scope != "top-level", KeyTable.byName[name] != nil {
                // A key written below a table header belongs to that table.
                hints.append("\"\(name)\" is a key of the top level: move it above the first [table].")
            }
        }
        return hints.isEmpty ? nil : hints.joined(separator: " ")
    }
}
