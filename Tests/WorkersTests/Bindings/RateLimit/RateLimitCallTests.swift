import Testing
import Workers

@Suite struct RateLimitCallTests {
    private func call(_ text: String) throws -> RateLimitCall {
        let rule = try RateLimitRule(namespace: "1001", limit: 3, period: 60)
        return try RateLimitCall(JSON(parsing: Array(text.utf8)), rule: rule)
    }

    @Test(
        "errors have the runtime's words",
        arguments: [
            ("3", "invalid rate limit options"),
            ("null", "invalid rate limit options"),
            ("[]", "invalid rate limit options"),
            (#"{"key": "a", "b": 1, "c": 2}"#, "bad rate limit options: [b,c]"),
            (#"{"key": 7}"#, "invalid key: 7"),
            (#"{"key": null}"#, "invalid key: null"),
            (#"{"key": {}}"#, "invalid key: [object Object]"),
            (#"{"key": [1, "x", null]}"#, "invalid key: 1,x,"),
            (#"{"limit": "5"}"#, "limit must be a number: 5"),
            (#"{"period": true}"#, "period must be a number: true"),
            (#"{"period": 30}"#, "unsupported period: 30"),
            (#"{"period": 10.5}"#, "unsupported period: 10.5"),
        ])
    func errors(text: String, message: String) {
        #expect(throws: WorkersError(.error, message)) { try call(text) }
    }

    @Test func `what is left out is as configured`() throws {
        #expect(try call("{}") == call(#"{"key": "", "limit": 3, "period": 60}"#))
        let other = try call(#"{"key": "a", "limit": 5, "period": 10}"#)
        #expect(other.key == "a")
        #expect(other.rule == (try RateLimitRule(namespace: "1001", limit: 5, period: 10)))
    }

    @Test func `a table drops what is over`() throws {
        let rule = try RateLimitRule(namespace: "1001", limit: 1, period: 10)
        var table = RateLimitTable(capacity: 1000)
        for number in 0..<1000 { _ = table.limit("\(number)", rule: rule, now: 100) }
        #expect(table.count == 1000)
        _ = table.limit("one more", rule: rule, now: 110)
        #expect(table.count == 1)
    }
}
