import Foundation

/// Feeds a parser with what nobody would write: mutated examples, again and again, for a bounded time.
///
/// ```swift
/// var fuzzer = Fuzzer()
/// let failure = fuzzer.run(["bytes=0-9"], tokens: ["bytes=", "-", ","]) { input in … }
/// #expect(failure == nil)
/// ```
/// The inputs follow from the seed alone. A failing one is made as small as it gets and told as text to be pasted into a
/// test. A crash ends the test run; with `FUZZ_TRACE` the input that did it lies in that folder afterwards.
///
/// - `FUZZ_SECONDS`: for each parser, a fifth of one if absent.
/// - `FUZZ_SEED`: repeats a run. Without it, and unless `FUZZ_SECONDS` asks for more, each parser has one that is always the
///   same, so that a change is only blamed for what it has done.
/// - `FUZZ_TRACE`: a folder for the last input of every parser.
struct Fuzzer {
    private var random: Mutation
    private let seconds: Double
    private let seed: UInt64
    private let trace: InputTrace?
    /// Longer inputs would cost time and find nothing that shorter ones do not.
    private let longest: Int

    init(longest: Int = 2048, function: String = #function) {
        let environment = ProcessInfo.processInfo.environment
        seconds = environment["FUZZ_SECONDS"].flatMap(Double.init) ?? 0.2
        let usual = environment["FUZZ_SECONDS"] == nil ? Fuzzer.seed(of: function) : .random(in: .min ... .max)
        seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? usual
        random = Mutation(seed: seed)
        trace = environment["FUZZ_TRACE"].flatMap { InputTrace(folder: $0, name: function) }
        self.longest = longest
    }

    /// FNV-1a, 64 bits.
    private static func seed(of name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// - Parameters:
    ///   - examples: well-formed inputs to start from.
    ///   - tokens: what the grammar consists of. Inputs are also put together from these alone.
    ///   - check: parses one input; false says that a property of the parser does not hold.
    /// - Returns: the first input that failed, with the seed that finds it again.
    mutating func run(
        _ examples: [String], tokens: [String] = [], _ check: ([UInt8]) throws -> Bool
    ) rethrows -> String? {
        try run(bytes: examples.map { Array($0.utf8) }, tokens: tokens, check)
    }

    /// For formats that are no text.
    mutating func run(
        bytes examples: [[UInt8]], tokens: [String] = [], _ check: ([UInt8]) throws -> Bool
    ) rethrows -> String? {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        var corpus = examples
        for input in corpus where try !holds(input, check) { return try report(input, check) }
        random.tokens += tokens.map { Array($0.utf8) }
        var rounds = 0
        while rounds % 16 != 0 || clock.now < end {
            rounds += 1
            var input = random.next(corpus)
            if input.count > longest { input.removeSubrange(longest...) }
            if try !holds(input, check) { return try report(input, check) }
            if rounds % 97 == 0, corpus.count < 256, input.count < longest / 2 { corpus.append(input) }
        }
        return nil
    }

    private func holds(_ input: [UInt8], _ check: ([UInt8]) throws -> Bool) rethrows -> Bool {
        trace?.note(input)
        return try check(input)
    }

    private func report(_ input: [UInt8], _ check: ([UInt8]) throws -> Bool) rethrows -> String {
        let small = try Minimiser.smallest(input) { try !holds($0, check) }
        return "FUZZ_SEED=\(seed) fails with \(Literal.of(small))"
    }
}

/// Takes away from an input what its failure does not need.
enum Minimiser {
    /// Enough for inputs of some thousand bytes, and an end for slow checks.
    private static let most = 4000

    static func smallest(_ input: [UInt8], fails: ([UInt8]) throws -> Bool) rethrows -> [UInt8] {
        var small = input
        var tries = 0
        var size = max(1, input.count / 2)
        while true {
            var start = 0
            var hasShrunk = false
            while start < small.count, tries < most {
                tries += 1
                var candidate = small
                candidate.removeSubrange(start..<min(start + size, small.count))
                if try fails(candidate) {
                    small = candidate
                    hasShrunk = true
                } else {
                    start += size
                }
            }
            if tries >= most || (size == 1 && !hasShrunk) { return small }
            if !hasShrunk { size = max(1, size / 2) }
        }
    }
}

/// An input as it can stand in a test.
enum Literal {
    static func of(_ input: [UInt8]) -> String {
        guard let text = String(validating: input, as: UTF8.self) else {
            return "[" + input.map { "0x" + String($0, radix: 16, uppercase: true) }.joined(separator: ", ") + "]"
        }
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case " "..."~": output.unicodeScalars.append(scalar)
            default: output += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
            }
        }
        return output + "\""
    }
}
