/// A key that the namespace takes. Keys are bytes: neither paths nor spellings of a letter are made the same.
package struct KVKey: Sendable, Comparable, CustomStringConvertible {
    package let text: String

    /// - Throws: what Workers throw for a key that is empty, `.`, `..` or too long, before anything is read or written.
    package init(_ text: String, for operation: KVOperation, limits: KVLimits = KVLimits()) throws {
        let length = text.utf8.count
        if length <= 2 {
            if length == 0 { throw WorkersError.kvEmptyKey }
            if text == "." || text == ".." { throw WorkersError.kvReservedKey(text) }
        } else if length > limits.key {
            throw WorkersError.kvKeyTooLong(operation, length, limit: limits.key)
        }
        self.text = text
    }

    /// A key that was checked before it was stored.
    package init(stored bytes: some Collection<UInt8>) { text = String(decoding: bytes, as: UTF8.self) }

    package var description: String { text }
}

extension KVKey: Hashable {
    // `String` compares and hashes canonical equivalents as the same, which keys must not be.
    package static func == (left: KVKey, right: KVKey) -> Bool {
        left.withBytes { left in right.withBytes { right in left.elementsEqual(right) } }
    }

    package static func < (left: KVKey, right: KVKey) -> Bool {
        left.withBytes { left in right.withBytes { right in left.lexicographicallyPrecedes(right) } }
    }

    package func hash(into hasher: inout Hasher) {
        withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        var text = text
        return try text.withUTF8(body)
    }
}
