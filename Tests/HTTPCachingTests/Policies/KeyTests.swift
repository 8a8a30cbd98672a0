import HTTPCaching
import Testing

@Suite struct KeyTests {
    private func key(
        _ authority: String, _ target: String, _ lines: String..., by policy: CachePolicy = .rfc
    ) -> String {
        policy.key(
            for: CacheRequest(scheme: "https", authority: authority, target: target, fields: fields(lines)))
    }

    @Test func `another query is another key, and the order of its parts counts`() {
        let keys = ["/a", "/a?", "/a?b=1&c=2", "/a?c=2&b=1", "/a/", "/A"].map { key("lily.test", $0) }
        #expect(Set(keys).count == keys.count)
        #expect(keys[0] == "https://lily.test/a")
    }

    @Test func `one host has one spelling`() {
        #expect(key("LILY.test:443", "/a") == key("lily.test", "/a"))
        #expect(key("lily.test:8443", "/a") != key("lily.test", "/a"))
        #expect(key("lily.test", "/a", "X-Host: b") == key("lily.test", "/a"))
    }

    @Test func `a Worker's cache does not look at the host, but at what may stand for one`() {
        #expect(key("lily.test", "/a", by: .workersCache) == key("other.test", "/a", by: .workersCache))
        for name in ["X-Forwarded-Host", "X-HTTP-Method-Override", "X-Original-URL", "Forwarded"] {
            #expect(
                key("lily.test", "/a", "\(name): b", by: .workersCache) != key("lily.test", "/a", by: .workersCache))
        }
        #expect(key("lily.test", "/a", "X-Foo: b", by: .workersCache) == key("lily.test", "/a", by: .workersCache))
    }

    @Test func `a program may choose a key of its own`() throws {
        #expect(key("lily.test", "/a", by: .subrequest(try CacheProgram(key: "mine"))) == "mine")
        let empty = CachePolicy.subrequest(try CacheProgram(key: ""))
        #expect(key("lily.test", "/a", by: empty) == "https://lily.test/a")
        #expect(CachePolicy.rfc.key(for: request(target: "/a"), target: "/b?c") == "https://lily.test/b?c")
    }

    @Test func `and how Vary is looked at`() throws {
        let variance = CachePolicy.Variance.configured(
            .passThrough,
            fields: [
                "accept-language": .normalise(choices: ["de", "en"]), "x-bypass": .bypass,
                "accept": .normalise(choices: []),
            ])
        let policy = CachePolicy.subrequest(try CacheProgram(everything: true, variance: variance))
        var story = Story(policy)
        let client = request("Accept-Language: de-AT, de;q=0.9, fr;q=0.5", "Foo: 1, 2")
        story.receive("Cache-Control: max-age=9", "Vary: Accept-Language, Foo", to: client)
        #expect(story.ask("Accept-Language: de", "Foo: 1, 2") == "hit 200")
        #expect(story.ask("Accept-Language: en;q=0.1, de;q=0.2, *", "Foo: 1, 2") == "hit 200")
        #expect(story.ask("Accept-Language: en", "Foo: 1, 2") == "fetch, vary-miss")
        #expect(story.ask("Accept-Language: de", "Foo: 1,2") == "fetch, vary-miss")
        #expect(story.receive("Cache-Control: max-age=9", "Vary: X-Bypass") == "vary")
    }

    @Test(
        "the best of what is offered",
        arguments: [
            ("de", "de"), ("en, de;q=0.5", "en"), ("de;q=0.4, en;q=0.5", "en"), ("*", "de"), ("*;q=0.5, de;q=0", "en"),
            ("fr", nil), ("en-gb", nil), ("", nil),
        ] as [(String, String?)])
    func best(list: String, expected: String?) {
        #expect(WeightedList([list]).best(of: ["DE", "en"]) == expected)
    }

    @Test func `types stand for their subtypes`() {
        let offered = ["text/html", "image/webp"]
        #expect(WeightedList(["image/*, text/html;q=0.5"]).best(of: offered) == "image/webp")
        #expect(WeightedList(["*/*"]).best(of: offered) == "text/html")
        #expect(WeightedList(["image/*, image/webp;q=0"]).best(of: offered) == nil)
    }
}
