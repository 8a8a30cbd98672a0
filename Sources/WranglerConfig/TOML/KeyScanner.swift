/// Finds where each key and array element of a TOML document is written.
///
/// The parser tells values but not their places. This scanner is run only over text that the parser has accepted, so
/// it looks for structure and never judges; on anything unexpected it moves on. Positions are byte offsets.
struct KeyScanner {
    /// Where each path is first written. The path of an array of tables and of its elements both lead to a header.
    private(set) var offsets: [[TOMLKey]: Int] = [:]
    /// The first `\u0000` in a string, which the parser would hand over as the end of the text.
    private(set) var nulEscape: Int?

    private let bytes: [UInt8]
    private var index = 0
    /// The path that the last header opened.
    private var header: [TOMLKey] = []
    /// How many elements each array of tables has so far; a later `[a.b]` speaks of the last element of `a`.
    private var elementCounts: [[TOMLKey]: Int] = [:]

    init(scanning bytes: [UInt8]) {
        self.bytes = bytes
        scan()
    }

    private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func starts(with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        for step in 0..<count where bytes[index + step] != text.utf8Start[step] { return false }
        return true
    }

    private mutating func scan() {
        while index < bytes.count {
            let before = index
            skipBlank()
            guard let byte else { return }
            if byte == UInt8(ascii: "[") {
                scanHeader()
            } else {
                scanPair(in: header)
            }
            // Whatever the text holds, the scan ends.
            if index == before { index += 1 }
        }
    }

    // MARK: Headers and pairs

    private mutating func scanHeader() {
        let isElement = starts(with: "[[")
        index += isElement ? 2 : 1
        var path: [TOMLKey] = []
        let parts = scanKey()
        for (number, part) in parts.enumerated() {
            path.append(.key(part.name))
            note(path, at: part.offset)
            let isLast = number == parts.count - 1
            if isLast && isElement {
                let element = elementCounts[path, default: 0]
                elementCounts[path] = element + 1
                path.append(.index(element))
                note(path, at: part.offset)
            } else if let count = elementCounts[path] {
                path.append(.index(count - 1))
            }
        }
        header = path
        while let byte, byte == UInt8(ascii: "]") || isSpace(byte) { index += 1 }
    }

    /// `key = value`, the key possibly dotted.
    private mutating func scanPair(in table: [TOMLKey]) {
        var path = table
        for part in scanKey() {
            path.append(.key(part.name))
            note(path, at: part.offset)
        }
        skipSpaces()
        guard byte == UInt8(ascii: "=") else { return }
        index += 1
        skipSpaces()
        scanValue(at: path)
    }

    private mutating func note(_ path: [TOMLKey], at offset: Int) {
        if offsets[path] == nil { offsets[path] = offset }
    }

    /// The parts of a dotted key with their places; stops before `=` or `]`.
    private mutating func scanKey() -> [(name: String, offset: Int)] {
        var parts: [(name: String, offset: Int)] = []
        while true {
            skipSpaces()
            let start = index
            guard let byte else { return parts }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                parts.append((scanString(), start))
            } else {
                while let next = self.byte, isBare(next) { index += 1 }
                if index == start { return parts }
                parts.append((String(decoding: bytes[start..<index], as: UTF8.self), start))
            }
            skipSpaces()
            guard self.byte == UInt8(ascii: ".") else { return parts }
            index += 1
        }
    }

    // MARK: Values

    private mutating func scanValue(at path: [TOMLKey]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            _ = scanString()
        case UInt8(ascii: "["):
            scanArray(at: path)
        case UInt8(ascii: "{"):
            scanInlineTable(at: path)
        default:
            while let next = byte, !endsScalar(next) { index += 1 }
        }
    }

    private mutating func scanArray(at path: [TOMLKey]) {
        index += 1
        var element = 0
        while true {
            skipBlank()
            guard let next = byte else { return }
            if next == UInt8(ascii: "]") || next == UInt8(ascii: "}") {
                index += 1
                return
            }
            if next == UInt8(ascii: ",") {
                index += 1
                continue
            }
            let elementPath = path + [.index(element)]
            note(elementPath, at: index)
            let before = index
            scanValue(at: elementPath)
            element += 1
            if index == before { index += 1 }
        }
    }

    private mutating func scanInlineTable(at path: [TOMLKey]) {
        index += 1
        while true {
            skipBlank()
            guard let next = byte else { return }
            if next == UInt8(ascii: "}") || next == UInt8(ascii: "]") {
                index += 1
                return
            }
            let before = index
            if next == UInt8(ascii: ",") { index += 1 } else { scanPair(in: path) }
            if index == before { index += 1 }
        }
    }

    // MARK: Strings

    /// Moves past a string of any of the four kinds. The text is decoded only as far as keys need it (keys have one line).
    private mutating func scanString() -> String {
        let quote = bytes[index]
        let isBasic = quote == UInt8(ascii: "\"")
        let isMultiline = isBasic ? starts(with: "\"\"\"") : starts(with: "'''")
        index += isMultiline ? 3 : 1
        var text: [UInt8] = []
        while let next = byte {
            if isBasic && next == UInt8(ascii: "\\") {
                scanEscape(into: &text)
            } else if next != quote {
                text.append(next)
                index += 1
            } else if !isMultiline {
                index += 1
                break
            } else if isBasic ? starts(with: "\"\"\"") : starts(with: "'''") {
                // Up to two quotes may stand directly before the closing three.
                while byte == quote { index += 1 }
                break
            } else {
                text.append(next)
                index += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func scanEscape(into text: inout [UInt8]) {
        let start = index
        index += 1
        guard let kind = byte else { return }
        index += 1
        switch kind {
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "u"), UInt8(ascii: "U"):
            let end = min(bytes.count, index + (kind == UInt8(ascii: "u") ? 4 : 8))
            let digits = String(decoding: bytes[index..<end], as: UTF8.self)
            guard let code = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(code) else { return }
            if code == 0 && nulEscape == nil { nulEscape = start }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
            index = end
        default: text.append(kind)
        }
    }

    // MARK: Blanks

    private mutating func skipSpaces() {
        while let byte, isSpace(byte) { index += 1 }
    }

    /// Spaces, line breaks and comments.
    private mutating func skipBlank() {
        while let next = byte {
            if next == UInt8(ascii: "#") {
                while let byte, byte != UInt8(ascii: "\n") { index += 1 }
            } else if isSpace(next) || next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r") {
                index += 1
            } else {
                return
            }
        }
    }

    private func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private func isBare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private func endsScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"): true
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): true
        default: false
        }
    }
}
