/// What a proxy says about a connection before it passes the connection on: the PROXY protocol, versions 1 and 2
/// (haproxy.org, `proxy-protocol.txt`).
package struct ProxyHeader: Hashable, Sendable {
    /// Who connected to the proxy. `nil` where that was the proxy itself (`LOCAL`, for its health checks) or where it does
    /// not say (`UNKNOWN`, `UNSPEC`, a unix socket): the connection's own other end then counts.
    package var source: IPAddress?
    /// Whether the client spoke TLS to the proxy (`PP2_TYPE_SSL`).
    package var isEncrypted = false

    package enum Outcome: Hashable, Sendable {
        /// What there is may be the beginning of a header.
        case needsMore
        /// A header, and how many bytes it takes.
        case header(ProxyHeader, length: Int)
        case malformed
    }

    /// A header with all the addresses and certificate details that proxies send is a few hundred bytes long. The
    /// format would allow 64 KiB.
    static let longest = 4096

    /// - Parameter bytes: everything that the connection has brought so far.
    package static func parse(_ bytes: [UInt8]) -> Outcome {
        guard let first = bytes.first else { return .needsMore }
        return first == signature[0] ? parseBinary(bytes) : parseText(bytes)
    }

    // MARK: Version 1

    /// The longest line of version 1, with its end (§2.1).
    private static let longestLine = 107

    private static let start = Array("PROXY ".utf8)

    private static func parseText(_ bytes: [UInt8]) -> Outcome {
        let known = min(bytes.count, start.count)
        guard bytes[..<known] == start[..<known] else { return .malformed }
        guard let end = bytes.prefix(longestLine).firstIndex(of: 0x0A) else {
            return bytes.count < longestLine ? .needsMore : .malformed
        }
        guard end > start.count, bytes[end - 1] == 0x0D else { return .malformed }
        let line = bytes[start.count..<end - 1]
        guard line.allSatisfy({ (0x20...0x7E).contains($0) }) else { return .malformed }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        // Whatever stands behind it (§2.1).
        if words[0] == "UNKNOWN" { return .header(ProxyHeader(), length: end + 1) }
        guard words.count == 5, isPort(words[3]), isPort(words[4]) else { return .malformed }
        guard words[0] == "TCP4" || words[0] == "TCP6" else { return .malformed }
        let isSix = words[0] == "TCP6"
        guard words[1].utf8.contains(0x3A) == isSix, words[2].utf8.contains(0x3A) == isSix,
            let source = IPAddress(words[1]), IPAddress(words[2]) != nil
        else { return .malformed }
        return .header(ProxyHeader(source: source), length: end + 1)
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.first != 0x30 || text.utf8.count == 1
        else { return false }
        return UInt16(text) != nil
    }

    // MARK: Version 2

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let fixedLength = 16

    private static func parseBinary(_ bytes: [UInt8]) -> Outcome {
        let known = min(bytes.count, signature.count)
        guard bytes[..<known] == signature[..<known] else { return .malformed }
        guard bytes.count >= fixedLength else { return .needsMore }
        let (command, family) = (bytes[12], bytes[13])
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard command == 0x20 || command == 0x21, length <= longest - fixedLength,
            let size = addressSize(family), command == 0x20 || length >= size
        else { return .malformed }
        guard bytes.count >= fixedLength + length else { return .needsMore }
        var header = ProxyHeader()
        if command == 0x21 {
            let rest = bytes[fixedLength..<fixedLength + length]
            // The source stands first, then the destination, then their ports.
            if family == 0x11 { header.source = IPAddress(bytes: rest.prefix(4)) }
            if family == 0x21 { header.source = IPAddress(bytes: rest.prefix(16)) }
            guard let isEncrypted = saysEncrypted(rest.dropFirst(size)) else { return .malformed }
            header.isEncrypted = isEncrypted
        }
        return .header(header, length: fixedLength + length)
    }

    /// The bytes of both ends by family and transport; `nil` for what cannot carry HTTP/1 or is not assigned (§2.2).
    private static func addressSize(_ family: UInt8) -> Int? {
        switch family {
        case 0x00: 0
        case 0x11: 12
        case 0x21: 36
        case 0x31: 216
        default: nil
        }
    }

    /// Goes over the fields behind the addresses: a type, two bytes of length, the value (§2.2.1).
    ///
    /// - Returns: `nil` when they do not end where the header ends.
    private static func saysEncrypted(_ bytes: ArraySlice<UInt8>) -> Bool? {
        var rest = bytes
        var isEncrypted = false
        while !rest.isEmpty {
            guard rest.count >= 3 else { return nil }
            let (type, place) = (rest[rest.startIndex], rest.startIndex)
            let length = Int(rest[place + 1]) << 8 | Int(rest[place + 2])
            guard rest.count >= 3 + length else { return nil }
            if type == 0x20 {
                // Flags, of which the first is PP2_CLIENT_SSL, and the result of a verification.
                guard length >= 5 else { return nil }
                isEncrypted = rest[place + 3] & 1 == 1
            }
            rest = rest.dropFirst(3 + length)
        }
        return isEncrypted
    }
}
