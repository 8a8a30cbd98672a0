import FoundationEssentials
import Testing
import Workers

@Suite struct URLQueryTests {
    typealias Item = URLQuery.Item

    @Test(
        "queries are read as the URL standard says",
        arguments: [
            ("a=1&b=2", [Item("a", "1"), Item("b", "2")]), ("", []), ("&&", []), ("a", [Item("a", "")]),
            ("a=", [Item("a", "")]), ("=b", [Item("", "b")]), ("=", [Item("", "")]), ("a=b=c", [Item("a", "b=c")]),
            ("a+b=c+d", [Item("a b", "c d")]), ("a%2Bb=%20", [Item("a+b", " ")]), ("a=%zz%4", [Item("a", "%zz%4")]),
            ("a=%C3%BC", [Item("a", "ü")]), ("a=%FF", [Item("a", "\u{FFFD}")]), ("a=ü", [Item("a", "ü")]),
            ("a=1&a=2&&a=1", [Item("a", "1"), Item("a", "2"), Item("a", "1")]), ("a%26b=1", [Item("a&b", "1")]),
            ("a=%", [Item("a", "%")]), ("%61=%3D", [Item("a", "=")]),
        ])
    func reads(text: String, items: [Item]) {
        #expect(URLQuery(parsing: text).items == items)
    }

    @Test func `a name is its bytes`() {
        var query = URLQuery(parsing: "%E2%84%AA=kelvin&K=letter&e%CC%81=two")
        #expect(query["K"] == "letter" && query.all("K") == ["letter"])
        #expect(query["\u{E9}"] == nil && !query.contains("\u{E9}"))
        query.remove("K")
        #expect(query["\u{212A}"] == "kelvin")
    }

    @Test func `what is written can be read again`() {
        var random = SeededRandom(1)
        let alphabet: [Character] = [
            "a", "Z", "0", " ", "+", "&", "=", "%", "ü", "€", "*", "-", ".", "_", "~", "\n", "\"",
        ]
        for _ in 0..<200 {
            let items = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                Item(
                    String(
                        (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in
                            alphabet.randomElement(using: &random)
                        }),
                    String(
                        (0..<Int.random(in: 0...5, using: &random)).compactMap { _ in
                            alphabet.randomElement(using: &random)
                        }))
            }
            #expect(URLQuery(parsing: URLQuery(items).text).items == items)
        }
    }

    @Test func `only the standard's characters are written unescaped`() {
        #expect(URLQuery([Item("a*-._~", "b c/ü")]).text == "a*-._%7E=b+c%2F%C3%BC")
    }

    @Test func `items are found, changed and removed by name`() {
        var query = URLQuery(parsing: "t=1&u=2&t=3")
        #expect(query["t"] == "1" && query.all("t") == ["1", "3"] && query["x"] == nil)
        query.set("t", "9")
        #expect(query.text == "t=9&u=2")
        query.append("u", "4")
        query.remove("u")
        query.set("v", "5")
        #expect(query.text == "t=9&v=5" && query.contains("v") && !query.contains("u"))
    }

    @Test func `typed look-ups give values, nothing, or a problem that names the parameter`() throws {
        let query = URLQuery(parsing: "n=12&bad=1x&big=900&flag=true&id=1b4e28ba-2fa1-11d2-883f-0016d3cca427&n=13")
        #expect(try query("n", as: Int.self) == 12)
        #expect(try query.all("n", as: Int.self) == [12, 13])
        #expect(try query("none", as: Int.self) == nil)
        #expect(try query("flag", as: Bool.self) == true)
        #expect(try query("id", as: UUID.self) != nil)
        #expect(try query("big", in: 1...1000) == 900)
        let wrong = #expect(throws: Problem.self) { try query("bad", as: Int.self) }
        #expect(wrong?.code == "invalid_query_parameter")
        #expect(wrong?.message == "The query parameter “bad” must be a whole number.")
        let outside = #expect(throws: Problem.self) { try query("big", as: Int.self, in: 1...200) }
        #expect(outside?.message == "The query parameter “big” must lie between 1 and 200.")
        let missing = #expect(throws: Problem.self) { try query.required("none", as: UUID.self) }
        #expect(missing?.code == "missing_query_parameter" && missing?.hint == "It must be a UUID.")
    }
}

@Suite struct ParameterValueTests {
    enum Order: String, CaseIterable, ParameterValue { case newest, oldest }

    @Test func `numbers are refused where only Swift would take them`() {
        #expect(Int(parameter: "-5") == -5)
        #expect(Int(parameter: "+5") == nil && Int(parameter: "") == nil && Int(parameter: " 5") == nil)
        #expect(Int(parameter: "99999999999999999999") == nil && UInt(parameter: "-1") == nil)
        #expect(Double(parameter: "1.5e3") == 1500)
        #expect(Double(parameter: "nan") == nil && Double(parameter: "inf") == nil && Double(parameter: "0x1p3") == nil)
        #expect(Double(parameter: "1e999") == nil)
    }

    @Test func `enumerations say what they allow`() {
        #expect(Order(parameter: "newest") == .newest && Order(parameter: "Newest") == nil)
        #expect(Order.valueType == ValueType(.string, allowed: ["newest", "oldest"]))
        #expect(Order.valueType.sentence == "one of newest, oldest")
    }
}

@Suite struct URLTextTests {
    @Test func `path segments are escaped and unescaped once`() {
        #expect("a/b ü%".encodedAsPathSegment == "a%2Fb%20%C3%BC%25")
        #expect("a%2Fb%20%C3%BC%25".decodedFromPathSegment == "a/b ü%")
        #expect("%252F".decodedFromPathSegment == "%2F")
        #expect("%zz".decodedFromPathSegment == nil && "%F".decodedFromPathSegment == nil)
        #expect("%FF".decodedFromPathSegment == nil)
    }

    @Test func `URLs are parsed, resolved and given other queries`() throws {
        let url = try #require(RequestURL(parsing: "HTTPS://Example.com:443/a/../b c?x=1&y=%20#z"))
        #expect(url.text == "https://example.com/b%20c?x=1&y=%20")
        #expect(RequestURL(parsing: "ftp://x/") == nil && RequestURL(parsing: "/x") == nil)
        #expect(RequestURL(resolving: "../d?e", at: url)?.text == "https://example.com/d?e")
        #expect(RequestURL(resolving: "mailto:x@y", at: url) == nil)
        #expect(url.settingQuery("x", "2").query == "x=2&y=+")
        #expect(url.settingQuery("x", nil).settingQuery("y", nil).query == nil)
        #expect(url.queryItems["y"] == " ")
    }
}
