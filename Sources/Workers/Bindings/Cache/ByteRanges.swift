import HTTPCaching

/// What a `Range` field asks of a content of known size (RFC 9110 §14.2), as Workers read it.
enum ByteRanges: Sendable, Hashable {
    /// Everything: no range that narrows it down, or a unit that is not known.
    case whole
    /// In the order of the request; never empty.
    case ranges([Range<Int>])
    /// A range that begins at or behind the end, ends before it begins, or cannot be read.
    case unsatisfiable

    /// More than this many are answered with everything: a list of thousands costs a server more than it saves.
    private static let most = 64

    init(_ field: String, size: Int) {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].trimmedOfBlanks.lowercased() == "bytes" else {
            self = .whole
            return
        }
        let items = parts[1].split(separator: ",", omittingEmptySubsequences: false)
        guard !parts[1].trimmedOfBlanks.isEmpty, items.count <= ByteRanges.most else {
            self = .whole
            return
        }
        var ranges: [Range<Int>] = []
        for item in items {
            switch ByteRanges.one(item.trimmedOfBlanks, size: size) {
            case .whole?:
                self = .whole
                return
            case .ranges(let one)?: ranges += one
            case .unsatisfiable?, nil:
                self = .unsatisfiable
                return
            }
        }
        self = .ranges(ranges)
    }

    private static func one(_ text: Substring, size: Int) -> ByteRanges? {
        guard let specifier = RangeSpecifier(text, allowsBlanks: true) else { return nil }
        if case .last(let count) = specifier, count >= size { return .whole }
        let range = specifier.resolved(in: size)
        return range.isEmpty ? .unsatisfiable : .ranges([range])
    }
}
