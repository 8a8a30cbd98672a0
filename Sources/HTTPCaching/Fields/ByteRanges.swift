/// What a `Range` field asks of a content of known size (RFC 9110 §14.2).
package enum ByteRanges: Sendable, Hashable {
    /// Everything: no range that narrows it down, or a field that is not understood.
    case whole
    /// In the order of the request; none is empty, and there is at least one.
    case ranges([Range<Int>])
    /// Nothing that is asked for exists: 416.
    case unsatisfiable

    /// More ranges than this in one request are an attack or a mistake, and answered with everything.
    package static let most = 16

    package init(_ field: String, size: Int) {
        guard let items = ByteRanges.items(field) else {
            self = .whole
            return
        }
        var ranges: [Range<Int>] = []
        var count = 0
        for item in items {
            if item.isEmpty { continue }
            count += 1
            guard count <= ByteRanges.most, let range = RangeSpecifier(item)?.resolved(in: size) else {
                self = .whole
                return
            }
            if !range.isEmpty { ranges.append(range) }
        }
        guard count > 0 else {
            self = .whole
            return
        }
        if ranges.isEmpty {
            self = .unsatisfiable
        } else if ranges.count > 1, ranges.reduce(0.0, { $0 + Double($1.count) }) > Double(size) {
            // Overlapping ranges that add up to more than the content would multiply traffic.
            self = .whole
        } else {
            self = .ranges(ranges)
        }
    }

    /// The one range of a field that names both of its ends; what it asks for does not depend on the size.
    package static func closed(_ field: String) -> Range<Int>? {
        guard let items = items(field), items.count == 1, case .closed(let range)? = RangeSpecifier(items[0]) else {
            return nil
        }
        return range
    }

    /// The list of a field in bytes; `nil` for another unit.
    package static func items(_ field: String) -> [Substring]? {
        guard let equals = field.firstIndex(of: "="), field[..<equals].trimmedOfBlanks.lowercased() == "bytes" else {
            return nil
        }
        return field[field.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: false).map {
            $0.trimmedOfBlanks
        }
    }
}

/// One member of a `Range` field, before the size of the content is known (RFC 9110 §14.1.1).
package enum RangeSpecifier: Sendable, Hashable {
    /// Both ends are named. Never empty.
    case closed(Range<Int>)
    case from(Int)
    case last(Int)

    /// Numbers that are too large for any content are as good as infinite, with room for arithmetic.
    package static let farthest = Int.max / 2

    /// - Parameter allowsBlanks: whether blanks may stand around the numbers.
    /// - Returns: `nil` for what is no range.
    package init?(_ text: Substring, allowsBlanks: Bool = false) {
        guard let dash = text.utf8.firstIndex(of: 0x2D) else { return nil }
        var first = text[..<dash]
        var last = text[text.utf8.index(after: dash)...]
        if allowsBlanks {
            first = first.trimmedOfBlanks
            last = last.trimmedOfBlanks
        }
        if first.isEmpty {
            guard let count = RangeSpecifier.number(last) else { return nil }
            self = .last(count)
        } else {
            guard let start = RangeSpecifier.number(first) else { return nil }
            if last.isEmpty {
                self = .from(start)
            } else {
                guard let end = RangeSpecifier.number(last), end >= start else { return nil }
                self = .closed(start..<end + 1)
            }
        }
    }

    /// What there is of it in a content of this size; empty when there is nothing.
    package func resolved(in size: Int) -> Range<Int> {
        switch self {
        case .closed(let range): range.lowerBound < size ? range.lowerBound..<min(range.upperBound, size) : 0..<0
        case .from(let start): start < size ? start..<size : 0..<0
        case .last(let count): max(0, size - count)..<size
        }
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Int(text) ?? farthest, farthest)
    }
}
