import Testing

@testable import EdgeServer

/// What the server reads of a request by itself.
@Suite struct EdgeFuzzTests {
    @Test func `ranges of a file lie in it and do not multiply it`() {
        var fuzzer = Fuzzer(longest: 300)
        let tokens = ["bytes=", "-", ",", " ", "0", "9", "10", "99999999999999999999", "="]
        let failure = fuzzer.run(["bytes=0-9", "bytes=5-", "BYTES=-5,0-0"], tokens: tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            return [0, 1, 10, 1 << 50].allSatisfy { size in
                guard case .parts(let ranges) = ByteRanges(field: text, length: size) else { return true }
                let inside = ranges.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= size }
                guard inside, (1...ByteRanges.most).contains(ranges.count) else { return false }
                return ranges.count == 1 || ranges.reduce(0) { $0 + $1.count } <= size
            }
        }
        #expect(failure == nil)
    }

    @Test func `a coding is sent only if it lies ready and is not refused`() {
        var fuzzer = Fuzzer(longest: 200)
        let tokens = ["br", "gzip", "identity", "*", ";q=0", "; q=0.001", ";q=1", ",", " ", "x-gzip"]
        let failure = fuzzer.run(["gzip, br;q=0", "*;q=0, identity", "BR ; Q=0.5"], tokens: tokens) { input in
            let field = String(decoding: input, as: UTF8.self)
            guard ContentCoding.choose(field, from: []) == .identity else { return false }
            let choice = ContentCoding.choose(field, from: [.brotli])
            guard choice != .gzip else { return false }
            // A coding that is nowhere in the field is not sent.
            return choice != .brotli || field.lowercased().contains("br") || field.contains("*")
        }
        #expect(failure == nil)
    }
}
