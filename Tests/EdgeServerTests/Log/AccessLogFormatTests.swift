import Testing
import Workers

@testable import EdgeServer

@Suite struct AccessLogFormatTests {
    /// 10 October 2026, 13:55:36.125 UTC.
    private static let time = 1_791_640_536.125

    private func record(
        _ target: String = "/a?b=c", agent: String? = "curl/8", referrer: String? = nil
    ) -> AccessLog.Record {
        var record = AccessLog.Record(
            method: "GET", target: target, status: 200, bytes: 512, nanoseconds: 1_234_567,
            note: AnswerNote(source: "worker", detail: "no asset"), completed: true)
        record.client = "192.0.2.1"
        record.version = "HTTP/1.1"
        record.userAgent = agent
        record.referrer = referrer
        record.ray = "0123-XXX"
        return record
    }

    private func line(_ format: AccessLogFormat, _ record: AccessLog.Record) -> String {
        String(decoding: format.line(for: record, at: Self.time), as: UTF8.self)
    }

    @Test func `JSON has everything that is known`() throws {
        let expected =
            "{\"time\":\"2026-10-10T13:55:36.125Z\",\"level\":\"info\",\"event\":\"request\",\"client\":\"192.0.2.1\","
            + "\"method\":\"GET\",\"target\":\"/a?b=c\",\"protocol\":\"HTTP/1.1\",\"status\":200,\"bytes\":512,"
            + "\"milliseconds\":1.234,\"completed\":true,\"source\":\"worker\",\"reason\":\"no asset\","
            + "\"ray\":\"0123-XXX\",\"userAgent\":\"curl/8\"}"
        #expect(line(.json, record()) == expected)
    }

    @Test func `the common and the combined format are as everybody reads them`() {
        let common = "192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] \"GET /a?b=c HTTP/1.1\" 200 512"
        #expect(line(.common, record()) == common)
        #expect(
            line(.combined, record(referrer: "https://a.example/")) == common + " \"https://a.example/\" \"curl/8\"")
        #expect(line(.combined, record(agent: nil)) == common + " \"-\" \"-\"")
    }

    @Test(
        "no text of a client makes a second line or column",
        arguments: [
            "a\nb", "a\r\nb", "a\" 200 1 \"", "a\\\"", "a\u{0}b", "a\u{1B}[31m", "a\u{7F}", "a\u{85}b", "a\u{2028}b",
            "a\u{9B}31m", "é", "\u{1F600}", "{\"a\":1}", "a\tb",
        ])
    func forging(text: String) throws {
        for format in AccessLogFormat.allCases {
            let line = line(format, record("/" + text, agent: text, referrer: text))
            #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
            #expect(!line.unicodeScalars.contains { $0.value == 0x2028 })
            if format == .json {
                let parsed = try JSON(parsing: Array(line.utf8))
                #expect(parsed["target"] == .string("/" + text))
                #expect(parsed["userAgent"] == .string(text))
            } else {
                #expect(line.split(separator: "\"").count == (format == .common ? 3 : 6))
            }
        }
    }

    @Test func `what a client sends is bounded`() {
        let long = String(repeating: "é", count: 20_000)
        for format in AccessLogFormat.allCases {
            #expect(line(format, record("/" + long, agent: long, referrer: long)).utf8.count < 30_000)
            #expect(line(.json, record("/" + long, agent: long)).utf8.count < 3000)
        }
    }

    @Test(
        "secrets in queries are not kept",
        arguments: [
            ("/a", "/a"), ("/a?", "/a?"), ("/a?b", "/a?b"), ("/a?token=x", "/a?token=REDACTED"),
            (
                "/a?X-Amz-Signature=ab&X-Amz-Credential=c/d&x=1",
                "/a?X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&x=1"
            ),
            ("/a?b=1&TOKEN=x&c=2", "/a?b=1&TOKEN=REDACTED&c=2"), ("/a?tok%65n=x", "/a?tok%65n=REDACTED"),
            ("/a?tokens=x", "/a?tokens=x"), ("/a?x=token=1", "/a?x=token=1"), ("/a?token=a=b", "/a?token=REDACTED"),
            ("/a?b&&token=", "/a?b&&token=REDACTED"), ("/token=1", "/token=1"), ("/a?tok%6", "/a?tok%6"),
            ("https://a.example/?code=1#x", "https://a.example/?code=REDACTED"),
        ])
    func redacts(target: String, logged: String) {
        #expect(LoggedTarget.text(target) == logged)
    }

    @Test(
        "moments are those of the calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"), (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (1_798_761_599.999, "2026-12-31T23:59:59.999Z"),
        ])
    func calendar(time: Double, text: String) {
        #expect(CivilTime(time).internet == text)
    }
}
