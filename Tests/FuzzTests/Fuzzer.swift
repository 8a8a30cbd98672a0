import Foundation

/// Feeds a parser with what nobody would write: mutated examples, again and again, for a bounded time.
///
/// A crash ends the test run; what must hold is said by the caller's own expectations. `FUZZ_SECONDS` is the time for each
/// parser, `FUZZ_SEED` repeats a run.
struct Fuzzer {
    private var random: Mutation
    private let seconds: Double
    private let seed: UInt64

    init() {
        let environment = ProcessInfo.processInfo.environment
        seconds = environment["FUZZ_SECONDS"].flatMap(Double.init) ?? 0.5
        seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? .random(in: .min ... .max)
        random = Mutation(seed: seed)
    }

    /// - Parameters:
    ///   - examples: well-formed inputs to start from.
    ///   - check: parses one input; false says that a property of the parser does not hold.
    /// - Returns: the first input that failed, with the seed that finds it again.
    mutating func run(_ examples: [String], _ check: ([UInt8]) throws -> Bool) rethrows -> String? {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        var corpus = examples.map { Array($0.utf8) }
        var rounds = 0
        while rounds % 64 != 0 || clock.now < end {
            rounds += 1
            let input = random.next(corpus)
            guard try check(input) else { return "FUZZ_SEED=\(seed) input \(input)" }
            if rounds % 97 == 0, corpus.count < 256, input.count < 4096 { corpus.append(input) }
        }
        return nil
    }
}

/// Small damage to one example, or a piece of another one.
struct Mutation: RandomNumberGenerator {
    private var state: UInt64

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
        var input = corpus.randomElement(using: &self) ?? []
        for _ in 0...Int.random(in: 0...3, using: &self) { damage(&input, corpus) }
        return input
    }

    private mutating func damage(_ input: inout [UInt8], _ corpus: [[UInt8]]) {
        let place = Int.random(in: 0...input.count, using: &self)
        switch Int.random(in: 0..<7, using: &self) {
        case 0: input.insert(Mutation.suspects.randomElement(using: &self) ?? 0, at: place)
        case 1 where place < input.count: input.remove(at: place)
        case 2 where place < input.count: input[place] = UInt8.random(in: .min ... .max, using: &self)
        case 3: input.removeSubrange(place...)
        case 4:
            let other = corpus.randomElement(using: &self) ?? []
            input.insert(contentsOf: other[Int.random(in: 0...other.count, using: &self)...], at: place)
        case 5: input.insert(contentsOf: repeatElement(input.randomElement(using: &self) ?? 0x30, count: 40), at: place)
        default: if place < input.count { input[place] ^= 0x20 }
        }
    }
}
