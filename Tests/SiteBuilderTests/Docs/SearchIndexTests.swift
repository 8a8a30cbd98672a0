import Foundation
import Testing

@testable import SiteBuilder

@Suite struct SearchIndexTests {
    @Test func `the index weighs titles, headings and text`() async throws {
        let site = DocsSite(
            [
                "index.md": "# Alpha\n\n## Beta beta\n\nGamma alpha `delta`.\n",
                "b.md": "---\ntitle: Beta\ndescription: D\n---\n\n```swift\nlet gamma = \"<b>\"\n```\n",
            ],
            sections: [.init(title: "S", pages: ["b"])])
        #expect(
            try await site.build()["docs/search-index.json"] == """
                {"version":1,"pages":[{"url":"/docs/b","title":"Beta","section":"S","description":"D","headings":[]},\
                {"url":"/docs/","title":"Alpha","section":"","description":"Gamma alpha delta.","headings":[["beta-beta","Beta beta"]]}],\
                "terms":["alpha","beta","delta","gamma","let"],\
                "postings":[[1,13],[0,8,1,8],[1,1],[0,1,1,1],[0,1]]}

                """)
    }

    @Test func `a page can stay out of the search`() async throws {
        let index = try await DocsSite(["index.md": "---\nsearch: false\n---\n# Secret\n"]).build()[
            "docs/search-index.json"]
        #expect(index == "{\"version\":1,\"pages\":[],\"terms\":[],\"postings\":[]}\n")
    }

    @Test(
        "words are runs of letters and digits, lower-cased, of 2 to 32 code points",
        arguments: [
            ("Foo-bar a b2 x", ["foo", "bar", "b2"]), ("naïve ÄRGER", ["naïve", "ärger"]),
            ("a&amp;b &lt;tag&gt;", ["tag"]),
            ("Größe2x", ["größe2x"]), ("日本語 €5 a€b", ["日本語"]), (String(repeating: "y", count: 33), []),
            (String(repeating: "ö", count: 32), [String(repeating: "ö", count: 32)]), ("", []), ("abcé", ["abcé"]),
            ("éabc def", ["éabc", "def"]),
            ("don\u{2019}t stop\u{2026}", ["don", "stop"]),
        ])
    func words(text: String, words: [String]) {
        #expect(Self.terms(html: text).map(\.0) == words)
    }

    @Test func `weights stop at 255`() {
        var counter = TermCounter()
        counter.add(plain: Array(repeating: "word", count: 100).joined(separator: " "), weight: 4)
        #expect(counter.take().terms.map(\.weight) == [255])
        #expect(counter.take().terms.isEmpty)
    }

    @Test func `a counter forgets a page completely, however many words it had`() {
        var counter = TermCounter()
        for count in [10, 3000, 20, 9000, 1] {
            let words = (0..<count).map { "word\($0)" }
            counter.add(plain: words.joined(separator: " "), weight: 1)
            let page = counter.take()
            #expect(page.terms.count == count)
            #expect(page.terms.allSatisfy { $0.weight == 1 })
        }
    }

    @Test func `terms are sorted as JavaScript sorts strings, also when they come one by one`() {
        let words = ["zz", "zzz", "aa", "ﬀa", "𐐨𐐨", "ab", "éa", "語語", "a1", "abcdefghi", "abcdefgh", "abcdefghj"]
        var index = SearchIndex()
        var json: [UInt8] = []
        for count in 1...words.count {
            var counter = TermCounter()
            counter.add(plain: words[..<count].joined(separator: " "), weight: 1)
            let page = SearchIndex.Page(
                url: "/", title: "", section: "", summary: "", headings: [], words: index.number(counter.take()))
            json = index.json([page])
        }
        let terms = words.sorted { Array($0.utf16).lexicographicallyPrecedes(Array($1.utf16)) }
        let text = String(decoding: json, as: UTF8.self)
        #expect(text.contains("\"terms\":[\(terms.map { "\"\($0)\"" }.joined(separator: ","))]"))
    }

    @Test func `strings are JSON whatever they hold`() throws {
        var json: [UInt8] = []
        json.append(json: "a\"\\\n\t\u{1}é")
        #expect(try JSONDecoder().decode(String.self, from: Data(json)) == "a\"\\\n\t\u{1}é")
    }

    private static func terms(html: String) -> [(String, UInt32)] {
        var counter = TermCounter()
        var html = html
        html.withUTF8 { counter.add(html: $0, weight: 1) }
        let page = counter.take()
        return page.terms.map { term in
            let start = Int(term.start)
            return (String(decoding: page.bytes[start..<start + Int(term.length)], as: UTF8.self), term.weight)
        }
    }
}
