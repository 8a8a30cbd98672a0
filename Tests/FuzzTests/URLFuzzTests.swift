import Testing

@testable import Workers

@Suite struct URLFuzzTests {
    private static let urls = [
        "https://shop.test:8443/a/../b%20c?q=ü#x", "HTTP://[::ffff:1.2.3.4]/", "http://0x7f.1/",
        "https://bücher.example/.%2E/",
    ]
    private static let tokens = [
        "http://", "https:", "//", "/", "\\", "?", "#", "@", ":80", ":443", "[", "]", "::", "1.2.3.4", "0x", "0", ".",
        "%2e",
        "..", "/./", "xn--", "ü", "\u{130}", "\u{212A}", "\u{3002}", "^", "|", "shop.test", "\t", "ffff",
    ]

    @Test func `a URL in its one form stays what it is`() {
        var fuzzer = Fuzzer(longest: 300)
        let failure = fuzzer.run(Self.urls, tokens: Self.tokens) { input in
            guard let url = AbsoluteURL(String(decoding: input, as: UTF8.self)) else { return true }
            return AbsoluteURL(url.text) == url && Self.isCanonical(url.path, url.query)
                && !url.authority.utf8.contains { "/?#@\\".utf8.contains($0) || $0 <= 0x20 || $0 >= 0x7F }
        }
        #expect(failure == nil)
    }

    @Test func `a reference leads to a URL that a request can have, and says the same when it is written out`() {
        var fuzzer = Fuzzer(longest: 300)
        let base = RequestURL(scheme: "https", authority: "shop.test", path: "/a/b", query: "c")
        let failure = fuzzer.run(["../d?e#f", "//other.test/x", "?g", ""] + Self.urls, tokens: Self.tokens) { input in
            guard let url = RequestURL(resolving: String(decoding: input, as: UTF8.self), at: base) else { return true }
            guard Self.isCanonical(url.path, url.query), let origin = url.origin else { return false }
            return RequestURL(resolving: url.text, at: base) == url && origin.authority == url.authority
        }
        #expect(failure == nil)
    }

    /// Printable ASCII, from the root, without dot segments and without the marks that end a part.
    private static func isCanonical(_ path: String, _ query: String?) -> Bool {
        let text = path + (query ?? "")
        guard path.utf8.first == UInt8(ascii: "/"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !text.utf8.contains(UInt8(ascii: "#")), !path.utf8.contains(UInt8(ascii: "?"))
        else { return false }
        return path.lowercased().replacing("%2e", with: ".").split(separator: "/").allSatisfy {
            $0 != "." && $0 != ".."
        }
    }

    @Test func `a segment is decoded from what it was encoded to`() {
        var fuzzer = Fuzzer(longest: 100)
        let failure = fuzzer.run(["a/b", "%2F", "ü"], tokens: ["%25", "%c3%bc", "/"]) { input in
            let text = String(decoding: input, as: UTF8.self)
            guard let back = text.encodedAsPathSegment.decodedFromPathSegment else { return false }
            guard let decoded = text.decodedFromPathSegment else { return back.utf8.elementsEqual(text.utf8) }
            return back.utf8.elementsEqual(text.utf8) && decoded.utf8.count <= text.utf8.count
        }
        #expect(failure == nil)
    }

    @Test func `addresses are written as they are read`() {
        var fuzzer = Fuzzer(longest: 60)
        let tokens = ["::", ":", "0", "ffff", "1.2.3.4", ".", "01", "256", "+1"]
        let failure = fuzzer.run(["::1", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::"], tokens: tokens) { input in
            guard let pieces = IPv6Text.pieces(input[...]) else { return true }
            let text = IPv6Text.text(pieces)
            return pieces.count == 8 && IPv6Text.pieces(Array(text.utf8)[...]) == pieces && Self.isAddress(input)
        }
        #expect(failure == nil)
    }

    /// The grammar again (RFC 4291 §2.2), counted instead of parsed.
    private static func isAddress(_ input: [UInt8]) -> Bool {
        let groups = input.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var count = 0
        for (index, group) in groups.enumerated() {
            if group.contains(UInt8(ascii: ".")) {
                let numbers = group.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
                guard index == groups.count - 1, numbers.count == 4,
                    numbers.allSatisfy({ (1...3).contains($0.count) && ($0.count == 1 || $0.first != 0x30) })
                else { return false }
                count += 2
            } else if !group.isEmpty {
                guard group.count <= 4, group.allSatisfy({ PercentCoding.hexValue($0) != nil }) else { return false }
                count += 1
            }
        }
        return count <= 8
    }
}
