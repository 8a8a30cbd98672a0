#if canImport(Glibc)
    import Glibc
#endif

typealias Bytes = UnsafeBufferPointer<UInt8>

extension Bytes {
    /// The bytes of a range, counted from this buffer's own start.
    @inline(__always) func part(_ range: Range<Int>) -> Bytes { Bytes(rebasing: self[range]) }

    /// The index of the first `byte` at or after `start`.
    @inline(__always) func index(of byte: UInt8, from start: Int) -> Int? {
        guard start < count, let base = baseAddress else { return nil }
        guard let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// The index of the first `needle` at or after `start`.
    func index(of needle: StaticString, from start: Int) -> Int? {
        let first = needle.utf8Start.pointee
        var position = start
        while let at = index(of: first, from: position) {
            if has(needle, at: at) { return at }
            position = at + 1
        }
        return nil
    }

    @inline(__always) func has(_ text: StaticString, at index: Int) -> Bool {
        index + text.utf8CodeUnitCount <= count
            && memcmp(baseAddress! + index, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    var string: String { String(decoding: self, as: UTF8.self) }
}

extension [UInt8] {
    @inline(__always) mutating func append(_ text: StaticString) {
        append(contentsOf: Bytes(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    /// Text for element content and for attribute values in double quotes.
    mutating func append(escaped text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): append("&amp;" as StaticString)
            case UInt8(ascii: "<"): append("&lt;" as StaticString)
            case UInt8(ascii: ">"): append("&gt;" as StaticString)
            case UInt8(ascii: "\""): append("&quot;" as StaticString)
            default: append(byte)
            }
        }
    }

    /// A JSON string with its quotes.
    mutating func append(json text: String) {
        append(UInt8(ascii: "\""))
        let needsEscape = text.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
        guard needsEscape else {
            append(text)
            return append(UInt8(ascii: "\""))
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"" as StaticString)
            case UInt8(ascii: "\\"): append("\\\\" as StaticString)
            case UInt8(ascii: "\n"): append("\\n" as StaticString)
            case 0..<0x20:
                append("\\u00" as StaticString)
                for digit in [byte >> 4, byte & 15] { append(digit < 10 ? 48 + digit : 87 + digit) }
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}

/// HTML character references as cmark writes them, and percent escapes, undone.
enum Decode {
    /// Text of cmark's renderer, which writes only `&amp; &lt; &gt; &quot;` and, in addresses, `&#x27;`.
    static func html(_ bytes: Bytes) -> String {
        guard bytes.index(of: UInt8(ascii: "&"), from: 0) != nil else { return bytes.string }
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        appendHTML(bytes, to: &plain)
        return String(decoding: plain, as: UTF8.self)
    }

    static func appendHTML(_ bytes: Bytes, to plain: inout [UInt8]) {
        var position = 0
        while let at = bytes.index(of: UInt8(ascii: "&"), from: position) {
            plain.append(contentsOf: bytes.part(position..<at))
            let (byte, length) = reference(bytes, at: at)
            plain.append(byte)
            position = at + length
        }
        plain.append(contentsOf: bytes.part(position..<bytes.count))
    }

    /// The byte that the reference at `at` stands for, and the reference's length.
    private static func reference(_ bytes: Bytes, at: Int) -> (UInt8, Int) {
        if bytes.has("&amp;", at: at) { return (UInt8(ascii: "&"), 5) }
        if bytes.has("&lt;", at: at) { return (UInt8(ascii: "<"), 4) }
        if bytes.has("&gt;", at: at) { return (UInt8(ascii: ">"), 4) }
        if bytes.has("&quot;", at: at) { return (UInt8(ascii: "\""), 6) }
        if bytes.has("&#x27;", at: at) { return (UInt8(ascii: "'"), 6) }
        return (UInt8(ascii: "&"), 1)
    }

    static func percent(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var plain: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = hex(bytes[index + 1]),
                let low = hex(bytes[index + 2])
            {
                plain.append(high << 4 | low)
                index += 3
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
        default: nil
        }
    }
}

/// A path of files as a path of a URL: everything but RFC 3986's unreserved characters and `/` becomes `%XX`.
func percentEncoded(path: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in path.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "/"):
            bytes.append(byte)
        default:
            bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
