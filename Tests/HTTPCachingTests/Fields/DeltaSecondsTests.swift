import HTTPCaching
import Testing

@Suite struct DeltaSecondsTests {
    @Test("are digits and nothing else", arguments: ["", "-1", "+1", "1.0", " 1", "1 ", "a", "1a", "'1'", "٣"])
    func refuses(text: String) {
        #expect(DeltaSeconds.parse(text) == nil)
    }

    @Test(
        "saturate at 2^31, however large the number is",
        arguments: [
            ("0", 0), ("003600", 3600), ("2147483647", 2_147_483_647), ("2147483648", 2_147_483_648),
            ("99999999999", 2_147_483_648), (String(repeating: "9", count: 400), 2_147_483_648),
        ])
    func saturates(text: String, seconds: Double) {
        #expect(DeltaSeconds.parse(text) == seconds)
    }
}
