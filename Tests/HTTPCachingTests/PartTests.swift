import HTTPCaching
import HTTPTypes
import Testing

/// RFC 9110 §14, RFC 9111 §3.3, §3.4.
@Suite struct PartTests {
    private let whole = Story("Cache-Control: max-age=100", "ETag: \"a\"", "X: 1", "Content-Type: text/plain")

    /// A story that begins with bytes 4 to 9 of 10.
    private func part(
        _ range: String = "4-9/10", size: Int = 6, _ lines: [String] = ["ETag: \"a\""], asked: String = "bytes=4-9"
    ) -> Story {
        var story = Story()
        story.receive(
            ["Cache-Control: max-age=100", "Content-Range: bytes \(range)"] + lines, status: 206,
            to: request("Range: \(asked)"), size: size)
        return story
    }

    @Test(
        "parts of a stored response",
        arguments: [
            ("0-1", 0..<2), ("1-", 1..<10), ("-1", 9..<10), ("-99", 0..<10), ("0-99", 0..<10), ("9-9", 9..<10),
        ])
    func parts(range: String, expected: Range<Int>) throws {
        let answer = try #require(whole.answer("Range: bytes=\(range)"))
        #expect(answer.status == 206)
        #expect(answer.content == .range(expected))
        #expect(answer.fields[.contentRange] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/10")
        #expect(answer.fields[.contentLength] == String(expected.count))
        #expect(answer.fields[.init("X")!] == "1")
        #expect(answer.fields[.eTag] == "\"a\"")
        #expect(answer.fields[.age] == "3")
    }

    @Test(
        "fields that ask for no part of it",
        arguments: [
            "bytes=", "items=0-1", "bytes 0-1", "bytes=a-b", "bytes=5-2", "bytes=0-9,0-9", "bytes=--1", "",
            "bytes=" + Array(repeating: "0-0", count: 17).joined(separator: ","),
        ])
    func everything(range: String) {
        #expect(whole.ask("Range: \(range)") == "hit 200")
    }

    @Test func `a part that there is not is 416`() throws {
        let answer = try #require(whole.answer("Range: bytes=10-"))
        #expect(answer.status == 416)
        #expect(answer.fields[.contentRange] == "bytes */10")
        #expect(answer.fields[.contentLength] == "0")
        #expect(answer.content == CacheAnswer.Content.none)
        #expect(whole.ask("Range: bytes=-0") == "hit 416")
    }

    @Test func `several parts come in one body`() throws {
        let answer = try #require(whole.answer("Range: bytes=0-1, 8-"))
        guard case .parts(let parts, let closing) = answer.content else {
            Issue.record("no parts")
            return
        }
        #expect(parts.map(\.range) == [0..<2, 8..<10])
        let type = try #require(answer.fields[.contentType])
        let boundary = try #require(type.split(separator: "=").last)
        #expect(type == "multipart/byteranges; boundary=\(boundary)")
        #expect(
            parts[1].heading
                == "\r\n--\(boundary)\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n")
        #expect(closing == "\r\n--\(boundary)--\r\n")
        let length = parts.reduce(closing.utf8.count) { $0 + $1.heading.utf8.count + $1.range.count }
        #expect(answer.fields[.contentLength] == String(length))
        #expect(answer.fields[.contentRange] == nil)
    }

    @Test func `only GET has ranges, and only of 200`() {
        #expect(whole.ask("Range: bytes=0-1", method: "HEAD") == "hit 200")
        let missing = Story("Cache-Control: max-age=100", status: 404)
        #expect(missing.ask("Range: bytes=0-1") == "hit 404")
        #expect(whole.ask("Range: bytes=0-1", "If-None-Match: \"a\"") == "hit 304")
        #expect(whole.ask("Range: bytes=0-1", "Range: bytes=2-3") == "hit 200")
    }

    @Test func `a client's part is of the same response, or it gets all`() {
        let story = Story("Cache-Control: max-age=100", "ETag: \"a\"", "Last-Modified: \(date(-60))")
        let range = "Range: bytes=0-1"
        #expect(story.ask(range, "If-Range: \"a\"") == "hit 206")
        #expect(story.ask(range, "If-Range: \(date(-60))") == "hit 206")
        for condition in ["\"b\"", "W/\"a\"", date(-50), date(-70), "a", "", "\"a\", \"b\""] {
            #expect(story.ask(range, "If-Range: \(condition)") == "hit 200", "\(condition)")
        }
        // A response that changed in the second in which it was sent may have changed once more.
        let hasty = Story("Cache-Control: max-age=100", "Last-Modified: \(date(0))", "Date: \(date(0))")
        #expect(hasty.ask(range, "If-Range: \(date(0))") == "hit 200")
        #expect(Story("Cache-Control: max-age=9", "ETag: W/\"a\"").ask(range, "If-Range: W/\"a\"") == "hit 200")
    }

    // MARK: Stored parts

    @Test(
        "a stored part answers those who want no more than it",
        arguments: [
            ("4-9", 4..<10), ("4-", 4..<10), ("6-", 6..<10), ("-1", 9..<10), ("5-6", 5..<7), ("4-99", 4..<10),
            ("-6", 4..<10),
        ])
    func narrower(range: String, expected: Range<Int>) throws {
        let answer = try #require(part().answer("Range: bytes=\(range)"))
        #expect(answer.status == 206)
        #expect(answer.fields[.contentRange] == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/10")
        #expect(answer.fields[.contentLength] == String(expected.count))
        let content: CacheAnswer.Content =
            expected == 4..<10 ? .whole : .range(expected.lowerBound - 4..<expected.upperBound - 4)
        #expect(answer.content == content)
    }

    @Test func `and nobody else`() {
        for range in ["3-9", "0-1", "0-", "-7", "4-5, 7-8"] {
            #expect(part().ask("Range: bytes=\(range)") == "fetch, partial", "\(range)")
        }
        #expect(part().ask("Range: bytes=10-") == "hit 416")
        #expect(part().ask("Range: bytes=4-5", "If-Range: \"b\"") == "fetch, partial")
        #expect(part().ask(method: "HEAD") == "fetch, partial")
        #expect(part().ask("If-None-Match: \"a\"") == "hit 304")
        #expect(part().ask("Cache-Control: only-if-cached") == "504")
    }

    @Test func `a part of something of unknown size answers what names both its ends`() {
        let story = part("4-9/*")
        #expect(story.ask("Range: bytes=5-6") == "hit 206")
        #expect(story.answer("Range: bytes=5-6")?.fields[.contentRange] == "bytes 5-6/*")
        #expect(story.ask("Range: bytes=5-") == "fetch, partial")
        #expect(story.ask("Range: bytes=-1") == "fetch, partial")
        #expect(story.ask("Range: bytes=5-10") == "fetch, partial")
    }

    @Test(
        "a 206 whose numbers disagree is not stored",
        arguments: [
            ["Content-Range: bytes 4-9/10", "Content-Length: 5"], ["Content-Range: bytes 4-10/10"],
            ["Content-Range: bytes 9-4/10"], ["Content-Range: items 4-9/10"], ["Content-Range: bytes */10"],
            ["Content-Range: bytes 4-9"], ["Content-Range: 4-9/10"], ["X: 1"],
            ["Content-Range: bytes 4-9/10", "Content-Range: bytes 4-9/10"],
            ["Content-Type: multipart/byteranges; boundary=a"], ["Content-Range: bytes 4-99999999999999999999/*"],
        ])
    func disagreeing(lines: [String]) {
        var story = Story()
        let stored = story.receive(
            ["Cache-Control: max-age=100"] + lines, status: 206, to: request("Range: bytes=4-9"), size: 6)
        #expect(stored == "partial")
    }

    @Test func `nor is one of another length than it says, or one that nobody asked for`() {
        var story = Story()
        let lines = ["Cache-Control: max-age=100", "Content-Range: bytes 4-9/10"]
        #expect(
            story.receive(lines, status: 206, to: request("Range: bytes=4-9"), size: 5) == "not what the head promised")
        #expect(story.receive(lines, status: 206, size: 6) == "status")
        var worker = Story(.workersCache)
        #expect(worker.receive(lines, status: 206, to: request("Range: bytes=4-9"), size: 6) == "status")
    }

    @Test func `the rest of a part is asked for, if it is known to be of the same`() throws {
        let head = part("0-4/10", size: 5, asked: "bytes=0-4")
        #expect(head.ask() == "complete 5..<10")
        #expect(head.forward("X: 1")?.fields == fields(["X: 1", "Range: bytes=5-", "If-Range: \"a\""]))
        #expect(part().ask() == "complete 0..<4")
        #expect(part().forward()?.fields[.range] == "bytes=0-3")
        #expect(part("4-5/10", size: 2).ask() == "fetch, partial")
        #expect(part("4-9/*").ask() == "fetch, partial")
        #expect(part("4-9/10", []).ask() == "fetch, partial")
        #expect(part("4-9/10", ["ETag: W/\"a\""]).ask() == "fetch, partial")
        let dated = part("4-9/10", ["Last-Modified: \(date(-60))"])
        #expect(dated.forward()?.fields[.ifRange] == date(-60))
        #expect(part("4-9/10", ["Last-Modified: \(date(0))"]).ask() == "fetch, partial")
    }

    @Test func `two parts become one, and all of them the whole`() throws {
        var story = part("0-4/10", size: 5, asked: "bytes=0-4")
        var other = Story()
        other.receive(
            "Cache-Control: max-age=50", "Content-Range: bytes 3-9/10", "ETag: \"a\"", "X: 2", status: 206,
            to: request("Range: bytes=3-"), size: 7, at: 5)
        let combination = try #require(story.policy.combining(story.stored[0], with: other.stored[0]))
        #expect(
            combination.pieces == [.init(source: .stored, range: 0..<3), .init(source: .received, range: 0..<7)])
        #expect(combination.response.status == 200)
        #expect(combination.response.content == .complete(size: 10))
        #expect(combination.response.fields[.contentRange] == nil)
        #expect(combination.response.fields[.contentLength] == "10")
        story.stored = [combination.response]
        #expect(story.ask(at: 54) == "hit 200")
        #expect(story.ask(at: 55) == "validate")
        #expect(story.answer(at: 10)?.fields[.age] == "5")
    }

    @Test func `parts in between stay parts`() throws {
        let story = part("2-3/10", size: 2, asked: "bytes=2-3")
        let other = part("4-5/10", size: 2, asked: "bytes=4-5")
        let forwards = try #require(story.policy.combining(story.stored[0], with: other.stored[0]))
        let backwards = try #require(story.policy.combining(other.stored[0], with: story.stored[0]))
        for combination in [forwards, backwards] {
            #expect(combination.response.status == 206)
            #expect(combination.response.content == .part(2..<6, of: 10))
            #expect(combination.response.fields[.contentRange] == "bytes 2-5/10")
        }
        #expect(forwards.pieces.map(\.source) == [.stored, .received])
        #expect(backwards.pieces.map(\.source) == [.received, .stored])
    }

    @Test func `what is not known to be of the same is never put together`() {
        let story = part("0-4/10", size: 5, asked: "bytes=0-4")
        for other in [
            part("5-9/10", size: 5, ["ETag: \"b\""]), part("5-9/10", size: 5, ["ETag: W/\"a\""]),
            part("5-9/10", size: 5, []),
            part("6-9/10", size: 4), part("5-9/11", size: 5), part("5-9/10", size: 5, ["ETag: \"a\"", "Vary: Foo"]),
        ] {
            #expect(story.policy.combining(story.stored[0], with: other.stored[0]) == nil)
        }
    }

    @Test func `a whole response takes the place of its parts, a part that of none that is fresh`() {
        var story = part()
        story.receive("Cache-Control: max-age=100", "ETag: \"a\"", at: 1)
        #expect(story.stored.count == 1)
        #expect(story.stored[0].isComplete)
        story.receive(
            "Cache-Control: max-age=100", "Content-Range: bytes 4-9/10", "ETag: \"a\"", status: 206,
            to: request("Range: bytes=4-9"), size: 6, at: 2)
        #expect(story.stored.count == 2)
        #expect(story.ask(at: 3) == "hit 200")
    }
}
