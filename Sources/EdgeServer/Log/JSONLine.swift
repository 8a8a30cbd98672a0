/// One JSON object on one line, written member by member.
///
/// What a terminal or a reader of lines could take for an end of line or an order is escaped: control characters of both
/// sets, DEL, and the two separators of Unicode.
struct JSONLine {
    private var bytes: [UInt8] = [0x7B]

    mutating func add(_ name: StaticString, _ text: String) {
        begin(name)
        bytes.append(0x22)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5C: bytes += [0x5C, UInt8(scalar.value)]
            case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: escape(scalar.value)
            case 0x20..<0x7F: bytes.append(UInt8(scalar.value))
            default: bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        bytes.append(0x22)
    }

    /// - Parameter number: anything that is JSON already.
    mutating func add(_ name: StaticString, number: String) {
        begin(name)
        bytes += number.utf8
    }

    consuming func end() -> [UInt8] {
        bytes.append(0x7D)
        return bytes
    }

    private mutating func begin(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(0x2C) }
        bytes.append(0x22)
        name.withUTF8Buffer { bytes += $0 }
        bytes += [0x22, 0x3A]
    }

    private mutating func escape(_ value: UInt32) {
        bytes += "\\u".utf8
        for place in [12, 8, 4, 0] { bytes.append(hexadecimalDigit(UInt8(value >> UInt32(place) & 15))) }
    }
}
