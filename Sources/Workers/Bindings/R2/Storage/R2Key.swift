/// A key in the order that lists have: by its UTF-8 bytes.
///
/// Swift compares strings by what they look like, so that two spellings of `é` would be one key; R2 keeps them apart.
package struct R2Key: Sendable, Hashable, Comparable {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The least key after this one.
    package var successor: R2Key { R2Key(bytes: bytes + [0]) }

    /// The least key after all that begin with this one; `nil` when there is none.
    package var prefixEnd: R2Key? {
        var end = bytes
        while let last = end.popLast() {
            if last < 0xFF { return R2Key(bytes: end + [last + 1]) }
        }
        return nil
    }

    package static func < (left: R2Key, right: R2Key) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
