import HTTPTypes
import Testing
import Workers

/// 1 June 2026, noon.
private let now = 1_780_315_200.0

/// Header fields from lines, as a message has them.
private func headers(_ lines: [String]) -> Headers {
    var headers = Headers()
    for line in lines {
        let parts = line.split(separator: ":", maxSplits: 1)
        let name = HTTPField.Name(String(parts[0]))!
        headers.append(HTTPField(name: name, value: parts[1].drop { $0 == " " }.description))
    }
    return headers
}

@Suite struct CacheStorageDecisionTests {
    /// How long a response with these fields is kept; zero if it is not, `nil` if it is refused.
    private func lifetime(
        _ lines: String..., status: Int = 200, request: [String] = [], defaultsByStatus: Bool = false
    ) -> Double? {
        let response = Response(HTTPResponse.Status(code: status), headers: headers(lines))
        let request = Request(.get, RequestURL(authority: "a.test", path: "/"), headers: headers(request))
        let decision = CacheStorageDecision(
            request: request, response: response, now: now, defaultsByStatus: defaultsByStatus)
        switch decision {
        case .refuse: return nil
        case .drop: return 0
        case .store(let head): return head.expires - now
        }
    }

    @Test func `the first source of a lifetime that applies is the one`() {
        #expect(lifetime("Cache-Control: max-age=5") == 5)
        #expect(lifetime("Cache-Control: max-age=5, s-maxage=9") == 9)
        #expect(lifetime("Cache-Control: s-maxage=9", "Cache-Control: max-age=5") == 9)
        #expect(lifetime("Cache-Control: max-age=5", "Expires: Mon, 01 Jun 2026 13:00:00 GMT") == 5)
        #expect(lifetime("Expires: Mon, 01 Jun 2026 13:00:00 GMT") == 3600)
        #expect(lifetime("Expires: Monday, 01-Jun-26 13:00:00 GMT") == 3600)
        #expect(lifetime("Expires: 0", "Last-Modified: Sun, 31 May 2026 12:00:00 GMT") == 0)
        #expect(lifetime("Expires: Mon, 01 Jun 2026 13:00:00 GMT", "Expires: Mon, 01 Jun 2026 13:00:00 GMT") == 0)
        #expect(lifetime("Last-Modified: Sun, 31 May 2026 12:00:00 GMT") == 8640)
        #expect(lifetime("Last-Modified: Sun, 31 May 2026 12:00:00 GMT", status: 302) == 0)
        #expect(lifetime("Last-Modified: Tue, 02 Jun 2026 12:00:00 GMT") == 0)
        #expect(lifetime() == 0)
    }

    @Test func `directives are read as they are written`() {
        #expect(lifetime("Cache-Control: MAX-AGE=5") == 5)
        #expect(lifetime("Cache-Control: max-age=\"5\"") == 5)
        #expect(lifetime("Cache-Control: max-age=0005") == 5)
        #expect(lifetime("Cache-Control: max-age=99999999999999999999") == 2_147_483_648)
        #expect(lifetime("Cache-Control: x=\"a, max-age=9, \\\" no-store\", max-age=5") == 5)
        #expect(lifetime("Cache-Control: ,, max-age=5,") == 5)
        #expect(lifetime("Cache-Control: max-age=5, max-age=3") == 3)
        for value in ["'5'", "5.0", "-5", "a5", "5a", "+5", ""] {
            #expect(lifetime("Cache-Control: max-age=\(value)") == 0, "\(value)")
        }
    }

    @Test func `time spent in other caches is taken off`() {
        #expect(lifetime("Cache-Control: max-age=100", "Age: 30") == 70)
        #expect(lifetime("Cache-Control: max-age=100", "Age: 30, 90") == 70)
        #expect(lifetime("Cache-Control: max-age=100", "Age: 100") == 0)
        #expect(lifetime("Cache-Control: max-age=100", "Age: -30") == 100)
        #expect(lifetime("Cache-Control: max-age=100", "Age: abc") == 100)
    }

    @Test func `cookies and private responses stay out`() {
        #expect(lifetime("Cache-Control: max-age=5", "Set-Cookie: a=b") == 0)
        #expect(lifetime("Cache-Control: max-age=5, private=\"Set-Cookie\"", "Set-Cookie: a=b") == 5)
        #expect(lifetime("Cache-Control: max-age=5, private=\"set-cookie, x\"", "Set-Cookie: a=b") == 0)
        #expect(lifetime("Cache-Control: max-age=5, private=set-cookie, private") == 0)
        #expect(lifetime("Cache-Control: max-age=5, no-cache=\"x\"") == 0)
        let request = ["Authorization: Basic eDp5"]
        #expect(lifetime("Cache-Control: max-age=5", request: request) == 0)
        for directive in ["public", "must-revalidate", "s-maxage=5"] {
            #expect(lifetime("Cache-Control: max-age=5, \(directive)", request: request) == 5)
        }
    }

    @Test func `lifetimes by status are for responses that say nothing`() {
        let expected = [200: 7200.0, 301: 7200, 302: 1200, 303: 1200, 404: 180, 410: 180, 308: 0, 500: 0]
        for (status, seconds) in expected {
            #expect(lifetime(status: status, defaultsByStatus: true) == seconds, "\(status)")
        }
        #expect(lifetime("Cache-Control: max-age=5", defaultsByStatus: true) == 5)
        #expect(lifetime("Cache-Control: no-store", defaultsByStatus: true) == 0)
        #expect(lifetime("Expires: 0", defaultsByStatus: true) == 0)
    }

    @Test func `vary with a star is refused, wherever it stands`() {
        #expect(lifetime("Cache-Control: max-age=5", "Vary: Accept", "Vary: x , *") == nil)
        #expect(lifetime("Cache-Control: max-age=5", "Vary: *x") == 5)
    }
}

@Suite struct CacheMatchTests {
    private func answer(_ stored: [String], _ request: [String], size: Int = 12, status: Int = 200) -> CacheMatch {
        let head = StoredHead(
            status: status, headers: headers(stored), initialAge: 0, storedAt: now, expires: now + 10)
        return CacheMatch(head, size: size, request: headers(request), now: now, boundary: { "b" })
    }

    @Test(
        "ranges",
        arguments: [
            ("bytes=0-0", [0..<1]), ("bytes=3-", [3..<12]), ("BYTES = 3-6", [3..<7]), ("bytes=10-99", [10..<12]),
            ("bytes=-4", [8..<12]), ("bytes=2-3, -2", [2..<4, 10..<12]), ("bytes=0-11", [0..<12]),
            ("bytes=0-99999999999999999999999", [0..<12]),
        ])
    func ranges(field: String, expected: [Range<Int>]) {
        let answer = answer([], ["Range: \(field)"])
        #expect(answer.status == 206)
        switch answer.content {
        case .part(let range): #expect([range] == expected)
        case .parts(let parts, _): #expect(parts.map(\.range) == expected)
        default: Issue.record("no part")
        }
    }

    @Test(
        "ranges that are answered with everything",
        arguments: [
            "bytes=", "bytes=-12", "bytes=-99", "items=0-1", "bytes 0-1", "", "bytes=0-1,-12",
            "bytes=" + Array(repeating: "0-0", count: 65).joined(separator: ","),
        ])
    func whole(field: String) {
        let answer = answer([], ["Range: \(field)"])
        #expect(answer.status == 200)
        #expect(answer.content == .whole)
    }

    @Test(
        "ranges that cannot be satisfied",
        arguments: [
            "bytes=12-", "bytes=12-13", "bytes=6-3", "bytes=-0", "bytes=a-b", "bytes=1-2,", "bytes=--1", "bytes=+1-2",
            "bytes=5",
            "bytes=0-1,99-",
        ])
    func unsatisfiable(field: String) {
        let answer = answer([], ["Range: \(field)"])
        #expect(answer.status == 416)
        #expect(answer.content == .none)
        #expect(answer.headers[.contentRange] == "bytes */12")
    }

    @Test func `an empty body has no part`() {
        #expect(answer([], ["Range: bytes=0-"], size: 0).status == 416)
        #expect(answer([], ["Range: bytes=-1"], size: 0).status == 200)
    }

    @Test func `only a success is conditional, and only a 200 has parts`() {
        let tagged = ["ETag: \"a\"", "Last-Modified: Sun, 31 May 2026 12:00:00 GMT"]
        for status in [301, 404] {
            let answer = answer(tagged, ["If-None-Match: \"a\"", "Range: bytes=0-1"], status: status)
            #expect(answer.status == status)
            #expect(answer.content == .whole)
        }
        #expect(answer(tagged, ["Range: bytes=0-1"], status: 203).status == 203)
    }

    @Test func `conditions come before ranges, tags before dates`() {
        let stored = ["ETag: W/\"a,b\"", "Last-Modified: Sun, 31 May 2026 12:00:00 GMT"]
        let since = "If-Modified-Since: Mon, 01 Jun 2026 00:00:00 GMT"
        #expect(answer(stored, ["If-None-Match: \"x\", \"a,b\"", "Range: bytes=0-1"]).status == 304)
        #expect(answer(stored, ["If-None-Match: \"x\"", "If-None-Match: \"a,b\""]).status == 304)
        #expect(answer(stored, ["If-None-Match: a,b"]).status == 200)
        #expect(answer(stored, ["If-None-Match: \"x\"", since]).status == 200)
        #expect(answer(stored, [since]).status == 304)
        #expect(answer(stored, ["If-Modified-Since: Sun, 31 May 2026 12:00:00 GMT"]).status == 304)
        #expect(answer(stored, ["If-Modified-Since: Sunday, 31-May-26 12:00:00 GMT"]).status == 200)
    }

    @Test func `a part is of the response that the client has, or there is none`() {
        let stored = ["ETag: \"a\"", "Last-Modified: Sun, 31 May 2026 12:00:00 GMT"]
        let range = "Range: bytes=0-1"
        #expect(answer(stored, [range, "If-Range: \"a\""]).status == 206)
        #expect(answer(stored, [range, "If-Range: \"b\""]).status == 200)
        #expect(answer(stored, [range, "If-Range: W/\"a\""]).status == 200)
        #expect(answer(stored, [range, "If-Range: Sun, 31 May 2026 12:00:00 GMT"]).status == 206)
        #expect(answer(stored, [range, "If-Range: Mon, 01 Jun 2026 12:00:00 GMT"]).status == 200)
    }
}

@Suite struct LeastRecentlyUsedTests {
    @Test func `the oldest comes first, and use makes young`() {
        var order = LeastRecentlyUsed<String>()
        for key in ["a", "b", "c", "d"] { order.use(key) }
        order.use("a")
        order.remove("c")
        #expect((0..<4).map { _ in order.popOldest() } == ["b", "d", "a", nil])
    }

    @Test func `many uses of few keys keep their order`() {
        var order = LeastRecentlyUsed<Int>()
        for use in 0..<10_000 { order.use(use % 7) }
        // The last seven uses were of 10 000 − 7 and on.
        #expect((0..<7).map { _ in order.popOldest() } == (9993..<10_000).map { $0 % 7 })
    }
}
