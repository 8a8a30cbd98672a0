/// The full-text index of all pages, kept between builds so that a changed page costs its own words only.
struct SearchIndex {
    /// What the index says of one page besides its words.
    struct Page {
        var url: String
        var title: String
        var section: String
        var summary: String
        var headings: [PageDraft.Heading]
        var words: Words
    }

    /// A page's words by their numbers in this index.
    struct Words: Sendable {
        fileprivate var terms: [UInt32]
        fileprivate var weights: [UInt8]
    }

    private var bytes: [UInt8] = []
    /// Term `n` is `bytes[ends[n - 1]..<ends[n]]`.
    private var ends: [UInt32] = []
    private var hashes: [UInt64] = []
    /// Term number plus one; zero is free.
    private var slots = [UInt32](repeating: 0, count: 1 << 15)
    /// All terms ascending; brought up to date when the index is written.
    private var order: [UInt32] = []

    mutating func number(_ page: PageTerms) -> Words {
        var words = Words(terms: [], weights: [])
        words.terms.reserveCapacity(page.terms.count)
        words.weights.reserveCapacity(page.terms.count)
        page.bytes.withUnsafeBufferPointer { text in
            for term in page.terms {
                let start = Int(term.start)
                words.terms.append(number(text.part(start..<start + Int(term.length)), hash: term.hash))
                words.weights.append(UInt8(truncatingIfNeeded: term.weight))
            }
        }
        return words
    }

    private mutating func number(_ term: Bytes, hash: UInt64) -> UInt32 {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let known = slots[slot] - 1
            if hashes[Int(known)] == hash, isTerm(known, term) { return known }
            slot = (slot + 1) & mask
        }
        let number = UInt32(ends.count)
        bytes.append(contentsOf: term)
        ends.append(UInt32(bytes.count))
        hashes.append(hash)
        slots[slot] = number + 1
        if ends.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 4)
        let mask = slots.count - 1
        for (number, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number + 1)
        }
    }

    private func range(_ term: UInt32) -> Range<Int> {
        (term == 0 ? 0 : Int(ends[Int(term) - 1]))..<Int(ends[Int(term)])
    }

    private func isTerm(_ number: UInt32, _ term: Bytes) -> Bool {
        let range = range(number)
        guard range.count == term.count else { return false }
        return bytes.withUnsafeBufferPointer { own in
            for offset in 0..<term.count where own[range.lowerBound + offset] != term[offset] { return false }
            return true
        }
    }

    // MARK: Writing

    /// The index as JSON; the pages in the order given.
    mutating func json(_ pages: [Page]) -> [UInt8] {
        sortNewTerms()
        let postings = Postings(pages.map(\.words), terms: ends.count)
        var json: [UInt8] = []
        json.reserveCapacity(postings.pages.count * 8 + bytes.count * 2 + pages.count * 600)
        json.append("{\"version\":1,\"pages\":[" as StaticString)
        for (index, page) in pages.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            Self.append(page, to: &json)
        }
        json.append("],\"terms\":[" as StaticString)
        var isFirst = true
        for term in order where !postings.range(term).isEmpty {
            json.append(isFirst ? "\"" : ",\"")
            json.append(contentsOf: bytes[range(term)])
            json.append(UInt8(ascii: "\""))
            isFirst = false
        }
        json.append("],\"postings\":[" as StaticString)
        json += postings.json(order)
        json.append("]}\n" as StaticString)
        return json
    }

    private static func append(_ page: Page, to json: inout [UInt8]) {
        json.append("{\"url\":" as StaticString)
        json.append(json: page.url)
        json.append(",\"title\":" as StaticString)
        json.append(json: page.title)
        json.append(",\"section\":" as StaticString)
        json.append(json: page.section)
        json.append(",\"description\":" as StaticString)
        json.append(json: page.summary)
        json.append(",\"headings\":[" as StaticString)
        var isFirst = true
        for heading in page.headings where heading.level > 1 {
            json.append(isFirst ? "[" : ",[")
            isFirst = false
            json.append(json: heading.id)
            json.append(UInt8(ascii: ","))
            json.append(json: heading.text)
            json.append(UInt8(ascii: "]"))
        }
        json.append("]}" as StaticString)
    }

    /// Sorts the terms that came since the last time and merges them in.
    private mutating func sortNewTerms() {
        guard order.count < ends.count else { return }
        let fresh = (UInt32(order.count)..<UInt32(ends.count)).map { (key: prefix($0), term: $0) }.sorted {
            $0.key != $1.key ? $0.key < $1.key : precedes($0.term, $1.term)
        }
        var merged: [UInt32] = []
        merged.reserveCapacity(ends.count)
        var rest = order[...]
        for (_, term) in fresh {
            while let known = rest.first, precedes(known, term) { merged.append(rest.removeFirst()) }
            merged.append(term)
        }
        order = merged + rest
    }

    /// The first eight bytes as a number that compares as they do.
    private func prefix(_ term: UInt32) -> UInt64 {
        var key: UInt64 = 0
        let range = range(term)
        for offset in 0..<8 {
            key = key << 8 | (offset < range.count ? UInt64(Self.rank(bytes[range.lowerBound + offset])) : 0)
        }
        return key
    }

    private func precedes(_ a: UInt32, _ b: UInt32) -> Bool {
        let (x, y) = (bytes[range(a)], bytes[range(b)])
        return x.lexicographicallyPrecedes(y) { Self.rank($0) < Self.rank($1) }
    }

    /// Orders UTF-8 as JavaScript orders UTF-16: there, code points from U+10000 (lead bytes F0…F4) are surrogates and
    /// stand before U+E000…U+FFFF (lead bytes EE and EF).
    @inline(__always) private static func rank(_ byte: UInt8) -> UInt8 {
        guard byte >= 0xEE else { return byte }
        return byte >= 0xF0 ? byte - 2 : byte + 5
    }
}

/// The pages of every term, by counting: first how many each has, then each into its place.
private struct Postings {
    private var starts: [Int]
    private(set) var pages: [UInt32]
    private(set) var weights: [UInt8]

    init(_ words: [SearchIndex.Words], terms: Int) {
        starts = [Int](repeating: 0, count: terms + 1)
        for page in words { for term in page.terms { starts[Int(term) + 1] += 1 } }
        for term in 0..<terms { starts[term + 1] += starts[term] }
        pages = [UInt32](repeating: 0, count: starts[terms])
        weights = [UInt8](repeating: 0, count: starts[terms])
        var next = starts
        for (number, page) in words.enumerated() {
            for (index, term) in page.terms.enumerated() {
                let at = next[Int(term)]
                next[Int(term)] = at + 1
                pages[at] = UInt32(number)
                weights[at] = page.weights[index]
            }
        }
    }

    func range(_ term: UInt32) -> Range<Int> { starts[Int(term)]..<starts[Int(term) + 1] }

    /// `[page,weight,…],[…]` for the terms that have pages, in their order.
    ///
    /// This is most of the index, and is written anew with every change of a page: hence straight into memory.
    func json(_ order: [UInt32]) -> [UInt8] {
        // A page's number has at most ten digits and a weight three; with their commas that is fifteen bytes.
        [UInt8](unsafeUninitializedCapacity: pages.count * 15 + order.count * 3) { buffer, count in
            var out = buffer.baseAddress!
            for term in order {
                let range = range(term)
                if range.isEmpty { continue }
                out = Self.put(UInt8(ascii: "["), out)
                for at in range {
                    out = Self.put(UInt8(ascii: ","), Self.put(decimal: pages[at], out))
                    out = Self.put(UInt8(ascii: ","), Self.put(decimal: UInt32(weights[at]), out))
                }
                // The last comma gives way to the bracket.
                out = Self.put(UInt8(ascii: ","), Self.put(UInt8(ascii: "]"), out - 1))
            }
            count = max(0, out - buffer.baseAddress! - 1)
        }
    }

    @inline(__always) private static func put(_ byte: UInt8, _ out: UnsafeMutablePointer<UInt8>)
        -> UnsafeMutablePointer<UInt8>
    {
        out.pointee = byte
        return out + 1
    }

    @inline(__always) private static func put(
        decimal number: UInt32, _ out: UnsafeMutablePointer<UInt8>
    ) -> UnsafeMutablePointer<UInt8> {
        var digits = 1
        var limit: UInt64 = 10
        while UInt64(number) >= limit {
            digits += 1
            limit *= 10
        }
        var rest = number
        for place in stride(from: digits - 1, through: 0, by: -1) {
            out[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return out + digits
    }
}
