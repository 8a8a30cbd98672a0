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
        guard let dash = text.firstIndex(of: "-") else { return nil }
        let first = text[..<dash].trimmedOfBlanks
        let last = text[text.index(after: dash)...].trimmedOfBlanks
        if first.isEmpty {
            guard let count = position(last) else { return nil }
            if count >= size { return .whole }
            return count == 0 ? .unsatisfiable : .ranges([(size - count)..<size])
        }
        guard let start = position(first), start < size else { return .unsatisfiable }
        if last.isEmpty { return .ranges([start..<size]) }
        guard let end = position(last), end >= start else { return .unsatisfiable }
        return .ranges([start..<(min(end, size - 1) + 1)])
    }

    /// Digits only; a number that does not fit lies behind every end.
    private static func position(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text) ?? .max
    }
}
