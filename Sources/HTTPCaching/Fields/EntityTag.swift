/// Entity tags (RFC 9110 §8.8.3).
package enum EntityTag {
    /// Whether a list of tags, over one or several lines, has this one. Both may be weak; entries without quotes are none.
    package static func list(_ lines: [String], weaklyHas tag: String) -> Bool {
        let opaque = opaque(tag.trimmedOfBlanks)
        for line in lines {
            if line.trimmedOfBlanks == "*" { return true }
            guard let opaque else { continue }
            if QuotedList.items(line).contains(where: { equal(EntityTag.opaque($0), opaque) }) { return true }
        }
        return false
    }

    /// A tag that says that every byte is the same: one with quotes and without `W/`.
    package static func isStrong(_ tag: String) -> Bool {
        let tag = tag.trimmedOfBlanks
        return !tag.hasPrefix("W/") && opaque(tag) != nil
    }

    /// RFC 9110 §8.8.3.2, byte by byte.
    package static func stronglyEqual(_ left: String, _ right: String) -> Bool {
        isStrong(left) && equal(left.trimmedOfBlanks, right.trimmedOfBlanks)
    }

    /// The quoted part; `nil` when there is none.
    private static func opaque(_ tag: Substring) -> Substring? {
        let quote = UInt8(ascii: "\"")
        let opaque = tag.utf8.starts(with: "W/".utf8) ? Substring(tag.utf8.dropFirst(2)) : tag
        guard opaque.utf8.count >= 2, opaque.utf8.first == quote, opaque.utf8.last == quote else { return nil }
        return opaque
    }

    /// Swift takes two spellings of an accented letter for one text; a tag is bytes.
    private static func equal(_ left: Substring?, _ right: Substring) -> Bool {
        left.map { $0.utf8.elementsEqual(right.utf8) } ?? false
    }
}
