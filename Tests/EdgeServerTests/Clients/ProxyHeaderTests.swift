import Testing

@testable import EdgeServer

/// Builds headers of version 2.
enum BinaryHeader {
    static let signature: [UInt8] = Array("\r\n\r\n\0\r\nQUIT\n".utf8)

    static func bytes(_ command: UInt8, _ family: UInt8, _ content: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? content.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 255)] + content
    }

    static let four: [UInt8] = [192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x34, 0x00, 0x50]
    static let six: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [1] + [UInt8](repeating: 0, count: 16)
        + [0x12, 0x34, 0x00, 0x50]

    static func field(_ type: UInt8, _ value: [UInt8]) -> [UInt8] {
        [type, UInt8(value.count >> 8), UInt8(value.count & 255)] + value
    }
}

@Suite struct ProxyHeaderTests {
    @Test(
        "a line of version 1 names the client",
        arguments: [
            ("PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n", "192.0.2.1"),
            ("PROXY TCP6 2001:db8::1 fd00::1 4711 80\r\n", "2001:db8::1"), ("PROXY UNKNOWN\r\n", nil),
            ("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", nil),
            ("PROXY TCP4 192.0.2.1 10.0.0.1 0 65535\r\n", "192.0.2.1"),
        ] as [(String, String?)])
    func text(line: String, source: String?) {
        let bytes = Array((line + "GET / HTTP/1.1\r\n").utf8)
        let header = ProxyHeader(source: source.flatMap { IPAddress($0) })
        #expect(ProxyHeader.parse(bytes) == .header(header, length: line.utf8.count))
        // Whatever the pieces in which it arrives.
        for count in 0..<line.utf8.count { #expect(ProxyHeader.parse(Array(bytes[..<count])) == .needsMore) }
    }

    @Test(
        "what is no line of version 1 is malformed",
        arguments: [
            "GET / HTTP/1.1\r\n", "PROXX ", "proxy TCP4", "PROXY\r\n", "PROXY \r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 4711\r\n", "PROXY TCP4 192.0.2.1 10.0.0.1 4711 80 1\r\n",
            "PROXY  TCP4 192.0.2.1 10.0.0.1 4711 80\r\n", "PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 4711 65536\r\n", "PROXY TCP4 192.0.2.1 10.0.0.1 04711 80\r\n",
            "PROXY TCP4 192.0.2.1 10.0.0.1 +1 80\r\n", "PROXY TCP4 192.0.2.1 10.0.0.1  80\r\n",
            "PROXY TCP4 2001:db8::1 fd00::1 1 2\r\n", "PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n",
            "PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n", "PROXY TCP4 192.0.2.1 nonsense 1 2\r\n",
            "PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n", "PROXY TCP4 192.0.2.1 10.0.0.1 1 2\0\r\n",
            "PROXY UNKNOWN\u{1}\r\n", "PROXY UNKNOWN " + String(repeating: "x", count: 107),
        ])
    func badText(line: String) {
        #expect(ProxyHeader.parse(Array(line.utf8)) == .malformed)
    }

    private static let good: [([UInt8], String?, Bool)] = [
        (BinaryHeader.bytes(0x21, 0x11, BinaryHeader.four), "192.0.2.1", false),
        (BinaryHeader.bytes(0x21, 0x21, BinaryHeader.six), "2001:db8::1", false),
        (BinaryHeader.bytes(0x20, 0x00, []), nil, false),
        // What stands behind LOCAL is to be skipped, whatever it is.
        (BinaryHeader.bytes(0x20, 0x11, BinaryHeader.four), nil, false),
        (BinaryHeader.bytes(0x20, 0x11, [1]), nil, false),
        (BinaryHeader.bytes(0x21, 0x00, []), nil, false),
        (BinaryHeader.bytes(0x21, 0x31, [UInt8](repeating: 0x2F, count: 216)), nil, false),
        (BinaryHeader.bytes(0x21, 0x11, BinaryHeader.four + BinaryHeader.field(0x04, [0, 0, 0])), "192.0.2.1", false),
        (
            BinaryHeader.bytes(0x21, 0x11, BinaryHeader.four + BinaryHeader.field(0x20, [1, 0, 0, 0, 0])), "192.0.2.1",
            true
        ),
        (
            BinaryHeader.bytes(0x21, 0x11, BinaryHeader.four + BinaryHeader.field(0x20, [2, 0, 0, 0, 0])), "192.0.2.1",
            false
        ),
        (
            BinaryHeader.bytes(
                0x21, 0x21,
                BinaryHeader.six + BinaryHeader.field(0xEA, [1, 2])
                    + BinaryHeader.field(0x20, [7, 0, 0, 0, 0] + BinaryHeader.field(0x21, Array("TLSv1.3".utf8)))),
            "2001:db8::1", true
        ),
    ]

    @Test("a header of version 2 names the client and whether it spoke TLS", arguments: 0..<good.count)
    func binary(index: Int) {
        let (bytes, source, isEncrypted) = Self.good[index]
        let header = ProxyHeader(source: source.flatMap { IPAddress($0) }, isEncrypted: isEncrypted)
        #expect(ProxyHeader.parse(bytes + Array("GET".utf8)) == .header(header, length: bytes.count))
        for count in 0..<bytes.count { #expect(ProxyHeader.parse(Array(bytes[..<count])) == .needsMore) }
    }

    private static let bad: [[UInt8]] = [
        Array("\r\n\r\n\0\r\nQUIP".utf8), Array("\r\nGET".utf8), BinaryHeader.bytes(0x11, 0x11, BinaryHeader.four),
        BinaryHeader.bytes(0x22, 0x11, BinaryHeader.four), BinaryHeader.bytes(0x21, 0x12, BinaryHeader.four),
        BinaryHeader.bytes(0x21, 0x41, BinaryHeader.four), BinaryHeader.bytes(0x21, 0x01, []),
        BinaryHeader.bytes(0x21, 0x11, [192, 0, 2, 1]), BinaryHeader.bytes(0x21, 0x21, BinaryHeader.four),
        BinaryHeader.bytes(0x21, 0x31, BinaryHeader.six), BinaryHeader.bytes(0x21, 0x11, [], length: 0xFFFF),
        BinaryHeader.bytes(0x21, 0x11, BinaryHeader.four + [0x04]),
        BinaryHeader.bytes(0x21, 0x11, BinaryHeader.four + [0x04, 0, 9, 1]),
        BinaryHeader.bytes(0x21, 0x11, BinaryHeader.four + BinaryHeader.field(0x20, [1])),
    ]

    @Test("what is no header of version 2 is malformed", arguments: 0..<bad.count)
    func badBinary(index: Int) {
        #expect(ProxyHeader.parse(Self.bad[index]) == .malformed)
    }
}
