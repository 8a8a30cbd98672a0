/// A key as a terminal sends it.
package enum Key: Sendable, Hashable {
    case character(Character)
    case enter
    case backspace
    case escape
    /// An arrow, a function key, and what else means nothing here.
    case other
}

/// Makes keys out of the bytes that a terminal sends. Bytes of one key may come apart.
package struct KeyParser: Sendable {
    private var pending: [UInt8] = []

    package init() {}

    package mutating func take(_ bytes: [UInt8]) -> [Key] {
        pending += bytes
        var keys: [Key] = []
        while let first = pending.first {
            guard let (key, length) = KeyParser.key(first, pending) else { break }
            pending.removeFirst(length)
            keys.append(key)
        }
        return keys
    }

    /// - Returns: `nil` when the key is not complete.
    private static func key(_ first: UInt8, _ bytes: [UInt8]) -> (Key, Int)? {
        switch first {
        case 0x0A, 0x0D: return (.enter, 1)
        case 0x08, 0x7F: return (.backspace, 1)
        case 0x1B:
            // A key of its own when nothing comes behind it: terminals send a sequence at once.
            guard bytes.count > 1 else { return (.escape, 1) }
            guard bytes[1] == 0x5B || bytes[1] == 0x4F else { return (.escape, 1) }
            guard let end = bytes.dropFirst(2).firstIndex(where: { (0x40...0x7E).contains($0) }) else {
                return bytes.count > 16 ? (.other, bytes.count) : nil
            }
            return (.other, end + 1)
        case 0x00...0x1F: return (.other, 1)
        case 0x20...0x7E: return (.character(Character(Unicode.Scalar(first))), 1)
        default:
            let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
            guard bytes.count >= length else { return nil }
            guard let text = String(validating: bytes.prefix(length), as: UTF8.self), let character = text.first else {
                return (.other, length)
            }
            return (.character(character), length)
        }
    }
}
