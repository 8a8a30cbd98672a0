import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// An address of a host, of either version, as a number that can be compared with ranges.
///
/// An IPv4 address that is written as an IPv6 one (`::ffff:192.0.2.1`, RFC 4291 §2.5.5.2) is the IPv4 address: a socket
/// that takes both versions shows it so, and a list of proxies means the same host by either.
package struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Version: Sendable { case v4, v6 }

    package let version: Version
    /// The address as a number: 32 bits of it for IPv4.
    package let bits: UInt128

    package init(v4 bits: UInt32) {
        version = .v4
        self.bits = UInt128(bits)
    }

    package init(v6 bits: UInt128) {
        let isMapped = bits >> 32 == 0xFFFF
        version = isMapped ? .v4 : .v6
        self.bits = isMapped ? bits & 0xFFFF_FFFF : bits
    }

    /// - Parameter bytes: 4 or 16 of them, in network order.
    package init?(bytes: some Collection<UInt8>) {
        let bits = bytes.reduce(into: UInt128(0)) { $0 = $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self.init(v4: UInt32(truncatingIfNeeded: bits))
        case 16: self.init(v6: bits)
        default: return nil
        }
    }

    /// Four decimal numbers without leading zeros, or the text forms of RFC 4291 §2.2. No zone, no brackets, no port.
    package init?(_ text: some StringProtocol) {
        // The longest text of an IPv6 address has 45 bytes; a NUL would hide what stands behind it.
        guard (2...45).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        if text.utf8.contains(0x3A) {
            var address = in6_addr()
            guard inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
            self.init(v6: withUnsafeBytes(of: address) { $0.reduce(into: UInt128(0)) { $0 = $0 << 8 | UInt128($1) } })
        } else {
            var address = in_addr()
            guard inet_pton(AF_INET, String(text), &address) == 1 else { return nil }
            self.init(v4: UInt32(bigEndian: address.s_addr))
        }
    }

    /// `nil` for a unix socket.
    package init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address): self.init(v4: UInt32(bigEndian: address.address.sin_addr.s_addr))
        case .v6(let address): self.init(bytes: withUnsafeBytes(of: address.address.sin6_addr) { Array($0) })
        case .unixDomainSocket: return nil
        }
    }

    /// How many bits an address of this version has.
    var width: Int { version == .v4 ? 32 : 128 }

    /// In the shortest form (RFC 5952), without brackets.
    package var description: String {
        if version == .v4 {
            let byte = { (place: Int) in String(bits >> (8 * place) & 0xFF) }
            return "\(byte(3)).\(byte(2)).\(byte(1)).\(byte(0))"
        }
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            for place in 0..<16 { bytes[place] = UInt8(truncatingIfNeeded: bits >> (120 - 8 * place)) }
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension IPAddress {
    /// An address as proxies write it in lists: alone or with a port, an IPv6 address with brackets if it has a port.
    ///
    /// - Returns: `nil` for every other text, such as a name.
    init?(withPort text: some StringProtocol) {
        if let address = IPAddress(text) {
            self = address
            return
        }
        let colon: String.Index
        if text.utf8.first == 0x5B {
            guard let bracket = text.utf8.firstIndex(of: 0x5D) else { return nil }
            let inside = text[text.index(after: text.startIndex)..<bracket]
            guard inside.utf8.contains(0x3A), let address = IPAddress(inside) else { return nil }
            self = address
            colon = text.index(after: bracket)
            if colon == text.endIndex { return }
            guard text.utf8[colon] == 0x3A else { return nil }
        } else {
            guard let place = text.utf8.firstIndex(of: 0x3A), let address = IPAddress(text[..<place]) else {
                return nil
            }
            self = address
            colon = place
        }
        let port = text[text.index(after: colon)...].utf8
        guard (1...5).contains(port.count), port.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    }
}
