import TOMLKit

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
        let source = SourceText(bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes)
        if let mistake = Self.refusedByte(in: source.bytes) {
            throw source.syntaxError(at: mistake.offset, mistake.message)
        }
        do {
            let text = String(decoding: source.bytes, as: UTF8.self)
            root = .table(Self.convert(try TOMLTable(string: text)))
        } catch let error as TOMLParseError {
            throw source.syntaxError(error)
        }
        let scanner = KeyScanner(scanning: source.bytes)
        if let offset = scanner.nulEscape {
            // Strings reach us from the parser as C strings; a shortened value would be worse than none.
            throw source.syntaxError(at: offset, "A string must not contain the character U+0000.")
        }
        self.source = source
        offsets = scanner.offsets
    }

    /// Where a key, a table header or an array element is first written: line and column from 1, the column counting
    /// characters. `nil` for what the document does not have, and for the root.
    public func position(of path: [TOMLKey]) -> (line: Int, column: Int)? {
        guard let offset = offsets[path] else { return nil }
        return source.position(at: offset)
    }

    /// The keys of the table at `path` in the order in which they are first written.
    public func keys(of path: [TOMLKey] = []) -> [String] {
        var found: [(name: String, offset: Int)] = []
        for (candidate, offset) in offsets where candidate.count == path.count + 1 {
            guard case .key(let name)? = candidate.last, candidate.starts(with: path) else { continue }
            found.append((name, offset))
        }
        return found.sorted { $0.offset < $1.offset }.map(\.name)
    }

    /// A line of the text by its number, from 1, without its line break; empty if there is none.
    public func line(_ number: Int) -> String { source.line(number) }
}

extension TOMLDocument {
    /// What the C++ parser cannot be asked: a NUL would end its text, and bytes that are not UTF-8 would have been
    /// replaced on the way.
    private static func refusedByte(in bytes: [UInt8]) -> (offset: Int, message: String)? {
        if let offset = bytes.firstIndex(of: 0) { return (offset, "The file contains a NUL byte.") }
        var offset = 0
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let scalar): offset += scalar.count
            case .error: return (offset, "The file is not valid UTF-8 here.")
            case .emptyInput: return nil
            }
        }
    }

    private static func convert(_ table: TOMLTable) -> [String: TOMLNode] {
        var result: [String: TOMLNode] = [:]
        for key in table.keys {
            // A key with an escaped NUL cannot be looked up; the scanner refuses such a document afterwards.
            guard let value = table[key] else { continue }
            result[key] = convert(value)
        }
        return result
    }

    private static func convert(_ value: any TOMLValueConvertible) -> TOMLNode {
        switch value.type {
        case .string: return .string(value.string ?? "")
        case .int: return .integer(value.int ?? 0)
        case .double: return .float(value.double ?? 0)
        case .bool: return .boolean(value.bool ?? false)
        case .date: return .date(value.date?.text ?? "")
        case .time: return .date(value.time?.text ?? "")
        case .dateTime: return .date(value.dateTime?.text ?? "")
        case .table: return .table(value.table.map(convert) ?? [:])
        case .array:
            var elements: [TOMLNode] = []
            guard let array = value.array else { return .array([]) }
            for index in 0..<array.count { elements.append(convert(array[index])) }
            return .array(elements)
        }
    }
}

extension SourceText {
    func syntaxError(at offset: Int, _ message: String) -> TOMLSyntaxError {
        let place = position(at: offset)
        return TOMLSyntaxError(line: place.line, column: place.column, message: message, sourceLine: line(place.line))
    }

    /// The parser counts code points; readers count characters.
    func syntaxError(_ error: TOMLParseError) -> TOMLSyntaxError {
        let text = line(error.source.begin.line)
        var lead = String.UnicodeScalarView()
        lead.append(contentsOf: text.unicodeScalars.prefix(max(0, error.source.begin.column - 1)))
        let message = error.description.hasSuffix(".") ? error.description : error.description + "."
        return TOMLSyntaxError(
            line: error.source.begin.line, column: String(lead).count + 1, message: message, sourceLine: text)
    }
}

extension TOMLDate {
    var text: String { "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))" }
}

extension TOMLTime {
    var text: String {
        var text = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        if nanoSecond > 0 {
            var fraction = padded(nanoSecond, 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += "." + fraction
        }
        return text
    }
}

extension TOMLDateTime {
    var text: String {
        let local = "\(date.text)T\(time.text)"
        guard let minutes = offset?.offset else { return local }
        if minutes == 0 { return local + "Z" }
        return local + (minutes < 0 ? "-" : "+") + padded(abs(minutes) / 60, 2) + ":" + padded(abs(minutes) % 60, 2)
    }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
