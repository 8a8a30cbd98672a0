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
            let item = item.trimmedOfBlanks
            if item.isEmpty { continue }
            count += 1
            guard count <= ByteRanges.most, let range = ByteRanges.range(item, size: size) else {
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
        } else if ranges.count > 1, ranges.reduce(0, { $0 + $1.count }) > size {
            // Overlapping ranges that add up to more than the content would multiply traffic.
            self = .whole
        } else {
            self = .ranges(ranges)
        }
    }

    /// The one range of a field that names both of its ends; what it asks for does not depend on the size.
    package static func closed(_ field: String) -> Range<Int>? {
        guard let items = items(field), items.count == 1 else { return nil }
        let item = items[0].trimmedOfBlanks
        guard !item.hasPrefix("-"), !item.hasSuffix("-") else { return nil }
        return range(item, size: .max - 1)
    }

    /// - Returns: `nil` for another unit.
    private static func items(_ field: String) -> [Substring]? {
        guard let equals = field.firstIndex(of: "="), field[..<equals].trimmedOfBlanks.lowercased() == "bytes" else {
            return nil
        }
        return field[field.index(after: equals)...].split(separator: ",")
    }

    /// - Returns: an empty range for one that is well-formed and not satisfiable; `nil` for one that is malformed.
    private static func range(_ item: Substring, size: Int) -> Range<Int>? {
        guard let dash = item.utf8.firstIndex(of: 0x2D) else { return nil }
        let first = item[..<dash]
        let last = item[item.utf8.index(after: dash)...]
        if first.isEmpty {
            guard let suffix = position(last) else { return nil }
            return max(0, size - suffix)..<size
        }
        guard let start = position(first) else { return nil }
        if last.isEmpty { return start < size ? start..<size : 0..<0 }
        guard let end = position(last), end >= start else { return nil }
        return start < size ? start..<min(end + 1, size) : 0..<0
    }

    /// Digits only; a number too large for `Int` is as good as infinite.
    private static func position(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Int(text) ?? .max, .max - 1)
    }
}
