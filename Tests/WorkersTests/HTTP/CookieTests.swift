import HTTPTypes
import Testing
import Workers

@Suite struct CookieTests {
    typealias Item = Cookies.Item

    @Test(
        "cookies are read as they were set",
        arguments: [
            ("a=1; b=2", [Item("a", "1"), Item("b", "2")]), ("a=1;b=2", [Item("a", "1"), Item("b", "2")]), ("", []),
            ("a=\"q\"", [Item("a", "\"q\"")]), ("a=b=c", [Item("a", "b=c")]), ("a", []), ("=x", []), (";;; ", []),
            (" a =\t1 ", [Item("a", "1")]), ("a=", [Item("a", "")]), ("a=%20", [Item("a", "%20")]),
            ("a=1; A=2; a=3", [Item("a", "1"), Item("A", "2"), Item("a", "3")]),
        ])
    func reads(text: String, items: [Item]) {
        #expect(Cookies(parsing: text).items == items)
    }

    @Test func `the first of several counts, and split fields are read together`() {
        var request = Request(.get, RequestURL(authority: "a", path: "/"))
        #expect(request.cookies.items.isEmpty)
        request.headers.append(HTTPField(name: .cookie, value: "a=1; b=2"))
        request.headers.append(HTTPField(name: .cookie, value: "a=3"))
        #expect(request.cookies["a"] == "1" && request.cookies.all("a") == ["1", "3"] && request.cookies["b"] == "2")
    }

    @Test func `a name is its bytes: no cookie passes for another that only looks the same`() {
        let cookies = Cookies(parsing: "__Host-\u{212A}=planted; __Host-K=set; e\u{301}=1")
        #expect(cookies["__Host-K"] == "set")
        #expect(cookies.all("__Host-K") == ["set"])
        #expect(cookies["\u{E9}"] == nil)
    }

    @Test func `no text makes the reader fail`() {
        var random = SeededRandom(7)
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                Array("=;; \t\"aZ,%\u{0}é".utf8).randomElement(using: &random) ?? 0
            }
            let cookies = Cookies(parsing: String(decoding: bytes, as: UTF8.self))
            #expect(cookies.items.allSatisfy { !$0.name.isEmpty && !$0.name.contains(";") && !$0.value.contains(";") })
        }
    }
}

@Suite struct SetCookieTests {
    @Test func `what is not said is the careful choice`() throws {
        #expect(try SetCookie("a", "b").text == "a=b; Path=/; Secure; HttpOnly; SameSite=Lax")
    }

    @Test func `all attributes are written`() throws {
        let cookie = try SetCookie(
            "a", "b", domain: "example.com", path: "/x", maxAge: 60, expires: 784_111_777,
            sameSite: SetCookie.SameSite.none,
            isPartitioned: true)
        #expect(
            cookie.text == "a=b; Domain=example.com; Path=/x; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Max-Age=60; "
                + "Secure; HttpOnly; SameSite=None; Partitioned")
        #expect(try SetCookie("a", "b", path: nil, isSecure: false, isHTTPOnly: false, sameSite: nil).text == "a=b")
        #expect(
            try SetCookie.removal(of: "a").text.contains("a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0")
        )
    }

    @Test(
        "values that a cookie cannot carry are refused",
        arguments: [
            "a b", "a\"", "a,b", "a;b", "a\\b", "a\r\nSet-Cookie: x=y", "ü", "\u{0}", "\u{7F}",
        ])
    func refusesValue(value: String) {
        let error = #expect(throws: InvalidCookie.self) { try SetCookie("a", value) }
        #expect(error?.description.contains(value) == false)
    }

    @Test("names that are not tokens are refused", arguments: ["", "a b", "a=b", "a;b", "ü", "a\n", "a,b"])
    func refusesName(name: String) {
        #expect(throws: InvalidCookie.self) { try SetCookie(name, "x") }
    }

    @Test func `attributes that clients would refuse are refused`() {
        #expect(throws: InvalidCookie.self) { try SetCookie("a", "b", domain: ".example.com") }
        #expect(throws: InvalidCookie.self) { try SetCookie("a", "b", domain: "a;b") }
        #expect(throws: InvalidCookie.self) { try SetCookie("a", "b", domain: "") }
        #expect(throws: InvalidCookie.self) { try SetCookie("a", "b", path: "x") }
        #expect(throws: InvalidCookie.self) { try SetCookie("a", "b", path: "/;Domain=evil") }
        #expect(throws: InvalidCookie.self) { try SetCookie("a", String(repeating: "x", count: 4096)) }
        #expect(throws: InvalidCookie.self) {
            try SetCookie("a", "b", isSecure: false, sameSite: SetCookie.SameSite.none)
        }
        #expect(throws: InvalidCookie.self) { try SetCookie("a", "b", isSecure: false, isPartitioned: true) }
    }

    @Test("prefixes keep their promise, in any case of letters", arguments: ["__Host-a", "__HOST-a", "__host-a"])
    func hostPrefix(name: String) throws {
        #expect(try SetCookie(name, "b").name == name)
        #expect(throws: InvalidCookie.self) { try SetCookie(name, "b", domain: "example.com") }
        #expect(throws: InvalidCookie.self) { try SetCookie(name, "b", path: "/x") }
        #expect(throws: InvalidCookie.self) { try SetCookie(name, "b", path: nil) }
        #expect(throws: InvalidCookie.self) { try SetCookie(name, "b", isSecure: false) }
    }

    @Test func `the other prefixes keep theirs`() throws {
        #expect(throws: InvalidCookie.self) { try SetCookie("__Secure-a", "b", isSecure: false) }
        #expect(try SetCookie("__Secure-a", "b", domain: "example.com", path: "/x").domain == "example.com")
        #expect(throws: InvalidCookie.self) { try SetCookie("__Http-a", "b", isHTTPOnly: false) }
        #expect(throws: InvalidCookie.self) { try SetCookie("__Host-Http-a", "b", isHTTPOnly: false) }
        #expect(throws: InvalidCookie.self) { try SetCookie("__Host-Http-a", "b", path: "/x") }
    }

    @Test func `several cookies stay apart`() throws {
        var response = Response.text("x")
        response.setCookie(try SetCookie("a", "1", expires: 0))
        response.setCookie(try SetCookie("b", "2"))
        #expect(response.headers[values: .setCookie].count == 2)
    }
}
