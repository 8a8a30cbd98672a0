import NIOHTTP1
import Testing

@testable import EdgeServer

@Suite struct UpstreamOriginTests {
    @Test(
        "an origin is a scheme, a host and a port",
        arguments: [
            ("http://a.example", "http", "a.example", 80, "a.example"),
            ("HTTPS://A.Example/", "https", "a.example", 443, "a.example"),
            ("http://127.0.0.1:8080", "http", "127.0.0.1", 8080, "127.0.0.1:8080"),
            ("https://[2001:db8::1]", "https", "2001:db8::1", 443, "[2001:db8::1]"),
            ("https://[::1]:80", "https", "::1", 80, "[::1]:80"),
            ("http://my_app:1", "http", "my_app", 1, "my_app:1"),
        ])
    func reads(text: String, scheme: String, host: String, port: Int, authority: String) throws {
        let origin = try UpstreamOrigin(text)
        #expect(origin.scheme.rawValue == scheme)
        #expect(origin.host == host)
        #expect(origin.port == port)
        #expect(origin.authority == authority)
        #expect(origin.socketPath == nil)
        #expect(try UpstreamOrigin(origin.description) == origin)
    }

    @Test func `a unix socket has the name of this machine`() throws {
        let origin = try UpstreamOrigin("unix:/run/app.sock")
        #expect(origin.socketPath == "/run/app.sock")
        #expect(origin.authority == "localhost")
        #expect(origin.description == "unix:/run/app.sock")
    }

    @Test(
        "what is no origin is refused with a reason",
        arguments: [
            ("", "is not a URL"), ("a.example", "is not a URL"), ("ftp://a", "is not a URL"),
            ("http://", "not a host name"), ("http:///x", "more than a host"), ("http://a/x", "more than a host"),
            ("http://a?x", "more than a host"), ("http://a#x", "more than a host"), ("http://u:p@a", "password"),
            ("http://a:0", "not a port"), ("http://a:", "not a port"), ("http://a:65536", "not a port"),
            ("http://a:+1", "not a port"), ("http://[::1", "not a host name"), ("http://[a]", "not an IPv6"),
            ("http://[1.2.3.4]", "not an IPv6"), ("http://::1", "not a host name"), ("http://ü.example", "xn--"),
            ("http://a b", "not a host name"), ("unix:", "absolute path"), ("unix:run/x", "absolute path"),
            ("unix:/\(String(repeating: "x", count: 107))", "107 bytes"),
        ])
    func refuses(text: String, reason: String) {
        do {
            _ = try UpstreamOrigin(text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.message.contains(reason))
        }
    }

    @Test func `each failure has a sentence, a code and a gateway's status`() {
        let failures: [UpstreamFailure] = [
            .connectFailed("x"), .connectTimeout, .tlsFailed("x"), .noAnswer, .responseTimeout, .bodyTimeout,
            .malformed("x"), .headTooLarge, .bodyIncomplete, .tooManyWaiting, .waitedTooLong, .badRequest("x"),
            .stopped,
        ]
        for failure in failures {
            #expect([400, 502, 503, 504].contains(failure.status))
            #expect(failure.message.hasSuffix("."))
            #expect(failure.code.allSatisfy { $0.isLowercase || $0 == "_" })
        }
    }
}
