/// Blanks, keys and strings.
extension TOMLParser {
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let hash = UInt8(ascii: "#")

    var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isBare(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
        return isLetter || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Controls other than the tab may stand nowhere.
    private static func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7F }

    mutating func skipSpaces() {
        while let byte, Self.isSpace(byte) { index += 1 }
    }

    mutating func expect(_ expected: UInt8, _ message: String) throws(Fault) {
        skipSpaces()
        guard byte == expected else { throw Fault(offset: index, message: message) }
        index += 1
    }

    /// Spaces, line ends and comments.
    mutating func skipBlank() throws(Fault) {
        while let next = byte {
            if Self.isSpace(next) || next == Self.newline {
                index += 1
            } else if next == Self.hash || next == Self.carriageReturn {
                try endLine()
            } else {
                return
            }
        }
    }

    /// An optional comment and the end of the line or of the text.
    mutating func endLine() throws(Fault) {
        if byte == Self.hash {
            while let next = byte, next != Self.newline, !isLineEnd(at: index) {
                if Self.isControl(next) { throw Fault(offset: index, message: "A control character in a comment.") }
                index += 1
            }
        }
        if byte == Self.carriageReturn {
            guard isLineEnd(at: index) else {
                throw Fault(offset: index, message: "A carriage return without a newline behind it.")
            }
            index += 1
        }
        guard let next = byte else { return }
        guard next == Self.newline else {
            throw Fault(offset: index, message: "Nothing but a comment may follow on this line.")
        }
        index += 1
    }

    private func isLineEnd(at offset: Int) -> Bool {
        guard offset < bytes.count else { return false }
        if bytes[offset] == Self.newline { return true }
        return bytes[offset] == Self.carriageReturn && offset + 1 < bytes.count && bytes[offset + 1] == Self.newline
    }

    // MARK: Keys

    mutating func parseKey() throws(Fault) -> [KeyPart] {
        var parts: [KeyPart] = []
        while true {
            skipSpaces()
            let start = index
            if byte == Self.quote || byte == Self.apostrophe {
                parts.append(KeyPart(name: try parseString(isKey: true), offset: start))
            } else {
                while let next = byte, Self.isBare(next) { index += 1 }
                if index == start { throw Fault(offset: start, message: missingKey()) }
                parts.append(KeyPart(name: String(decoding: bytes[start..<index], as: UTF8.self), offset: start))
            }
            skipSpaces()
            guard byte == UInt8(ascii: ".") else { return parts }
            index += 1
        }
    }

    private func missingKey() -> String {
        guard let byte, !isLineEnd(at: index) else { return "A key is missing." }
        if byte >= 0x80 { return "A key with letters other than a–z needs quotes." }
        return "A key is missing: it has letters, digits, - and _, or stands in quotes."
    }

    // MARK: Strings

    /// Any of the four kinds of string. Keys have one line.
    mutating func parseString(isKey: Bool) throws(Fault) -> String {
        let start = index
        let mark = bytes[index]
        let isLong = count(of: mark, at: index) >= 3
        if isLong && isKey { throw Fault(offset: start, message: "A key cannot be a string of several lines.") }
        index += isLong ? 3 : 1
        // A line end directly behind the opening quotes does not count.
        if isLong && isLineEnd(at: index) { index += byte == Self.newline ? 1 : 2 }
        var text: [UInt8] = []
        while let next = byte {
            if next == mark {
                let run = isLong ? min(count(of: mark, at: index), 5) : 1
                index += run
                if !isLong || run >= 3 {
                    // Up to two quotes may stand before the closing three.
                    if isLong { text.append(contentsOf: repeatElement(mark, count: run - 3)) }
                    return String(decoding: text, as: UTF8.self)
                }
                text.append(contentsOf: repeatElement(mark, count: run))
            } else if next == Self.backslash && mark == Self.quote {
                try parseEscape(into: &text, isLong: isLong)
            } else if isLineEnd(at: index) {
                guard isLong else { break }
                text.append(Self.newline)
                index += next == Self.newline ? 1 : 2
            } else if Self.isControl(next) {
                throw Fault(offset: index, message: "A control character in a string; write it as an escape.")
            } else {
                text.append(next)
                index += 1
            }
        }
        let closing = String(repeating: Character(Unicode.Scalar(mark)), count: isLong ? 3 : 1)
        throw Fault(offset: start, message: "This string is not closed with \(closing).")
    }

    private func count(of mark: UInt8, at offset: Int) -> Int {
        var end = offset
        while end < bytes.count, bytes[end] == mark { end += 1 }
        // Two quotes are an empty string, whatever follows the second.
        return end - offset
    }

    private mutating func parseEscape(into text: inout [UInt8], isLong: Bool) throws(Fault) {
        let start = index
        index += 1
        let kind = byte ?? 0
        index += 1
        switch kind {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case Self.quote, Self.backslash: text.append(kind)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let length = kind == UInt8(ascii: "u") ? 4 : 8
            let digits = bytes[index..<min(bytes.count, index + length)]
            guard digits.count == length, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16), let scalar = Unicode.Scalar(code)
            else { throw Fault(offset: start, message: "This escape needs \(length) hex digits of a character.") }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
            index += length
        default:
            index = start + 1
            guard isLong, skipToNextLine() else {
                throw Fault(offset: start, message: "This escape is unknown; a backslash is written \\\\.")
            }
        }
    }

    /// A backslash at the end of a line takes the line end and all blanks behind it out of the string.
    private mutating func skipToNextLine() -> Bool {
        skipSpaces()
        guard isLineEnd(at: index) else { return false }
        while let next = byte, Self.isSpace(next) || isLineEnd(at: index) {
            index += next == Self.carriageReturn ? 2 : 1
        }
        return true
    }
}
