import HTTPCaching
import Testing

/// RFC 9111 §4.1.
@Suite struct VaryTests {
    private func story(_ vary: [String], _ lines: String..., policy: CachePolicy = .rfc, also: [String] = []) -> Story {
        var story = Story(policy)
        story.receive(vary.map { "Vary: \($0)" } + ["Cache-Control: max-age=100"] + also, to: request(lines))
        return story
    }

    @Test func `every field that is named must be equal`() {
        let one = story(["Foo"], "Foo: 1", "Bar: 9")
        #expect(one.ask("Foo: 1") == "hit 200")
        #expect(one.ask("Bar: 2", "Foo: 1") == "hit 200")
        #expect(one.ask("Foo: 2") == "fetch, vary-miss")
        #expect(one.ask() == "fetch, vary-miss")
        let three = story(["Foo, Bar", "baz"], "Foo: 1", "Bar: abc", "Baz: 789")
        #expect(three.ask("Baz: 789", "foo: 1", "Bar: abc") == "hit 200")
        #expect(three.ask("Foo: 1", "Bar: abc", "Baz: 788") == "fetch, vary-miss")
        #expect(three.ask("Foo: 1", "Baz: 789") == "fetch, vary-miss")
    }

    @Test func `absent on both sides is equal, absent on one is not`() {
        #expect(story(["Foo"]).ask() == "hit 200")
        #expect(story(["Foo"]).ask("Foo: 1") == "fetch, vary-miss")
        #expect(story(["Foo"]).ask("Foo: ") == "fetch, vary-miss")
    }

    @Test(
        "a star anywhere is never matched",
        arguments: [
            ["*"], ["*, *"], ["*", "*"], [", *"], ["", "*"], ["*, Foo"], ["Foo, *"], ["foo bar"], ["a, (b)"],
        ])
    func star(vary: [String]) {
        var story = Story()
        #expect(story.receive(vary.map { "Vary: \($0)" } + ["Cache-Control: max-age=100"]) == "vary")
    }

    @Test("an empty name is none", arguments: ["", ",", "Foo,", ",, Foo ,"])
    func empty(vary: String) {
        let story = story([vary], "Foo: 1")
        #expect(story.ask("Foo: 1") == "hit 200")
        #expect(story.ask("Foo: 2") == (vary.contains("Foo") ? "fetch, vary-miss" : "hit 200"))
    }

    @Test func `variants live side by side, and each replaces its own`() {
        var story = Story()
        for (value, second) in [("1", 0.0), ("2", 1), ("1", 5)] {
            story.receive(
                "Vary: Foo", "Cache-Control: max-age=100", "X: \(value)@\(second)", to: request("Foo: \(value)"),
                at: second)
        }
        #expect(story.stored.count == 2)
        #expect(story.answer("Foo: 1", at: 9)?.fields[.init("X")!] == "1@5.0")
        #expect(story.answer("Foo: 2", at: 9)?.fields[.init("X")!] == "2@1.0")
        #expect(story.ask("Foo: 3", at: 9) == "fetch, vary-miss")
        // The origin varies by something else now: nothing that was chosen by the old rule stays.
        story.receive("Vary: Bar", "Cache-Control: max-age=100", to: request("Bar: 1"), at: 10)
        #expect(story.stored.count == 1)
    }

    @Test func `lines and blanks make no difference`() {
        let one = story(["Foo"], "Foo: 1, 2", "Foo: 3")
        #expect(one.ask("Foo: 1,2 ,3") == "hit 200")
        #expect(one.ask("Foo: 1", "Foo: 2", "Foo: 3") == "hit 200")
        #expect(one.ask("Foo: 1, 3, 2") == "fetch, vary-miss")
        #expect(one.ask("Foo: 12, 3") == "fetch, vary-miss")
        let quoted = story(["Foo"], "Foo: \"a, b\"")
        #expect(quoted.ask("Foo: \"a, b\"") == "hit 200")
        #expect(quoted.ask("Foo: \"a,b\"") == "fetch, vary-miss")
    }

    @Test(
        "languages are compared without order, letter case and blanks",
        arguments: [
            "en, de", "de, en", "DE,EN", "en ,  de", "en;q=1.0, de;q=1",
        ])
    func languages(value: String) {
        #expect(story(["Accept-Language"], "Accept-Language: en, de").ask("Accept-Language: \(value)") == "hit 200")
    }

    @Test func `weights make a difference`() {
        let one = story(["Accept-Language"], "Accept-Language: en, de;q=0.5")
        #expect(one.ask("Accept-Language: de; q=0.50, en") == "hit 200")
        #expect(one.ask("Accept-Language: de, en;q=0.5") == "fetch, vary-miss")
        #expect(one.ask("Accept-Language: en, de") == "fetch, vary-miss")
        let coded = story(["Accept-Encoding"], "Accept-Encoding: gzip, br")
        #expect(coded.ask("Accept-Encoding: br,gzip") == "hit 200")
        #expect(coded.ask("Accept-Encoding: gzip") == "fetch, vary-miss")
    }

    @Test func `what is in the client's favourite language answers`() {
        let german = story(["Accept-Language, Foo"], "Accept-Language: de", also: ["Content-Language: de"])
        #expect(german.ask("Accept-Language: fr;q=0.5, de;q=1.0") == "hit 200")
        #expect(german.ask("Accept-Language: DE, *;q=0.1") == "hit 200")
        for other in ["fr, de;q=0.5", "fr, de", "de;q=0", "de-AT, de;q=0.9", "*", "de;q=x", ""] {
            #expect(german.ask("Accept-Language: \(other)") == "fetch, vary-miss", "\(other)")
        }
        // All else must be equal.
        #expect(german.ask("Accept-Language: fr;q=0.5, de", "Foo: 1") == "fetch, vary-miss")
        let two = story(["Accept-Language"], "Accept-Language: de", also: ["Content-Language: de, en"])
        #expect(two.ask("Accept-Language: fr;q=0.5, de") == "fetch, vary-miss")
        let silent = story(["Accept-Language"], "Accept-Language: de")
        #expect(silent.ask("Accept-Language: fr;q=0.5, de") == "fetch, vary-miss")
    }

    @Test func `the equal one comes before the one that does not vary, and the latest before all`() {
        var story = Story()
        story.receive("Vary: Foo", "Cache-Control: max-age=100", "X: varies", to: request("Foo: 1"))
        let varies = story.stored[0]
        story = Story()
        story.receive("Cache-Control: max-age=100", "X: any", at: 5)
        story.stored.append(varies)
        #expect(story.answer("Foo: 1", at: 9)?.fields[.init("X")!] == "varies")
        #expect(story.answer("Foo: 2", at: 9)?.fields[.init("X")!] == "any")
    }

    @Test func `Workers compare byte by byte, zones by the coding alone`() {
        let worker = story(["Foo"], "Foo: 1, 2", policy: .workersCache)
        #expect(worker.ask("Foo: 1, 2") == "hit 200")
        #expect(worker.ask("Foo: 1,2") == "fetch, vary-miss")
        let zone = story(["Foo, Accept-Encoding"], "Accept-Encoding: gzip", policy: .cloudflare(everything: true))
        #expect(zone.ask("Foo: 9", "Accept-Encoding: gzip") == "hit 200")
        #expect(zone.ask("Accept-Encoding: br") == "fetch, vary-miss")
    }

    @Test func `a Vary without end is not stored`() {
        var story = Story()
        let names = (0..<33).map { "f\($0)" }.joined(separator: ", ")
        #expect(story.receive("Cache-Control: max-age=100", "Vary: \(names)") == "vary")
    }
}
