/// The words of one page with their weights, in the order they first occur.
struct PageTerms: Sendable {
    /// All terms, one after the other.
    var bytes: [UInt8] = []
    var terms: [Term] = []

    struct Term: Sendable {
        var hash: UInt64
        var start: UInt32
        var length: UInt32
        /// 1…255.
        var weight: UInt32
    }
}

/// Counts words: runs of letters and digits, lower-cased, of 2 to 32 code points.
///
/// One counter serves a worker for all its pages, so its table is allocated once.
struct TermCounter {
    /// Index into `page.terms`, plus one; zero is free. The size is a power of two.
    private var slots = [UInt32](repeating: 0, count: 4096)
    private var page = PageTerms()
    private var word: [UInt8] = []

    /// Adds the words of cmark's escaped text.
    mutating func add(html text: Bytes, weight: UInt32) { scan(text, weight: weight, escaped: true) }

    mutating func add(plain text: String, weight: UInt32) {
        var text = text
        text.withUTF8 { scan($0, weight: weight, escaped: false) }
    }

    /// What was counted since the last call.
    mutating func take() -> PageTerms {
        let mask = slots.count - 1
        // Clearing only what was used is cheaper than clearing the table, unless the page was huge.
        if page.terms.count * 4 > slots.count {
            slots = [UInt32](repeating: 0, count: 4096)
        } else {
            for term in page.terms {
                var slot = Int(truncatingIfNeeded: term.hash) & mask
                while slots[slot] != 0 {
                    slots[slot] = 0
                    slot = (slot + 1) & mask
                }
            }
        }
        let result = page
        page = PageTerms()
        page.terms.reserveCapacity(result.terms.count)
        page.bytes.reserveCapacity(result.bytes.count)
        return result
    }

    // FNV-1a, 64 bits.
    @inline(__always) private static var seed: UInt64 { 0xcbf2_9ce4_8422_2325 }
    @inline(__always) private static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    private mutating func scan(_ text: Bytes, weight: UInt32, escaped: Bool) {
        var index = 0
        let count = text.count
        while index < count {
            let byte = text[index]
            let lower = Self.lower(byte)
            if lower == 0 {
                // A reference such as `&quot;` is punctuation, not the word "quot".
                if escaped, byte == UInt8(ascii: "&"), let end = text.index(of: UInt8(ascii: ";"), from: index) {
                    index = end
                }
                index += 1
                continue
            }
            let start = index
            var hash = Self.seed
            var upper = false
            var lowered = lower
            while lowered > 1 {
                hash = Self.mix(hash, lowered)
                upper = upper || lowered != text[index]
                index += 1
                lowered = index < count ? Self.lower(text[index]) : 0
            }
            if lowered == 1 {
                index = scanUnicode(text, from: start, weight: weight)
            } else if (2...32).contains(index - start) {
                if upper {
                    word.removeAll(keepingCapacity: true)
                    for at in start..<index { word.append(Self.lower(text[at])) }
                    let own = word
                    own.withUnsafeBufferPointer { self.count($0, hash: hash, weight: weight) }
                } else {
                    self.count(text.part(start..<index), hash: hash, weight: weight)
                }
            }
        }
    }

    /// A word that has a byte outside ASCII somewhere, from its start. Returns where it, or the separator met, ends.
    private mutating func scanUnicode(_ text: Bytes, from start: Int, weight: UInt32) -> Int {
        var lowered: [UInt8] = []
        var scalars = 0
        var index = start
        while index < text.count {
            let lower = Self.lower(text[index])
            if lower > 1 {
                lowered.append(lower)
                index += 1
                scalars += 1
                continue
            }
            guard lower == 1, let (scalar, width) = Self.decode(text, at: index) else { break }
            guard Self.isWord(scalar) else {
                index += width
                break
            }
            lowered.append(scalar.properties.lowercaseMapping)
            index += width
            scalars += 1
        }
        if (2...32).contains(scalars) {
            let hash = lowered.reduce(Self.seed) { Self.mix($0, $1) }
            lowered.withUnsafeBufferPointer { self.count($0, hash: hash, weight: weight) }
        }
        return max(index, start + 1)
    }

    private mutating func count(_ term: Bytes, hash: UInt64, weight: UInt32) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let known = Int(slots[slot]) - 1
            if page.terms[known].hash == hash, page.isTerm(known, term) {
                page.terms[known].weight = min(255, page.terms[known].weight + weight)
                return
            }
            slot = (slot + 1) & mask
        }
        let entry = PageTerms.Term(
            hash: hash, start: UInt32(page.bytes.count), length: UInt32(term.count), weight: min(255, weight))
        page.bytes.append(contentsOf: term)
        page.terms.append(entry)
        slots[slot] = UInt32(page.terms.count)
        if page.terms.count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 4)
        let mask = slots.count - 1
        for (index, term) in page.terms.enumerated() {
            var slot = Int(truncatingIfNeeded: term.hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index + 1)
        }
    }

    /// 0 separates, 1 belongs to a code point outside ASCII, anything else is the letter or digit in lower case.
    @inline(__always) private static func lower(_ byte: UInt8) -> UInt8 {
        if byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 { return byte }
        if byte &- UInt8(ascii: "A") < 26 { return byte | 0x20 }
        return byte >> 7
    }

    private static func decode(_ text: Bytes, at index: Int) -> (Unicode.Scalar, Int)? {
        let lead = text[index]
        let width = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard index + width <= text.count else { return nil }
        return text.part(index..<index + width).string.unicodeScalars.first.map { ($0, width) }
    }

    /// `\p{L}` and `\p{N}`, which the script of the page writes as a regular expression.
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber,
            .otherNumber:
            true
        default: false
        }
    }
}

extension PageTerms {
    @inline(__always) func isTerm(_ index: Int, _ term: UnsafeBufferPointer<UInt8>) -> Bool {
        let known = terms[index]
        guard Int(known.length) == term.count else { return false }
        return bytes.withUnsafeBufferPointer { own in
            let start = Int(known.start)
            for offset in 0..<term.count where own[start + offset] != term[offset] { return false }
            return true
        }
    }
}
