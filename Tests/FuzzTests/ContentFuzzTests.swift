import HTTPTypes
import Testing

@testable import Workers

/// Media types, `Accept`, cookies, and the pieces they are made of.
@Suite struct ContentFuzzTests {
    private static let tokens = [
        "text/html", "*/*", "application/json", ";", ",", "; q=0.5", ";q=1.000", "; charset=utf-8", "=", "\"", "\\\"",
        "\\",
        "\"a,b\"", " ", "\t",
    ]

    @Test func `a media type is written as it was read`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["text/html; charset=utf-8", "a/b;c=\"\\\"d\";;e=f"], tokens: Self.tokens) { input in
            guard let type = MediaType(String(decoding: input, as: UTF8.self)) else { return true }
            let text = type.description
            return MediaType(text) == type && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        }
        #expect(failure == nil)
    }

    @Test func `the best of an Accept is a candidate with a weight, and none has a larger one`() {
        var fuzzer = Fuzzer()
        let candidates = ["text/html", "application/json", "image/png; a=b"]
        let failure = fuzzer.run(["text/html;q=0.3, */*;q=0", "text/*, a/b;c=\"d,e\""], tokens: Self.tokens) { input in
            let accept = Accept(String(decoding: input, as: UTF8.self))
            let weights = candidates.map { accept.weight(of: MediaType($0) ?? MediaType("a/b")!) }
            guard weights.allSatisfy((0...1000).contains), let most = weights.max() else { return false }
            guard let best = accept.best(of: candidates) else { return most == 0 }
            return candidates.firstIndex(of: best) == weights.firstIndex(of: most)
        }
        #expect(failure == nil)
    }

    @Test func `weights are thousandths from 0 to 1000`() {
        var fuzzer = Fuzzer(longest: 12)
        let failure = fuzzer.run(["0", "1", "0.123", "1.000"], tokens: ["0.", "1.", "999"]) { input in
            guard let weight = Accept.weight(String(decoding: input, as: UTF8.self)) else { return true }
            return (0...1000).contains(weight)
        }
        #expect(failure == nil)
    }

    @Test func `cookies that are read are read again from what was read`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(
            ["a=1; b=\"2\"; a=", "=x; y; \t z = = ;"], tokens: ["; ", "=", "a", "__Host-a", "\t"]
        ) {
            input in
            let cookies = Cookies(parsing: String(decoding: input, as: UTF8.self))
            let text = cookies.items.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
            return Cookies(parsing: text) == cookies && cookies.items.allSatisfy { !$0.name.isEmpty }
        }
        #expect(failure == nil)
    }

    @Test func `a cookie that can be set is one field without a second attribute in its values`() {
        var fuzzer = Fuzzer(longest: 400)
        let failure = fuzzer.run(
            ["a\nb\n\n/", "__Host-a\nb\nshop.test\n/x"], tokens: ["\n", "__Secure-", "; Path=/", ","]
        ) {
            input in
            let parts = String(decoding: input, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            guard parts.count == 4 else { return true }
            let domain = parts[2].isEmpty ? nil : String(parts[2])
            guard
                let cookie = try? SetCookie(String(parts[0]), String(parts[1]), domain: domain, path: String(parts[3]))
            else { return true }
            let attributes = cookie.text.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            let sent = Cookies(parsing: String(cookie.text.prefix { $0 != ";" }))
            return cookie.text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
                && attributes.count == (domain == nil ? 5 : 6)
                && sent[cookie.name] == cookie.value
        }
        #expect(failure == nil)
    }

    @Test func `hexadecimal is read back, and nothing else is`() {
        var fuzzer = Fuzzer(longest: 100)
        let failure = fuzzer.run(["00ff", "DeadBeef"], tokens: ["0", "f", "G"]) { input in
            guard Hexadecimal.bytes(Hexadecimal.text(input)) == input else { return false }
            let text = String(decoding: input, as: UTF8.self)
            return Hexadecimal.bytes(text).map { Hexadecimal.text($0) == text.lowercased() } ?? true
        }
        #expect(failure == nil)
    }
}
