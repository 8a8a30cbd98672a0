import WranglerConfig

/// Takes values out of a TOML document and collects every complaint on the way, each with its place.
///
/// A getter gives `nil` both for an absent value and for one it complained about, so the caller goes on with its default and
/// finds the remaining problems as well.
struct ConfigurationReader {
    let document: TOMLDocument
    let file: String
    private(set) var problems: [Diagnostic] = []

    init(_ document: TOMLDocument, file: String) {
        self.document = document
        self.file = file
    }

    func node(at path: [TOMLKey]) -> TOMLNode? {
        var node: TOMLNode? = document.root
        for step in path {
            switch step {
            case .key(let name): node = node?[name]
            case .index(let index): node = node?[index]
            }
        }
        return node
    }

    /// Adds a problem at the nearest written part of the path: a missing key is reported at its table.
    mutating func complain(
        _ path: [TOMLKey], _ message: String, hint: String? = nil, severity: Diagnostic.Severity = .error
    ) {
        var written = path
        while !written.isEmpty && document.position(of: written) == nil { written.removeLast() }
        let place = document.position(of: written)
        problems.append(
            Diagnostic(
                severity, file: file, line: place?.line, column: place?.column, message: message, hint: hint,
                sourceLine: place.map { document.line($0.line) }))
    }

    /// Whether the table exists; a value of another kind under its name is a problem.
    mutating func hasTable(_ path: [TOMLKey]) -> Bool {
        guard let node = node(at: path) else { return false }
        if node.table != nil { return true }
        complain(path, "\(Self.spell(path)) must be a table, not \(node.kind).")
        return false
    }

    mutating func string(_ path: [TOMLKey]) -> String? {
        guard let node = node(at: path) else { return nil }
        if let text = node.string { return text }
        complain(path, "\(Self.spell(path)) must be a string, not \(node.kind).", hint: "Put the value in quotes.")
        return nil
    }

    mutating func boolean(_ path: [TOMLKey]) -> Bool? {
        guard let node = node(at: path) else { return nil }
        if let value = node.boolean { return value }
        complain(path, "\(Self.spell(path)) must be true or false, not \(node.kind).")
        return nil
    }

    /// The strings of an array with their paths.
    mutating func strings(_ path: [TOMLKey]) -> [(path: [TOMLKey], value: String)]? {
        guard let node = node(at: path) else { return nil }
        guard let elements = node.array else {
            complain(path, "\(Self.spell(path)) must be an array of strings, not \(node.kind).")
            return nil
        }
        var values: [(path: [TOMLKey], value: String)] = []
        for (index, element) in elements.enumerated() {
            let place = path + [.index(index)]
            if let text = element.string {
                values.append((place, text))
            } else {
                complain(place, "\(Self.spell(path)) must hold strings only, not \(element.kind).")
            }
        }
        return values
    }

    /// A number of bytes, written as an integer or like `"110 kB"`.
    mutating func size(_ path: [TOMLKey]) -> Int? {
        guard let node = node(at: path) else { return nil }
        switch node {
        case .integer(let bytes) where bytes >= 0: return bytes
        case .string(let text):
            if let bytes = ByteSize.parse(text) { return bytes }
            fallthrough
        default:
            complain(
                path, "\(Self.spell(path)) is not a size.",
                hint: "Write bytes as a number, or \"110 kB\" or \"110 KiB\".")
            return nil
        }
    }

    /// Complains about every key of the table that is not `known`. `elsewhere` maps a key to the table it belongs to.
    mutating func refuseUnknownKeys(in path: [TOMLKey], known: [String], elsewhere: [String: String] = [:]) {
        for key in document.keys(of: path) where !known.contains(key) {
            let hint: String? =
                if let nearest = Suggestion.nearest(to: key, among: known) {
                    "Did you mean `\(nearest)`?"
                } else if let table = elsewhere[key] {
                    "`\(key)` belongs to \(table)."
                } else {
                    "Known here: \(known.joined(separator: ", "))."
                }
            complain(path + [.key(key)], "`\(key)` is not a known key.", hint: hint)
        }
    }

    /// `client.routes`, without the indices of arrays.
    static func spell(_ path: [TOMLKey]) -> String {
        let names = path.compactMap { step -> String? in
            if case .key(let name) = step { return name }
            return nil
        }
        return "`" + names.joined(separator: ".") + "`"
    }
}
