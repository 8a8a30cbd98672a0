import NIOHTTP1
import Testing

@testable import EdgeServer

@Suite struct ForwardedFieldsTests {
    private var fields: ForwardedFields {
        var fields = ForwardedFields()
        fields.describesClient = false
        return fields
    }

    /// The lines that reach the origin, or the status of the proxy's own answer.
    private func sent(
        _ headers: HTTPHeaders, _ method: HTTPMethod = .GET, version: HTTPVersion = .http1_1,
        from client: ForwardedFields.Client? = nil, fields: ForwardedFields? = nil
    ) -> [String] {
        let fields = fields ?? self.fields
        let outcome = fields.request(method, headers, version: version, authority: "origin:8080", from: client)
        switch outcome {
        case .pass(let headers): return headers.map { "\($0.name): \($0.value)" }
        default: return ["\(outcome.status ?? 0)"]
        }
    }

    @Test func `order and spelling of what is passed on stay`() {
        let lines = sent(["Host": "a.example", "x-B": "1", "Accept": "*/*", "X-b": "2"])
        #expect(lines == ["Host: a.example", "x-B: 1", "Accept: */*", "X-b: 2", "via: 1.1 lilypad"])
    }

    @Test(
        "fields of one connection are not passed on",
        arguments: [
            "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization",
            "Proxy-Authentication-Info", "TE", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
        ])
    func hopByHop(name: String) {
        #expect(sent(["host": "a", name: "x"]) == ["host: a", "via: 1.1 lilypad"])
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: [name: "x", "date": "d"])
        #expect(fields.response(head, date: "now").map(\.name) == ["date", "via"])
    }

    @Test func `fields that Connection names are not passed on either, in any spelling and on any line`() {
        let headers: HTTPHeaders = [
            "host": "a", "A": "1", "connection": "a, close", "b": "2", "Connection": " ,B\t", "c": "3",
        ]
        #expect(sent(headers) == ["host: a", "c: 3", "via: 1.1 lilypad"])
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        #expect(fields.response(head, date: "now").map(\.name) == ["host", "c", "via", "date"])
    }

    @Test(
        "Connection cannot take away what everybody on the way relies on",
        arguments: ["Host", "Cache-Control", "X-Forwarded-For", "Forwarded", "Content-Length", "Vary"])
    func protected(name: String) {
        let lines = sent(["host": "a", "Connection": name, "Cache-Control": "private", name: "v"])
        #expect(lines.contains { $0.lowercased().hasPrefix("\(name.lowercased()): ") })
    }

    @Test(
        "trailers are asked for again by whoever can pass them on",
        arguments: [("trailers", true), ("gzip;q=0.5, Trailers", true), ("gzip", false), ("nottrailers", false)])
    func te(value: String, asks: Bool) {
        let lines = sent(["host": "a", "TE": value, "Connection": "TE"])
        #expect(lines.contains("te: trailers") == asks)
        #expect(lines.contains("connection: TE") == asks)
        #expect(!lines.contains("TE: \(value)"))
    }

    @Test(
        "Via tells which version came in, and continues the list",
        arguments: [
            ([], HTTPVersion.http1_1, ["via: 1.1 lilypad"]),
            ([], .http1_0, ["via: 1.0 lilypad"]),
            ([], .http2, ["via: 2.0 lilypad"]),
            (["1.0 fred"], .http1_1, ["via: 1.0 fred, 1.1 lilypad"]),
            (["1.0 fred", "1.1 p (a, b)"], .http1_1, ["via: 1.0 fred", "via: 1.1 p (a, b), 1.1 lilypad"]),
        ])
    func via(values: [String], version: HTTPVersion, expected: [String]) {
        var headers: HTTPHeaders = ["host": "a"]
        for value in values { headers.add(name: "via", value: value) }
        #expect(sent(headers, version: version).filter { $0.hasPrefix("via") } == expected)
    }

    @Test(
        "a request that has been here twice goes in circles",
        arguments: [
            ("1.1 lilypad", false), ("1.1 lilypad, 1.1 Lilypad", true), ("1.1 lilypad,HTTP/1.1 lilypad (x)", true),
            ("1.1 a (1.1 lilypad, 1.1 lilypad), 1.1 lilypad", false), ("lilypad lilypad", false),
            ("1.1 lilypad2, 1.1 lilypad", false), ("1.1 lilypad (\\), 1.1 x), 1.1 lilypad", true),
        ])
    func loops(via: String, isLoop: Bool) {
        #expect((sent(["host": "a", "via": via]) == ["508"]) == isLoop)
    }

    @Test func `laps on several lines count together`() {
        #expect(sent(["host": "a", "via": "1.1 lilypad", "Via": "2.0 lilypad"]) == ["508"])
    }

    @Test(
        "Max-Forwards is counted down for the two methods that ask about the way",
        arguments: [
            (HTTPMethod.OPTIONS, "3", "max-forwards: 2"), (.TRACE, "1", "max-forwards: 0"), (.TRACE, "0", "200"),
            (.OPTIONS, "0", "200"), (.OPTIONS, "x", "400"), (.OPTIONS, "-1", "400"), (.OPTIONS, "", "400"),
            (.OPTIONS, "99999999999999999999", "max-forwards: \(Int.max - 1)"), (.GET, "0", "max-forwards: 0"),
        ])
    func maxForwards(method: HTTPMethod, value: String, expected: String) {
        #expect(sent(["host": "a", "max-forwards": value], method).contains(expected))
    }

    @Test func `the origin sees the client's Host, another one, or its own if there was none`() {
        var fixed = fields
        fixed.host = .fixed("inner.example")
        #expect(sent(["X": "1", "Host": "a.example"]).first == "X: 1")
        #expect(sent(["X": "1", "Host": "a.example"]).contains("Host: a.example"))
        #expect(sent(["Host": "a.example"], fields: fixed).first == "Host: inner.example")
        #expect(sent(["X": "1"], version: .http1_0).first == "host: origin:8080")
        #expect(sent(["X": "1"], fields: fixed).first == "host: inner.example")
    }

    @Test func `a client of HTTP 1.0 cannot expect an interim response`() {
        #expect(!sent(["host": "a", "expect": "100-continue"], version: .http1_0).contains("expect: 100-continue"))
        #expect(sent(["host": "a", "expect": "100-continue"]).contains("expect: 100-continue"))
    }

    @Test(
        "the origin learns who the client is",
        arguments: [
            ("192.0.2.7", "a.example", "for=192.0.2.7;host=a.example;proto=https"),
            ("2001:db8::7", "a.example:8443", "for=\"[2001:db8::7]\";host=\"a.example:8443\";proto=https"),
            (nil, "[::1]", "for=unknown;host=\"[::1]\";proto=https"), (nil, "", "for=unknown;proto=https"),
            ("192.0.2.7", "\"\u{301}", "for=192.0.2.7;host=\"\\\"\u{301}\";proto=https"),
        ])
    func describes(address: String?, host: String, expected: String) {
        let client = ForwardedFields.Client(address: address, scheme: "https", host: host)
        let lines = sent(["host": host], from: client, fields: ForwardedFields())
        #expect(lines.contains("forwarded: \(expected)"))
        #expect(lines.contains("x-forwarded-proto: https"))
        #expect(lines.contains("x-forwarded-for: \(address ?? "")") == (address != nil))
    }

    private static let chain: HTTPHeaders = [
        "host": "a", "Forwarded": "for=198.51.100.1", "X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "ftp",
        "X-Forwarded-Host": "evil", "x-forwarded-port": "1",
    ]

    @Test func `what a stranger says about itself is replaced`() {
        let client = ForwardedFields.Client(address: "192.0.2.7", scheme: "http", host: "a")
        let lines = sent(ForwardedFieldsTests.chain, from: client, fields: ForwardedFields())
        #expect(
            lines == [
                "host: a", "via: 1.1 lilypad", "forwarded: for=192.0.2.7;host=a;proto=http",
                "x-forwarded-for: 192.0.2.7", "x-forwarded-proto: http", "x-forwarded-host: a",
            ])
    }

    @Test func `what a trusted proxy says is continued`() {
        let client = ForwardedFields.Client(address: "192.0.2.7", scheme: "http", host: "a", isTrusted: true)
        let lines = sent(ForwardedFieldsTests.chain, from: client, fields: ForwardedFields())
        #expect(
            lines == [
                "host: a", "Forwarded: for=198.51.100.1, for=192.0.2.7;host=a;proto=http",
                "X-Forwarded-For: 198.51.100.1, 192.0.2.7", "X-Forwarded-Proto: ftp", "X-Forwarded-Host: evil",
                "x-forwarded-port: 1", "via: 1.1 lilypad",
            ])
    }

    @Test func `a chain in the older field alone is told in the newer one, too`() {
        let client = ForwardedFields.Client(address: "192.0.2.7", scheme: "http", host: nil, isTrusted: true)
        let headers: HTTPHeaders = ["host": "a", "x-forwarded-for": "2001:db8::1, weird\"; x"]
        let lines = sent(headers, from: client, fields: ForwardedFields())
        #expect(lines.contains("forwarded: for=\"[2001:db8::1]\", for=unknown, for=192.0.2.7;proto=http"))
    }

    @Test func `a response keeps its Date, and gets one if it has none`() {
        let dated = HTTPResponseHead(version: .http1_0, status: .ok, headers: ["Date": "then", "Content-Length": "3"])
        #expect(fields.response(dated, date: "now").map(\.value) == ["then", "3", "1.0 lilypad"])
        let undated = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["via": "1.1 inner"])
        #expect(fields.response(undated, date: "now").map(\.value) == ["1.1 inner, 1.1 lilypad", "now"])
        let interim = HTTPResponseHead(version: .http1_1, status: .processing, headers: ["link": "x"])
        #expect(fields.response(interim, date: "now").map(\.name) == ["link", "via"])
    }

    @Test func `trailers that change what has been sent already are left out`() {
        let trailers: HTTPHeaders = ["X-Sum": "1", "Content-Length": "5", "Transfer-Encoding": "chunked", "Via": "x"]
        #expect(fields.trailers(trailers)?.map(\.name) == ["X-Sum"])
        #expect(fields.trailers(["Host": "x"]) == nil)
    }
}
