import Testing

@testable import EdgeServer

@Suite struct ForwardedTests {
    @Test(
        "well-formed fields are read as RFC 7239 says",
        arguments: [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "by=203.0.113.43;for=192.0.2.60;proto=http"),
            ("for=192.0.2.43, for=198.51.100.17", "for=192.0.2.43, for=198.51.100.17"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "for=\"[2001:db8:cafe::17]\""), ("for=unknown", "for=unknown"),
            ("for=\"192.0.2.43:47011\"", "for=192.0.2.43"),
            ("for=_hidden, for=_SEVKISEK", "for=_hidden, for=_SEVKISEK"),
            ("for=\"_gazonk:_p\"", "for=_gazonk"), ("for=\"192.0.2.1:_port\"", "for=192.0.2.1"),
            ("proto=HTTPS;host=\"a.example:8443\"", "host=\"a.example:8443\";proto=https"),
            ("secret=egah2CGj55fSJFs4, for=10.1.2.3", ", for=10.1.2.3"), (", ,for=192.0.2.1,", "for=192.0.2.1"),
            (";for=192.0.2.1;", "for=192.0.2.1"), ("for=\"\\192.0.2.1\"", "for=192.0.2.1"), ("", ""),
            ("host=\"a \\\"b\\\\\"", "host=\"a \\\"b\\\\\""),
        ])
    func reads(line: String, canonical: String) throws {
        let forwarded = try #require(Forwarded(lines: [line]))
        #expect(forwarded.elements.map(\.description).joined(separator: ", ") == canonical)
    }

    @Test(
        "a field with an error in it says nothing",
        arguments: [
            "for=\"192.0.2.1", "for=\"a\", for=\"b", "for", "for=", "=a", "for =a", "for= a", "for=a;for=b", "for=a b",
            "for=a; proto=http", "for=[::1]", "for=192.0.2.1:80", "for=\"\\", "for=\"a\u{1}\"", "for=a,for=b;\"",
            "for=192.0.2.1\u{7F}", "for=ä", "for=a;;proto", "host=a/b",
        ])
    func refuses(line: String) {
        #expect(Forwarded(lines: [line]) == nil)
        // One broken line takes the others with it.
        #expect(Forwarded(lines: ["for=192.0.2.1", line]) == nil)
    }

    @Test(
        "a node that is no address is an unknown one",
        arguments: [
            "for=a", "for=localhost", "for=1.2.3", "for=\"[::1]x\"", "for=\"[::1\"", "for=\"::1\"", "for=\"1.2.3.4:\"",
            "for=\"1.2.3.4:123456\"", "for=_", "for=\"_a/b\"", "for=\"[1.2.3.4]\"", "for=\"\"", "for=\"[fe80::1%1]\"",
        ])
    func unknown(line: String) throws {
        try #expect(#require(Forwarded(lines: [line])).elements.first?.client == .unknown)
    }

    @Test func `a quote stays escaped whatever follows it`() throws {
        let host = "a\"\u{301};proto=https"
        let line = Forwarded.Element(host: host).description
        #expect(Array(line.utf8) == Array("host=\"a\\\"\u{301};proto=https\"".utf8))
        #expect(try #require(Forwarded(lines: [line])).elements == [Forwarded.Element(host: host)])
    }
}
