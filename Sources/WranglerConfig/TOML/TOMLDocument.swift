/// A TOML 1.0 document: its values, and where each key is written.
///
/// ```swift
/// let document = try TOMLDocument(parsing: "[site]\ntitle = \"Lilypad\"\n")
/// document.root["site"]?["title"]?.string         // "Lilypad"
/// document.position(of: ["site", "title"])        // (line: 2, column: 1)
/// ```
public struct TOMLDocument: Sendable {
    /// The top table.
    public let root: TOMLNode

    private let source: SourceText
    private let offsets: [[TOMLKey]: Int]
    /// The keys of each table in the order in which they are first written.
    private let keyOrder: [[TOMLKey]: [String]]

    /// Reads a document; a byte order mark at its start is skipped.
    ///
    /// - Throws: `TOMLSyntaxError` with the place of the first mistake.
    public init(parsing text: String) throws {
        try self.init(parsing: Array(text.utf8))
    }

    /// Reads a document from a file's bytes, which must be UTF-8 without NUL.
    ///
    /// - Throws: `TOMLSyntaxError` with the place of the first mistake.
    public init(parsing bytes: [UInt8]) throws {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        source = SourceText(bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes)
        if let offset = Self.firstByteThatIsNotText(in: source.bytes) {
            throw source.syntaxError(at: offset, "The file is not text in UTF-8 here.")
        }
        var parser = TOMLParser(source.bytes)
        do {
            root = try parser.parse()
        } catch {
            throw source.syntaxError(at: error.offset, error.message)
        }
        offsets = parser.offsets
        var order: [[TOMLKey]: [String]] = [:]
        for (path, _) in offsets.sorted(by: { $0.value < $1.value }) {
            guard case .key(let name)? = path.last else { continue }
            order[Array(path.dropLast()), default: []].append(name)
        }
        keyOrder = order
    }

    /// Where a key, a table header or an array element is first written: line and column from 1, the column counting
    /// characters. `nil` for what the document does not have, and for the root.
    public func position(of path: [TOMLKey]) -> (line: Int, column: Int)? {
        guard let offset = offsets[path] else { return nil }
        return source.position(at: offset)
    }

    /// The keys of the table at `path` in the order in which they are first written.
    public func keys(of path: [TOMLKey] = []) -> [String] { keyOrder[path] ?? [] }

    /// A line of the text by its number, from 1, without its line break; empty if there is none.
    public func line(_ number: Int) -> String { source.line(number) }

    private static func firstByteThatIsNotText(in bytes: [UInt8]) -> Int? {
        var offset = 0
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let scalar):
                if scalar.first == 0 { return offset }
                offset += scalar.count
            case .error: return offset
            case .emptyInput: return nil
            }
        }
    }
}

extension SourceText {
    func syntaxError(at offset: Int, _ message: String) -> TOMLSyntaxError {
        let place = position(at: offset)
        return TOMLSyntaxError(line: place.line, column: place.column, message: message, sourceLine: line(place.line))
    }
}
