import HTTPCaching
import Testing

@Suite struct RangeFieldTests {
    @Test(
        "reads well-formed ranges",
        arguments: [
            ("bytes=0-0", [0..<1]), ("bytes=0-99", [0..<10]), ("bytes=5-", [5..<10]), ("bytes=-3", [7..<10]),
            ("bytes=-99", [0..<10]), ("Bytes=1-2", [1..<3]), ("bytes=0-1,4-5, 8-", [0..<2, 4..<6, 8..<10]),
            ("bytes=0-1,99-", [0..<2]), ("bytes=2-3,", [2..<4]), ("bytes=2-99999999999999999999999", [2..<10]),
        ])
    func reads(field: String, expected: [Range<Int>]) {
        #expect(ByteRanges(field, size: 10) == .ranges(expected))
    }

    @Test(
        "ignores what it does not understand",
        arguments: [
            "", "bytes", "bytes=", "bytes=,", "bytes=a-b", "bytes=5-2", "bytes=--1", "bytes=1", "items=0-1",
            "bytes=0-9,0-9", "bytes=+1-2", "bytes=0-1,x", "bytes= 1 - 2",
            "bytes=" + Array(repeating: "0-0", count: 17).joined(separator: ","),
        ])
    func ignores(field: String) {
        #expect(ByteRanges(field, size: 10) == .whole)
    }

    @Test("says so when nothing of it exists", arguments: ["bytes=10-", "bytes=10-20,30-", "bytes=-0"])
    func unsatisfiable(field: String) {
        #expect(ByteRanges(field, size: 10) == .unsatisfiable)
    }

    @Test func `an empty content has no ranges at all`() {
        for field in ["bytes=0-", "bytes=0-0", "bytes=-5"] { #expect(ByteRanges(field, size: 0) == .unsatisfiable) }
    }

    @Test func `only both ends are the same in every size`() {
        #expect(ByteRanges.closed("bytes=4-9") == 4..<10)
        for field in ["bytes=4-", "bytes=-4", "bytes=1-2,3-4", "bytes=4", "items=4-9", "bytes=9-4"] {
            #expect(ByteRanges.closed(field) == nil, "\(field)")
        }
    }
}
