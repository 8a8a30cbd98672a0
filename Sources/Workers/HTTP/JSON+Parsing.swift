extension JSON {
    /// Reads a JSON text (RFC 8259): one value in UTF-8 with nothing behind it.
    ///
    /// Members keep their order; of members with the same name the last one counts, as in JavaScript. Whole numbers that fit
    /// become `integer`, others `number`.
    ///
    /// - Throws: a `SyntaxError` that names line and column.
    public init(parsing bytes: [UInt8]) throws {
        self = try bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer)
            return try parser.document()
        }
    }

    /// Reads a JSON text.
    public init(parsing text: some StringProtocol) throws { try self.init(parsing: Array(text.utf8)) }

    /// A member of an object; `nil` for a name that is not there and for values that are not objects.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name.hasSameBytes(as: name) }?.value
    }

    /// An element of an array; `nil` outside it and for values that are not arrays.
    public subscript(index: Int) -> JSON? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    public var array: [JSON]? { if case .array(let values) = self { values } else { nil } }
    public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
    public var isNull: Bool { self == .null }

    /// A whole number, also one that is written with a fraction of zero.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// A name by its bytes: Swift takes two spellings of an accented letter for one text, JavaScript does not.
private struct MemberName: Hashable {
    let text: String

    static func == (left: MemberName, right: MemberName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// A recursive descent parser over bytes. Depth is bounded, since input decides it.
private struct JSONParser {
    private static let deepest = 512

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func document() throws -> JSON {
        skipSpace()
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw unexpected() }
        return value
    }

    private mutating func value() throws -> JSON {
        guard position < bytes.count else { throw unexpected() }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try nested { try $0.object() }
        case UInt8(ascii: "["): return try nested { try $0.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(_ body: (inout JSONParser) throws -> JSON) throws -> JSON {
        depth += 1
        guard depth <= JSONParser.deepest else { throw problem("JSON is nested more than \(JSONParser.deepest) deep") }
        defer { depth -= 1 }
        position += 1
        return try body(&self)
    }

    private mutating func object() throws -> JSON {
        var members: [JSON.Member] = []
        var places: [MemberName: Int] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw unexpected() }
            let name = try string()
            let key = MemberName(text: name)
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected() }
            skipSpace()
            let member = JSON.Member(name, try value())
            if let place = places[key] {
                members[place] = member
            } else {
                places[key] = members.count
                members.append(member)
            }
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw unexpected() }
            return .object(members)
        }
    }

    private mutating func array() throws -> JSON {
        var values: [JSON] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        while true {
            skipSpace()
            values.append(try value())
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw unexpected() }
            return .array(values)
        }
    }

    private mutating func string() throws -> String {
        position += 1
        let start = position
        while position < bytes.count, bytes[position] >= 0x20, bytes[position] != 0x22, bytes[position] != 0x5C {
            position += 1
        }
        guard position < bytes.count else { throw problem("Unterminated string in JSON") }
        if bytes[position] == 0x22 {
            defer { position += 1 }
            return try text(bytes[start..<position])
        }
        var collected = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x22:
                position += 1
                return try collected.withUnsafeBufferPointer { try text($0[...]) }
            case 0x5C:
                position += 1
                collected += try escape().utf8
            case 0..<0x20: throw problem("Bad control character in string literal in JSON")
            default:
                collected.append(byte)
                position += 1
            }
        }
        throw problem("Unterminated string in JSON")
    }

    private func text(_ slice: Slice<UnsafeBufferPointer<UInt8>>) throws -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw problem("Ill-formed UTF-8 in JSON") }
        return text
    }

    private mutating func escape() throws -> String {
        guard position < bytes.count else { throw problem("Unterminated string in JSON") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default:
            position -= 1
            throw problem("Bad escaped character in JSON")
        }
    }

    /// `\uXXXX`, also as a surrogate pair; half a pair becomes U+FFFD, since Swift text cannot hold it.
    private mutating func unicode() throws -> String {
        let unit = try hexUnit()
        if (0xD800..<0xDC00).contains(unit), position + 1 < bytes.count, bytes[position] == 0x5C,
            bytes[position + 1] == UInt8(ascii: "u")
        {
            let mark = position
            position += 2
            let low = try hexUnit()
            if (0xDC00..<0xE000).contains(low) {
                let scalar = 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
                return Unicode.Scalar(scalar).map { String($0) } ?? "\u{FFFD}"
            }
            position = mark
        }
        return Unicode.Scalar(unit).map { String($0) } ?? "\u{FFFD}"
    }

    private mutating func hexUnit() throws -> UInt32 {
        guard position + 4 <= bytes.count else { throw problem("Bad Unicode escape in JSON") }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue, bytes[position] < 0x80 else {
                throw problem("Bad Unicode escape in JSON")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    /// RFC 8259 §6: no leading zeros, no bare point, no plus in front.
    private mutating func number() throws -> JSON {
        let start = position
        _ = take(UInt8(ascii: "-"))
        guard position < bytes.count, isDigit(bytes[position]) else { throw unexpected() }
        if !take(UInt8(ascii: "0")) { skipDigits() }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            guard position < bytes.count, isDigit(bytes[position]) else { throw unexpected() }
            skipDigits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            position += 1
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard position < bytes.count, isDigit(bytes[position]) else { throw unexpected() }
            skipDigits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // -0 is a number of its own, which no integer can tell from 0.
        if isWhole, text != "-0", let integer = Int(text) { return .integer(integer) }
        return .number(Double(text) ?? 0)
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws -> JSON {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == word.utf8Start[offset] else { throw unexpected() }
            position += 1
        }
        return value
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    private mutating func skipDigits() {
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private func unexpected() -> WorkersError {
        guard position < bytes.count else { return problem("Unexpected end of JSON input") }
        let byte = bytes[position]
        let shown = byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "of code \(byte)"
        return problem("Unexpected token \(shown) in JSON")
    }

    private func problem(_ what: String) -> WorkersError {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return WorkersError(.syntaxError, "\(what) (line \(line), column \(column))")
    }
}
