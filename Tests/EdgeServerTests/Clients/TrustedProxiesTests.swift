import Testing

@testable import EdgeServer

@Suite struct TrustedProxiesTests {
    @Test(
        "an address has one meaning, however it is written",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0:0::1", "2001:db8::1"),
            ("::1", "::1"), ("::", "::"), ("0.0.0.0", "0.0.0.0"),
        ])
    func reads(text: String, canonical: String) throws {
        try #expect(#require(IPAddress(text)).description == canonical)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\0", "0x1.2.3.4",
            "[::1]", "fe80::1%eth0", ":::", "1::2::3", "12345::", "localhost", "1.2.3.4:80", "１.2.3.4",
        ])
    func refuses(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "a port behind an address is dropped",
        arguments: [
            ("192.0.2.1:80", "192.0.2.1"), ("[2001:db8::1]:80", "2001:db8::1"), ("[::1]", "::1"), ("::1", "::1"),
            ("192.0.2.1:", nil), ("192.0.2.1:x", nil), ("192.0.2.1:123456", nil), ("[192.0.2.1]:80", nil),
            ("[::1", nil), ("[::1]x", nil), ("unknown", nil), ("", nil),
        ] as [(String, String?)])
    func ports(text: String, address: String?) {
        #expect(IPAddress(withPort: text)?.description == address)
    }

    @Test(
        "a range contains the addresses with its leading bits",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true),
            ("::/0", "192.0.2.1", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.0/31", "192.0.2.1", true), ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
            ("2001:db8::1", "2001:db8::1", true), ("2001:db8::/127", "2001:db8::2", false),
            ("::ffff:10.0.0.0/104", "10.2.3.4", true), ("unix", "127.0.0.1", false),
        ])
    func contains(list: String, address: String, isInside: Bool) throws {
        let proxies = try TrustedProxies(list)
        try #expect(proxies.contains(#require(IPAddress(address))) == isInside)
    }

    @Test(
        "a list that cannot be meant is refused with a sentence that says what to write",
        arguments: [
            ("", "empty entry"), ("10.0.0.0/8,", "empty entry"), ("10.0.0.0/8,,::1", "empty entry"),
            ("10.0.0", "“10.0.0” is no trusted proxy"), ("proxy.example", "is no trusted proxy"),
            ("10.0.0.0/33", "from 0 to 32"), ("::/129", "from 0 to 128"), ("10.0.0.0/", "is no range"),
            ("10.0.0.0/-1", "is no range"), ("10.0.0.0/+8", "is no range"), ("10.0.0.0/08", "is no range"),
            ("10.0.0.1/8", "write 10.0.0.0/8"), ("fd00::1/8", "write fd00::/8"), ("10.0.0.0/8/8", "is no range"),
            ("::ffff:10.0.0.0/24", "from 0 to 128"), ("UNIX", "is no trusted proxy"),
        ])
    func refuses(list: String, sentence: String) throws {
        let problem = try #require(throws: TrustedProxyProblem.self) { try TrustedProxies(list) }
        #expect(problem.description.contains(sentence))
    }

    @Test func `unix sockets are believed only when they are listed`() throws {
        try #expect(TrustedProxies("10.0.0.0/8 , unix").trusts(peer: nil))
        try #expect(!TrustedProxies("10.0.0.0/8").trusts(peer: nil))
        #expect(TrustedProxies().isEmpty)
    }
}
