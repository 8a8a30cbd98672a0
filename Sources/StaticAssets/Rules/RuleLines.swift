/// The lines of a `_headers` or `_redirects` file that say something.
struct RuleLines {
    struct Line {
        /// Counted from 1.
        let number: Int
        /// Without white space at its ends.
        let text: String
        /// From this line to the end of the file, this line included.
        let remaining: Int
        /// In UTF-16 units, which is what the limit counts.
        var length: Int { text.utf16.count }
    }

    /// Longer lines are dropped.
    static let maximumLength = 2000

    let lines: [Line]

    init(_ file: String) {
        let raw = file.utf8.split(separator: .newline, omittingEmptySubsequences: false)
        lines = raw.enumerated().compactMap { number, bytes in
            let text = Self.trimmed(Substring(bytes))
            guard let first = text.utf8.first, first != .hash else { return nil }
            return Line(number: number + 1, text: String(text), remaining: raw.count - number)
        }
    }

    /// What JavaScript's `trim` removes: Unicode white space, line ends and the byte order mark.
    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
        default: false
        }
    }

    static func trimmed(_ text: Substring) -> Substring {
        let scalars = text.unicodeScalars
        guard let start = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return text[start..<scalars.index(after: last)]
    }

    /// The pieces of a line between runs of white space.
    static func tokens(of text: String) -> [String] {
        text.unicodeScalars.split(whereSeparator: isSpace).map { String($0) }
    }
}
