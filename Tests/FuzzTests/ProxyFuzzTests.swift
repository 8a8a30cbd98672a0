import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

/// What a proxy reads of clients and of origins.
@Suite struct ProxyFuzzTests {
    @Test func `an origin is described by the text that names it`() {
        var fuzzer = Fuzzer(longest: 150)
        let examples = ["http://app.internal:8080", "https://[2001:db8::1]/", "unix:/run/app.sock"]
        let tokens = ["http://", "https://", "unix:/", ":", "80", "443", "[", "]", "::1", "@", "/", "?", "a"]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            guard let origin = try? UpstreamOrigin(String(decoding: input, as: UTF8.self)) else { return true }
            guard let again = try? UpstreamOrigin(origin.description) else { return false }
            return again == origin && (1...65_535).contains(origin.port)
                && origin.authority.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
        #expect(failure == nil)
    }

    /// Fields from lines, as a message has them; what the server itself would refuse is left out.
    private static func fields(_ input: [UInt8]) -> [(String, String)] {
        String(decoding: input, as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, HTTPField.Name(String(parts[0])) != nil else { return nil }
            return (String(parts[0]), String(parts[1].trimmedOfBlanks))
        }
    }

    @Test func `an origin's answer has one length or is refused`() {
        var fuzzer = Fuzzer(longest: 300)
        let tokens = [
            "Content-Length: ", "Transfer-Encoding: chunked\n", "5", ",", " ", "\n", "Connection: close\n", "+", "-",
        ]
        let examples = [
            "Content-Length: 5, 5\nConnection: keep-alive", "transfer-encoding: chunked", "Content-Length: 5",
        ]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            let fields = Self.fields(input)
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: HTTPHeaders(fields))
            guard let framing = try? ResponseFraming(of: head, to: .GET) else { return true }
            let lengths = fields.filter { $0.0.lowercased() == "content-length" }
            switch framing.body {
            case .none: return false
            case .chunked: return lengths.isEmpty
            case .untilClose: return lengths.isEmpty && !framing.keepsAlive
            case .length(let length):
                return length >= 0 && !lengths.isEmpty
                    && lengths.allSatisfy { line in
                        line.1.split(separator: ",").allSatisfy { Int($0.trimmedOfBlanks) == length }
                    }
            }
        }
        #expect(failure == nil)
    }

    @Test func `no field for one connection is passed on, and a stranger's word about itself neither`() {
        var fuzzer = Fuzzer(longest: 400)
        let tokens = [
            "\n", "Connection: ", "close", "x-a", ",", "X-A: 1\n", "TE: trailers\n", "Via: 1.1 lilypad\n",
            "Forwarded: for=1.2.3.4\n",
            "X-Forwarded-For: 1.2.3.4\n", "Host: ", "\"", "\\", ";", "(", "Upgrade: h2c\n", "Max-Forwards: 1\n",
        ]
        let examples = [
            "Host: a.test\nConnection: close, x-a\nX-A: 1", "Via: 1.1 a (b, (c)), 1.0 d\nForwarded: for=_x",
        ]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            let fields = Self.fields(input)
            let host = fields.first { $0.0.lowercased() == "host" }?.1
            let client = ForwardedFields.Client(address: "192.0.2.1", scheme: "http", host: host)
            let outcome = ForwardedFields().request(
                .GET, HTTPHeaders(fields), version: .http1_1, authority: "o.test", from: client)
            guard case .pass(let sent) = outcome else { return true }
            guard sent["forwarded"].count == 1, sent["x-forwarded-for"] == ["192.0.2.1"], sent["host"].count == 1 else {
                return false
            }
            let connection = sent["connection"]
            return Self.isOneElement(sent["forwarded"][0]) && (connection.isEmpty || connection == ["TE"])
                && sent["upgrade"].isEmpty && sent["transfer-encoding"].isEmpty && sent["keep-alive"].isEmpty
        }
        #expect(failure == nil)
    }

    /// No comma and no open quote, by bytes, as the next reader sees it.
    private static func isOneElement(_ text: String) -> Bool {
        var isQuoted = false
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == 0x5C {
                isEscaped = true
            } else if byte == 0x22 {
                isQuoted.toggle()
            } else if !isQuoted, byte == 0x2C {
                return false
            }
        }
        return !isQuoted
    }

    @Test func `tags are tags, each once`() {
        var fuzzer = Fuzzer(longest: 400)
        let failure = fuzzer.run(["a, B,,b", "a b"], tokens: [",", " ", "a", "A", "\u{301}"]) { input in
            let tags = CacheTags.tags(of: [.cacheTag: String(decoding: input, as: UTF8.self)])
            return Set(tags).count == tags.count && tags.allSatisfy { CacheTags.tag($0) == $0 }
                && CacheTags.tags(of: [.cacheTag: tags.joined(separator: ",")]) == tags
        }
        #expect(failure == nil)
    }
}
