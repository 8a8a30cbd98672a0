/// What a `Host` field may say: a host with an optional port (RFC 9110 §7.2, RFC 3986 §3.2.2).
///
/// Narrower than the grammar of URIs, which has room for commas, percent signs and names of any kind between brackets: no
/// name that can be asked for has them, and they are how two hosts are made to look like one.
enum HostField {
    /// - Returns: false for a value that names no host or could be read as two. An empty one is allowed.
    static func isValid(_ value: String) -> Bool {
        if value.isEmpty { return true }
        let bytes = value.utf8
        guard bytes.count <= longest else { return false }
        let port: Substring.UTF8View
        if bytes.first == 0x5B {
            guard let end = bytes.firstIndex(of: 0x5D), isAddress(bytes[..<end].dropFirst()) else { return false }
            port = bytes[bytes.index(after: end)...]
        } else {
            let end = bytes.firstIndex(of: 0x3A) ?? bytes.endIndex
            guard end > bytes.startIndex, bytes[..<end].allSatisfy(isName) else { return false }
            port = bytes[end...]
        }
        return port.isEmpty || (port.first == 0x3A && isPort(port.dropFirst()))
    }

    /// A name has at most 253 bytes; some tools write more.
    private static let longest = 512

    /// Letters, digits and `-._~!$&'()*+;=`.
    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x24, 0x26...0x2B, 0x2D, 0x2E, 0x3B, 0x3D, 0x5F, 0x7E: true
        default: false
        }
    }

    /// The characters of an IPv6 address. A zone means something to one machine only.
    private static func isAddress(_ bytes: Substring.UTF8View) -> Bool {
        bytes.contains(0x3A)
            && bytes.allSatisfy { byte in
                switch byte {
                case 0x2E, 0x30...0x3A, 0x41...0x46, 0x61...0x66: true
                default: false
                }
            }
    }

    private static func isPort(_ bytes: Substring.UTF8View) -> Bool {
        if bytes.isEmpty { return true }
        guard bytes.count <= 5, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 65_535
    }
}
