import WranglerConfig

/// The page template: HTML with `{{name}}` where values go. It has no logic, so it compiles to a list of pieces.
struct Layout: Sendable, Equatable {
    enum Name: String, CaseIterable, Sendable {
        case title
        case siteTitle = "site_title"
        case description, language, canonical
        case pageClass = "page_class"
        case head, nav, content, outline
        case previousNext = "previous_next"
    }

    enum Segment: Sendable, Equatable {
        case text([UInt8])
        case value(Name)
    }

    /// Text and values; no two texts follow each other.
    private(set) var segments: [Segment] = []

    /// A layout without these cannot make a useful page.
    private static let required: [Name] = [.title, .head, .content]

    /// - Parameter file: the path shown in diagnostics.
    /// - Throws: ``BuildFailure`` with every unknown or missing placeholder.
    init(_ source: [UInt8], file: String) throws {
        var problems: [Diagnostic] = []
        source.withUnsafeBufferPointer { problems = compile($0, file: file) }
        for name in Self.required where !segments.contains(.value(name)) {
            problems.append(
                Diagnostic(
                    file: file, message: "The layout has no {{\(name.rawValue)}}.",
                    hint: "Every page needs it; see the documentation."))
        }
        if !problems.isEmpty { throw BuildFailure(problems) }
    }

    private mutating func compile(_ source: Bytes, file: String) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        var text: [UInt8] = []
        var position = 0
        while let open = source.index(of: "{{", from: position) {
            text.append(contentsOf: source.part(position..<open))
            guard let close = source.index(of: "}}", from: open) else {
                problems.append(Self.problem(source, open, file, "The {{ that begins here has no }}.", hint: nil))
                position = source.count
                break
            }
            let name = source.part(open + 2..<close).string.filter { !$0.isWhitespace }
            if let known = Name(rawValue: name) {
                if !text.isEmpty { segments.append(.text(text)) }
                text = []
                segments.append(.value(known))
            } else {
                let names = Name.allCases.map(\.rawValue)
                let hint = Suggestion.nearest(to: name, among: names).map { "Did you mean {{\($0)}}?" }
                problems.append(
                    Self.problem(
                        source, open, file, "The layout has no placeholder {{\(name)}}.",
                        hint: hint ?? "It knows \(names.joined(separator: ", "))."))
            }
            position = close + 2
        }
        text.append(contentsOf: source.part(position..<source.count))
        if !text.isEmpty { segments.append(.text(text)) }
        return problems
    }

    private static func problem(_ source: Bytes, _ offset: Int, _ file: String, _ message: String, hint: String?)
        -> Diagnostic
    {
        let place = TextPlace(source, offset: offset)
        return Diagnostic(
            file: file, line: place.line, column: place.column, message: message, hint: hint,
            sourceLine: place.sourceLine)
    }

    /// The layout with values that are the same on every page put in.
    func filled(_ constants: [Name: [UInt8]]) -> Layout {
        var copy = self
        copy.segments = []
        for segment in segments {
            guard let text = Self.text(segment, constants) else {
                copy.segments.append(segment)
                continue
            }
            if case .text(let before)? = copy.segments.last {
                copy.segments[copy.segments.count - 1] = .text(before + text)
            } else {
                copy.segments.append(.text(text))
            }
        }
        return copy
    }

    private static func text(_ segment: Segment, _ constants: [Name: [UInt8]]) -> [UInt8]? {
        switch segment {
        case .text(let text): text
        case .value(let name): constants[name]
        }
    }
}

/// A byte offset as line and column.
struct TextPlace {
    /// From 1.
    var line = 1
    /// In characters, from 1.
    var column = 1
    var sourceLine = ""

    init(_ source: UnsafeBufferPointer<UInt8>, offset: Int) {
        line = source[..<offset].reduce(1) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
        let start = source[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        var end = source[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? source.count
        if end > start, source[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        column = String(decoding: source[start..<offset], as: UTF8.self).count + 1
        sourceLine = String(decoding: source[start..<max(start, end)], as: UTF8.self)
    }
}
