import HTTPCaching

/// Range requests (RFC 9110 §14) as a decision over the length of the content.
enum ByteRanges: Equatable {
    /// Not a range request this server understands: the whole content is sent.
    case whole
    /// Nothing asked for exists: 416.
    case unsatisfiable
    /// At least one range, in the order asked for.
    case parts([Range<Int>])

    /// More ranges than this in one request are an attack or a mistake (RFC 9110 §14.2 lets us ignore them).
    static let most = 16

    init(field: String, length: Int) {
        let text = field.utf8
        // The unit is a token, compared without case.
        guard let equals = text.firstIndex(of: 0x3D), String(field[..<equals]).isField("bytes") else {
            self = .whole
            return
        }
        var parts: [Range<Int>] = []
        var count = 0
        for piece in field[text.index(after: equals)...].split(separator: ",", omittingEmptySubsequences: true) {
            let piece = piece.trimmedOfBlanks
            if piece.isEmpty { continue }
            count += 1
            guard count <= ByteRanges.most, let range = ByteRanges.parse(piece, length: length) else {
                self = .whole
                return
            }
            if !range.isEmpty { parts.append(range) }
        }
        guard count > 0 else {
            self = .whole
            return
        }
        if parts.isEmpty {
            self = .unsatisfiable
        } else if parts.reduce(0, { $0 + $1.count }) > length, parts.count > 1 {
            // Overlapping ranges that add up to more than the content would multiply traffic.
            self = .whole
        } else {
            self = .parts(parts)
        }
    }

    /// - Returns: an empty range for one that is well-formed and not satisfiable; `nil` for one that is malformed.
    private static func parse(_ piece: Substring, length: Int) -> Range<Int>? {
        guard let dash = piece.utf8.firstIndex(of: 0x2D) else { return nil }
        let first = piece[..<dash]
        let last = piece[piece.utf8.index(after: dash)...]
        if first.isEmpty {
            guard let suffix = number(last) else { return nil }
            return max(0, length - suffix)..<length
        }
        guard let start = number(first) else { return nil }
        if last.isEmpty { return start < length ? start..<length : 0..<0 }
        guard let end = number(last), end >= start else { return nil }
        return start < length ? start..<min(end + 1, length) : 0..<0
    }

    /// Digits only; a number too large for `Int` is as good as infinite.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Int(text) ?? .max, .max - 1)
    }
}
