import HTTPCaching
import Testing

@Suite struct FieldFuzzTests {
    @Test func `delta seconds are never negative and never beyond 2^31`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["0", "3600", "2147483648", "99999999999"]) { input in
            guard let seconds = DeltaSeconds.parse(String(decoding: input, as: UTF8.self)) else { return true }
            return (0...DeltaSeconds.longest).contains(seconds)
        }
        #expect(failure == nil)
    }

    @Test func `the items of a list are never empty and have no blanks around them`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["max-age=3600, private=\"a, b\"", "a,,b", "\"\\\"\", c"]) { input in
            QuotedList.items(String(decoding: input, as: UTF8.self)).allSatisfy {
                !$0.isEmpty && $0 == $0.trimmedOfBlanks
            }
        }
        #expect(failure == nil)
    }
}
