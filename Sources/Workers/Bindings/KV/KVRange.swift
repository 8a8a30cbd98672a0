/// The keys that a page of a listing comes from: from `lower` on, before `upper`, in the order of bytes.
package struct KVRange: Sendable, Hashable {
    package var lower: [UInt8]
    package var upper: [UInt8]

    /// - Parameter last: the last key of the page before.
    package init(prefix: String, after last: [UInt8]?) {
        let prefix = Array(prefix.utf8)
        // No UTF-8 text holds a byte above F4, so the last byte can always be raised by one.
        upper = prefix.isEmpty ? [0xFF] : prefix.dropLast() + [prefix[prefix.count - 1] + 1]
        // Nothing lies between a key and the same key with a zero byte behind it.
        let next = last.map { $0 + [0] } ?? []
        lower = next.lexicographicallyPrecedes(prefix) ? prefix : next
    }
}

/// The place in a listing that a cursor names: after a key. Neither the page size nor the prefix is in it, so both may change.
package enum KVCursor {
    private static let version: Character = "1"

    package static func text(after key: KVKey) -> String {
        var text = String(version)
        key.withBytes { bytes in
            for byte in bytes {
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 15)])
            }
        }
        return text
    }

    /// - Returns: the key's bytes; `nil` where there is no cursor, as for the empty one.
    package static func parse(_ cursor: String?) throws -> [UInt8]? {
        guard let cursor, !cursor.isEmpty else { return nil }
        let characters = Array(cursor.utf8)
        guard cursor.first == version, characters.count > 1, characters.count % 2 == 1, characters.count < 2048 else {
            throw invalid
        }
        var bytes: [UInt8] = []
        for index in stride(from: 1, to: characters.count, by: 2) {
            guard let high = value(characters[index]), let low = value(characters[index + 1]) else { throw invalid }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static let invalid = WorkersError.kv(.list, 400, "Invalid cursor.")
    private static let digits = Array("0123456789abcdef")

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
