import Testing

@testable import Workers

/// The values that R2's rules are made of.
@Suite struct R2ValueTests {
    @Test func `an Expires that is no date counts as absent`() {
        let fields: Headers = [.expires: "0", .contentType: "text/css", .server: "none of the six"]
        #expect(R2HTTPMetadata(fields) == R2HTTPMetadata(contentType: "text/css"))
        let dated = R2HTTPMetadata([.expires: "Sunday, 06-Nov-94 08:49:37 GMT"])
        #expect(dated.cacheExpiry == 784_111_777)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan, 1e300])
    func `an expiry beyond the calendar is written as the nearest date`(expiry: Double) {
        var headers = Headers()
        R2HTTPMetadata(cacheExpiry: expiry).write(to: &headers)
        let year = expiry > 0 ? "9999" : "0000"
        #expect(headers[.expires]?.contains(" \(year) ") == true)
    }

    @Test(arguments: [
        ("\"a,b\"", [R2ETag.strong("a,b")]), ("W/\"a\", \"b\"", [.weak("a"), .strong("b")]), (" * ", [.any]),
        ("\"a\" trailing text", [.strong("a")]), ("\"\"", [.strong("")]),
    ])
    func `lists of etags are read leniently`(field: String, etags: [R2ETag]) throws {
        #expect(try R2ETagField.parse(field, name: "if-match") == etags)
    }

    @Test(arguments: [
        ("bare", "Invalid ETag in if-match header"),
        ("W \"a\"", "Weak etags must start with W/ and their value must be quoted"),
        ("\"a\" *", "Comma was expected to separate etags. Encountered a wildcard character '*' instead."),
    ])
    func `lists that are none say why`(field: String, message: String) {
        #expect(throws: WorkersError(.error, message)) { try R2ETagField.parse(field, name: "if-match") }
    }

    @Test(arguments: [
        ("bytes=0-0", R2RangeField.one(R2Range(offset: 0, length: 1))), ("bytes= 5-", .one(R2Range(offset: 5))),
        ("BYTES=-7", .one(R2Range(suffix: 7))), ("bytes=,1-2,", .one(R2Range(offset: 1, length: 2))),
        ("bytes=1-2,3-4", .several), ("bytes=2-1", .unreadable), ("bytes=+1-2", .unreadable), ("bytes", .unreadable),
        ("bytes=-", .unreadable), ("items=1-2", .unreadable),
    ])
    func `a range field is one range or none`(field: String, expected: R2RangeField) {
        #expect(R2RangeField(field) == expected)
    }

    @Test func `numbers beyond all reason do not overflow`() throws {
        let huge = "99999999999999999999"
        guard case .one(let range) = R2RangeField("bytes=0-\(huge)") else {
            Issue.record("no range")
            return
        }
        #expect(try range.resolved(in: 10) == 0..<10)
        #expect(try R2Range(offset: 5, length: .max).resolved(in: 10) == 5..<10)
        #expect(try R2Range(suffix: .max).resolved(in: 10) == 0..<10)
        #expect(throws: R2Failure.invalidRange) { try R2Range(offset: .max, length: .max).resolved(in: 10) }
    }

    @Test func `the end of an object can be asked for with a length only`() throws {
        #expect(try R2Range(offset: 10, length: 5).resolved(in: 10) == 10..<10)
        #expect(throws: R2Failure.invalidRange) { try R2Range(offset: 10).resolved(in: 10) }
        #expect(try R2Range().resolved(in: 0) == 0..<0)
    }

    @Test func `arguments of a range are checked before any object`() {
        #expect(throws: WorkersError(.typeError, "Suffix is incompatible with offset.")) {
            try R2Range(offset: 1, suffix: 1).validate()
        }
        let message = "Invalid range. Starting offset (-2) must be greater than or equal to 0."
        #expect(throws: WorkersError(.rangeError, message)) { try R2Range(offset: -2).validate() }
    }

    @Test func `the end of a prefix is the least key behind it`() {
        #expect(R2Key("a/").prefixEnd == R2Key("a0"))
        #expect(R2Key(bytes: [1, 0xFF]).prefixEnd == R2Key(bytes: [2]))
        #expect(R2Key(bytes: [0xFF, 0xFF]).prefixEnd == nil)
        #expect(R2Key("").prefixEnd == nil)
        #expect(R2Key("a") < R2Key("a").successor)
    }

    @Test func `a range is cut where segments meet`() {
        let segments = [R2Segment(blob: [1], size: 10), R2Segment(blob: [2], size: 5), R2Segment(blob: [3], size: 10)]
        func pieces(_ range: Range<Int>) -> [[Int]] {
            R2Segment.pieces(of: range, in: segments).map {
                [Int($0.blob[0]), $0.range.lowerBound, $0.range.upperBound]
            }
        }
        #expect(pieces(0..<25) == [[1, 0, 10], [2, 0, 5], [3, 0, 10]])
        #expect(pieces(9..<16) == [[1, 9, 10], [2, 0, 5], [3, 0, 1]])
        #expect(pieces(10..<15) == [[2, 0, 5]])
        #expect(pieces(12..<12).isEmpty)
    }

    @Test func `a bucket that is not bound says so when it is used`() async throws {
        let bucket = try Bindings([:]).r2("FILES")
        await #expect(throws: WorkersError.self) { try await bucket.put("key", "value") }
        let upload = bucket.resumeMultipartUpload("key", uploadID: "id")
        await #expect(throws: WorkersError.self) { try await upload.abort() }
    }
}
