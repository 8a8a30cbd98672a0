import HTTPCaching
import HTTPTypes
import Testing

/// The grammars that the cache reads, and the decisions that are made of them.
@Suite struct CachingFuzzTests {
    private static let controls = [
        "max-age=3600, private=\"a, b\"", "no-cache=\"set-cookie\", s-maxage=\"10\"", "no-store, max-age=5, a=\"\\\"",
        "public, max-age=31536000, immutable, stale-while-revalidate=5;q=1",
    ]

    @Test func `directives are in range, whoever wrote them`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(Self.controls) { input in
            let text = String(decoding: input, as: UTF8.self)
            let readings = [
                CacheControl(lines: [text]), CacheControl(lines: [text, text]), CacheControl(targeted: [text]),
            ]
            for control in readings.compactMap({ $0 }) {
                for name in ["max-age", "s-maxage", "stale-if-error"] {
                    guard (control.seconds(name) != nil) == control.has(name) else { return false }
                    guard (0...DeltaSeconds.longest).contains(control.seconds(name) ?? 0) else { return false }
                }
                for name in ["private", "no-cache"] {
                    guard (control.scope(name) != .nothing) == control.has(name) else { return false }
                    if case .fields(let names) = control.scope(name), names.isEmpty { return false }
                }
            }
            // What forbids is never hidden by what stands before it, unless that is a whole quoted string.
            return text.contains("\"") || CacheControl(lines: [text + ", no-store"]).has("no-store")
        }
        #expect(failure == nil)
    }

    @Test func `a date that is read is within the calendar, and reads the same when it is written`() {
        var fuzzer = Fuzzer()
        let examples = ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        let failure = fuzzer.run(examples) { input in
            let text = String(decoding: input, as: UTF8.self)
            guard let time = HTTPDate.lenient(text, now: 1_780_315_200) else { return HTTPDate.strict(text) == nil }
            let written = HTTPDate.text(Int(time))
            return HTTPDate.lenient(written, now: 0) == time && HTTPDate.strict(written) == time
        }
        #expect(failure == nil)
    }

    @Test func `ranges lie in the content, and parts read the same when they are written`() {
        var fuzzer = Fuzzer()
        let examples = ["bytes=0-4, 6-", "bytes=-5", "bytes=5-99999999999999999999", "bytes 0-4/10", "bytes 4-9/*"]
        let failure = fuzzer.run(examples) { input in
            let text = String(decoding: input, as: UTF8.self)
            for size in [0, 1, 10, Int.max] {
                guard case .ranges(let ranges) = HTTPCaching.ByteRanges(text, size: size) else { continue }
                let fits = ranges.allSatisfy { !$0.isEmpty && $0.lowerBound >= 0 && $0.upperBound <= size }
                guard fits, (1...HTTPCaching.ByteRanges.most).contains(ranges.count) else { return false }
            }
            if let range = HTTPCaching.ByteRanges.closed(text), range.isEmpty { return false }
            guard let range = ContentRange(text) else { return true }
            return ContentRange(range.text) == range && range.range.upperBound <= range.size ?? .max
        }
        #expect(failure == nil)
    }

    @Test func `a reference leads to a path of the same origin without dot segments, or nowhere`() {
        var fuzzer = Fuzzer()
        let examples = ["/a/../b?c", "https://lily.test/a", "//lily.test:443/./a", "../../a/.", "?a", "a#b"]
        let origin = SameOrigin(CacheRequest(scheme: "https", authority: "lily.test", target: "/x/y?z"))
        let failure = fuzzer.run(examples) { input in
            guard let target = origin.target(of: String(decoding: input, as: UTF8.self)) else { return true }
            let segments = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
            return target.utf8.first == 0x2F && !segments.contains(".") && !segments.contains("..")
                && !target.utf8.contains { $0 <= 0x20 }
        }
        #expect(failure == nil)
    }

    @Test func `a weighted list in its one form is its own one form`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["de, en;q=0.8, *;q=0.1", "text/html;level=1;q=1.000", "a;q=;q=2"]) { input in
            let list = WeightedList([String(decoding: input, as: UTF8.self)])
            if let favourite = list.favourite, favourite.isEmpty { return false }
            return list.best(of: []) == nil
        }
        #expect(failure == nil)
    }

    @Test func `an explanation is printable, whatever it is about`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["https://a/\"b\\", "edge", "two words"]) { input in
            let text = String(decoding: input, as: UTF8.self)
            let status = CacheStatus(cache: text, forward: .stale, key: text, detail: text).text
            return status.utf8.allSatisfy { (0x20...0x7E).contains($0) } && CacheTags.tag(text)?.isEmpty != true
        }
        #expect(failure == nil)
    }

    // MARK: Decisions

    private static let conversations = [
        """
        Cache-Control: max-age=10, stale-while-revalidate=5
        ETag: "a"
        Vary: Foo
        Content-Length: 10

        Foo: 1
        Range: bytes=0-1, 4-
        If-Range: "a"
        """,
        """
        Expires: Mon, 01 Jun 2026 12:00:10 GMT
        Date: Mon, 01 Jun 2026 12:00:00 GMT
        Last-Modified: Mon, 01 Jun 2026 11:00:00 GMT
        Set-Cookie: a=b
        Connection: x, Age
        Age: 5

        If-Modified-Since: Mon, 01 Jun 2026 11:00:00 GMT
        Accept-Language: de, en;q=0.5
        Cache-Control: max-age=7, min-fresh=1
        """,
        """
        CDN-Cache-Control: max-age=60, private="x"
        Cache-Control: no-store
        Content-Range: bytes 0-9/20
        Content-Type: text/html

        Range: bytes=2-5
        Authorization: Basic a
        Cache-Control: max-stale=5, only-if-cached
        """,
    ]

    @Test("whatever is said, a stored response is used by the rules", arguments: [0, 1, 2, 3])
    func decisions(which: Int) {
        let policy = [CachePolicy.rfc, .workersCache, .cloudflare(everything: true), .cloudflare][which]
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(Self.conversations) { input in
            let messages = String(decoding: input, as: UTF8.self).split(separator: "\n\n", maxSplits: 1)
            guard let said = messages.first else { return true }
            return Conversation(said, messages.count > 1 ? messages[1] : "").isLawful(under: policy)
        }
        #expect(failure == nil)
    }
}

/// A response that is offered to a cache, and a request that comes after it.
private struct Conversation {
    private static let noon = 1_780_315_200.0
    private let said: HTTPFields
    private let asked: HTTPFields

    init(_ said: Substring, _ asked: Substring) {
        self.said = Conversation.fields(said)
        self.asked = Conversation.fields(asked)
    }

    private static func fields(_ text: Substring) -> HTTPFields {
        var fields = HTTPFields()
        for line in text.split(separator: "\n").prefix(64) {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let name = HTTPField.Name(String(parts[0])) else { continue }
            fields.append(HTTPField(name: name, value: parts[1].utf8.drop { $0 == 0x20 }))
        }
        return fields
    }

    func isLawful(under policy: CachePolicy) -> Bool {
        let request = CacheRequest(scheme: "https", authority: "lily.test", target: "/a.css?b", fields: asked)
        for status in [200, 206, 404, 599] {
            let decision = policy.storing(
                status: status, fields: said, for: request, requestTime: Self.noon, responseTime: Self.noon + 0.5)
            guard case .store(let head) = decision else { continue }
            guard let response = head.finished(received: head.size == 0 ? 10 : head.size) else { continue }
            guard isLawful(response, request, policy) else { return false }
        }
        return true
    }

    private func isLawful(_ response: CachedResponse, _ request: CacheRequest, _ policy: CachePolicy) -> Bool {
        guard !response.fields.contains(where: { TransferFields.contains($0.name.canonicalName) }) else { return false }
        let freshness = response.freshness
        guard freshness.lifetime >= 0, freshness.staleWhileRevalidate >= 0, freshness.bornAt <= Self.noon + 0.5 else {
            return false
        }
        for now in [Self.noon + 1, Self.noon + 12, Self.noon + 1e6, Self.noon - 100, Self.noon + 1e12] {
            switch policy.reuse([response], for: request, now: now) {
            case .answer(let answer):
                let isStale = answer.cacheStatus.detail == CacheStatus.Detail.maxStale
                guard freshness.isFresh(at: now) != isStale, isLawful(answer, response) else { return false }
            case .answerStale(let answer, let forward):
                guard !freshness.isFresh(at: now), now < freshness.servableUntil, forward.mayBeShared else {
                    return false
                }
                guard isLawful(answer, response) else { return false }
            case .validate(_, let forward):
                guard response.hasValidator, !forward.fields.contains(.range) else { return false }
            case .complete(_, let missing, let forward):
                guard !response.isComplete, !missing.isEmpty, forward.fields.contains(.range) else { return false }
            case .fetch, .gatewayTimeout: break
            }
            if let answer = policy.afterFailure(
                of: [response], for: request, failure: .timeout, because: .stale, now: now)
            {
                guard isLawful(answer, response) else { return false }
            }
        }
        let updating = policy.updating(
            response, with: asked, for: request, requestTime: Self.noon + 5, responseTime: Self.noon + 6)
        if case .updated(let updated) = updating {
            return updated.content == response.content && updated.freshness.bornAt <= Self.noon + 6
        }
        return true
    }

    private func isLawful(_ answer: CacheAnswer, _ response: CachedResponse) -> Bool {
        guard [response.status, 200, 206, 304, 416].contains(answer.status) else { return false }
        guard let age = answer.fields[.age].flatMap({ Double($0) }), age >= 0, age <= DeltaSeconds.longest else {
            return false
        }
        var length = 0
        switch answer.content {
        case .none: return true
        case .whole: length = response.size
        case .range(let range):
            guard range.lowerBound >= 0, range.upperBound <= response.size, !range.isEmpty else { return false }
            length = range.count
        case .parts(let parts, let closing):
            guard parts.allSatisfy({ $0.range.upperBound <= response.size && !$0.range.isEmpty }) else { return false }
            length = parts.reduce(closing.utf8.count) { $0 + $1.heading.utf8.count + $1.range.count }
        }
        return answer.fields[.contentLength] == String(length)
    }
}
