import WranglerConfig
import Yams

/// The YAML block between two `---` lines at the top of a page.
struct FrontMatter: Sendable, Equatable {
    /// The page's name; without one the first level-one heading is it.
    var title: String?
    /// One sentence for search results and `llms.txt`.
    var description: String?
    /// `YYYY-MM-DD`, the `lastmod` of the sitemap.
    var date: String?
    /// `false` leaves the page out of the navigation even if `site.toml` lists it.
    var nav = true
    /// `false` leaves the page out of the search index.
    var search = true

    static let keys = ["title", "description", "date", "nav", "search"]
}

/// A page's text with its front matter taken off.
struct PageSource {
    var frontMatter = FrontMatter()
    /// Where the Markdown begins in the file's bytes.
    var bodyStart = 0
    /// Lines of the file before the Markdown.
    var linesBefore = 0
    var problems: [Diagnostic] = []

    /// - Parameter file: the path shown in diagnostics.
    init(_ bytes: Bytes, file: String) {
        // A byte order mark is not part of the text (Unicode 15, section 2.13).
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        bodyStart = start
        guard let opening = Self.fence(bytes, at: start) else { return }
        var line = opening
        var lines = 1
        while line < bytes.count {
            lines += 1
            if let end = Self.fence(bytes, at: line) {
                bodyStart = end
                linesBefore = lines
                parse(String(decoding: bytes.part(opening..<line), as: UTF8.self), file: file)
                return
            }
            line = bytes.index(of: UInt8(ascii: "\n"), from: line).map { $0 + 1 } ?? bytes.count
        }
        problems.append(
            Diagnostic(
                file: file, line: 1, column: 1, message: "The front matter that begins here has no end.",
                hint: "Close it with a line of three dashes; for a rule at the top of a page write *** instead.",
                sourceLine: "---"))
    }

    /// The start of the line after a `---` line at `start`.
    private static func fence(_ bytes: Bytes, at start: Int) -> Int? {
        guard bytes.has("---", at: start) else { return nil }
        var index = start + 3
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") {
            index += 1
        }
        if index == bytes.count { return index }
        if bytes[index] == UInt8(ascii: "\r") { index += 1 }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\n") else { return nil }
        return index + 1
    }

    private mutating func parse(_ yaml: String, file: String) {
        var reader = FrontMatterReader(yaml: yaml, file: file)
        frontMatter = reader.read()
        problems = reader.problems
    }
}

/// Reads YAML into ``FrontMatter`` and says what is wrong, and where.
private struct FrontMatterReader {
    let yaml: String
    let file: String
    var problems: [Diagnostic] = []

    init(yaml: String, file: String) {
        self.yaml = yaml
        self.file = file
    }

    mutating func read() -> FrontMatter {
        var matter = FrontMatter()
        do {
            // Without an encoding Yams looks it up in the environment, which takes longer than the parsing.
            guard let root = try Yams.compose(yaml: yaml, .default, .default, .utf8) else { return matter }
            guard case .mapping(let mapping) = root else {
                report(root.mark, "The front matter must be a list of `key: value` lines.")
                return matter
            }
            for (key, value) in mapping { read(key, value, into: &matter) }
        } catch let error as YamlError {
            report(error)
        } catch {
            report(nil, "The front matter cannot be read: \(error)")
        }
        return matter
    }

    private mutating func read(_ key: Node, _ value: Node, into matter: inout FrontMatter) {
        guard case .scalar(let scalar) = key else {
            return report(key.mark, "A key of the front matter must be a word.")
        }
        switch scalar.string {
        case "title": matter.title = text(value, of: "title")
        case "description": matter.description = text(value, of: "description")
        case "date": matter.date = date(value)
        case "nav": matter.nav = flag(value, of: "nav") ?? true
        case "search": matter.search = flag(value, of: "search") ?? true
        default:
            let close = Suggestion.nearest(to: scalar.string, among: FrontMatter.keys)
            report(
                key.mark, "The front matter has no key `\(scalar.string)`.",
                hint: close.map { "Did you mean `\($0)`?" } ?? "It knows \(FrontMatter.keys.joined(separator: ", ")).")
        }
    }

    /// Numbers and dates count as the text they were written as; `true` and `null` are most likely mistakes.
    private mutating func text(_ node: Node, of key: String) -> String? {
        if case .scalar(let scalar) = node, scalar.style != .plain || (node.bool == nil && node.null == nil) {
            let words = scalar.string.split(whereSeparator: \.isWhitespace)
            if !words.isEmpty { return words.joined(separator: " ") }
        }
        report(node.mark, "`\(key)` must be text.", hint: "Write it in quotes: \(key): \"…\".")
        return nil
    }

    private mutating func flag(_ node: Node, of key: String) -> Bool? {
        if case .scalar(let scalar) = node, scalar.style == .plain, let value = node.bool { return value }
        report(node.mark, "`\(key)` must be true or false.")
        return nil
    }

    private mutating func date(_ node: Node) -> String? {
        if case .scalar(let scalar) = node, isDay(scalar.string) { return scalar.string }
        report(node.mark, "`date` must be a day of the calendar.", hint: "Write it as YYYY-MM-DD: date: 2026-01-31.")
        return nil
    }

    private func isDay(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
        else {
            return false
        }
        guard let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]) else { return false }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && (1...max(1, days[max(0, min(11, month - 1))])).contains(day)
    }

    private mutating func report(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            report(
                mark, "This is not YAML: \(problem).",
                hint: "Text with a colon or a leading special character needs quotes.")
        case .duplicatedKeysInMapping(let names, let context):
            let place = repeated(names.first ?? "") ?? (context.mark.line, context.mark.column)
            report(at: place, "`\(names.first ?? "A key")` occurs more than once.")
        case .reader(let problem, _, _, _): report(nil, "The front matter cannot be read: \(problem).")
        default: report(nil, "The front matter cannot be read: \(error)")
        }
    }

    /// The place of a key's second line; Yams only says where the mapping begins.
    private func repeated(_ key: String) -> Place? {
        let places = lines.indices.filter { lines[$0].hasPrefix("\(key):") }
        return places.count > 1 ? (places[1] + 1, 1) : nil
    }

    /// Line and column from 1, counted from the line after the opening dashes.
    private typealias Place = (line: Int, column: Int)

    private var lines: [Substring] { yaml.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

    private mutating func report(_ mark: Mark?, _ message: String, hint: String? = nil) {
        report(at: mark.map { ($0.line, $0.column) }, message, hint: hint)
    }

    private mutating func report(at place: Place?, _ message: String, hint: String? = nil) {
        guard var place, (1...lines.count).contains(place.line) else {
            problems.append(Diagnostic(file: file, line: 1, column: 1, message: message, hint: hint, sourceLine: "---"))
            return
        }
        // What is left open is noticed behind the last line, where there is nothing to show.
        if place.line > 1, lines[(place.line - 1)...].allSatisfy(\.isEmpty) {
            place = (place.line - 1, lines[place.line - 2].count + 1)
        }
        problems.append(
            Diagnostic(
                file: file, line: place.line + 1, column: place.column, message: message, hint: hint,
                sourceLine: String(lines[place.line - 1])))
    }
}
