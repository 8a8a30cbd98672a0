/// `Content-Range: bytes 0-4/10` of a 206 (RFC 9110 §14.4).
package struct ContentRange: Sendable, Hashable {
    package var range: Range<Int>
    /// Bytes of the whole; `nil` when the sender did not know (`*`).
    package var size: Int?

    package init(_ range: Range<Int>, of size: Int?) {
        self.range = range
        self.size = size
    }

    /// - Returns: `nil` for another unit, an unsatisfied range, or one that does not lie within the whole.
    package init?(_ text: String) {
        let words = text.trimmedOfBlanks.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
        let halves = words[1].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Digits.number(ends[0]), let last = Digits.number(ends[1]), first <= last,
            last < Int.max
        else { return nil }
        range = first..<(last + 1)
        if halves[1] == "*" { return }
        guard let size = Digits.number(halves[1]), last < size else { return nil }
        self.size = size
    }

    package var text: String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size.map(String.init) ?? "*")"
    }
}

/// Numbers as fields write them.
package enum Digits {
    /// Digits only: no sign, no blanks; `nil` for what does not fit too.
    package static func number(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }
}
