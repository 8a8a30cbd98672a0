/// Small damage to one example, a piece of another one, or a row of tokens.
struct Mutation: RandomNumberGenerator {
    private var state: UInt64
    /// Pieces that go in whole. To those of the grammar come what Unicode and escapes make easy to overlook.
    var tokens: [[UInt8]] = [
        "\r\n", "\u{301}", "e\u{301}", "\u{E9}", "\u{FEFF}", "\u{2028}", "%2e", "%2F", "%00", "%", "%ff", "..", "0",
        "-1",
        "18446744073709551616", "9223372036854775807",
    ].map { Array($0.utf8) }

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Bytes that parsers are careless about.
    private static let suspects: [UInt8] =
        Array("\0\t\n\r \"%'(),-./09:;<=>?@[\\]{}~\u{7F}".utf8) + [0x80, 0xC3, 0xE2, 0xFF]

    mutating func next(_ corpus: [[UInt8]]) -> [UInt8] {
        if below(8) == 0 { return row() }
        var input = pick(corpus) ?? []
        for _ in 0...below(4) { damage(&input, corpus) }
        return input
    }

    /// Quick and good enough: a list is short beside 2^64.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func pick<Element>(_ list: [Element]) -> Element? { list.isEmpty ? nil : list[below(list.count)] }

    private mutating func row() -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0..<below(12) { input += pick(tokens) ?? [] }
        return input
    }

    private mutating func damage(_ input: inout [UInt8], _ corpus: [[UInt8]]) {
        let place = below(input.count + 1)
        switch below(12) {
        case 0: input.insert(pick(Mutation.suspects) ?? 0, at: place)
        case 1 where place < input.count: input.remove(at: place)
        case 2 where place < input.count: input[place] = UInt8(truncatingIfNeeded: next())
        case 3: input.removeSubrange(place...)
        case 4:
            let other = pick(corpus) ?? []
            input.insert(contentsOf: other[below(other.count + 1)...], at: place)
        case 5: input.insert(contentsOf: repeatElement(pick(input) ?? 0x30, count: 1 + below(40)), at: place)
        case 6:
            let piece = pick(tokens) ?? []
            for _ in 0...below(3) { input.insert(contentsOf: piece, at: place) }
        case 7...9: input.insert(contentsOf: pick(tokens) ?? [], at: place)
        case 10:
            let end = min(input.count, place + below(6))
            input.replaceSubrange(place..<end, with: pick(tokens) ?? [])
        default: if place < input.count { input[place] ^= 0x20 }
        }
    }
}
