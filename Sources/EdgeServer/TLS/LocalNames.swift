import NIOCore

/// A host for which the local authority may sign: one that no public site can have.
///
/// Whoever steals the key of an authority that a browser trusts can stand in for every site it may sign for. This one
/// cannot sign for any site of the internet: its certificate says so (RFC 5280 §4.2.1.10), and browsers hold it to that.
struct LocalName: Hashable, Sendable {
    /// Top-level names that are never delegated (RFC 6761, RFC 6762, RFC 8375, and ICANN's reservation of `internal`).
    static let domains = ["localhost", "test", "local", "internal", "home.arpa"]

    /// Addresses and masks of loopback, private and link-local networks (RFC 1122, 1918, 3927, 4193, 4291).
    static let networks: [(address: [UInt8], prefix: Int)] = [
        ([127, 0, 0, 0], 8), ([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([169, 254, 0, 0], 16),
        ([UInt8](repeating: 0, count: 15) + [1], 128),
        ([0xFC] + [UInt8](repeating: 0, count: 15), 7),
        ([0xFE, 0x80] + [UInt8](repeating: 0, count: 14), 10),
    ]

    /// What every certificate covers.
    static let standard: [LocalName] = [
        LocalName(kind: .name("localhost")), LocalName(kind: .name("*.localhost")),
        LocalName(kind: .address([127, 0, 0, 1])), LocalName(kind: .address([UInt8](repeating: 0, count: 15) + [1])),
    ]

    enum Kind: Hashable {
        /// In lower case; a first label `*` stands for any one label.
        case name(String)
        /// 4 or 16 bytes.
        case address([UInt8])
    }

    let kind: Kind

    private init(kind: Kind) { self.kind = kind }

    /// - Parameter text: a name like `shop.test` or `*.shop.test`, or an address with or without brackets.
    /// - Throws: a sentence for a host that belongs to the internet, or is none.
    init(_ text: String) throws(TLSFailure) {
        if let address = LocalName.address(text) {
            guard LocalName.networks.contains(where: { LocalName.contains($0, address) }) else {
                throw TLSFailure(
                    "\(text) is a public address, for which the local authority does not sign; give a certificate of your "
                        + "own with --tls-cert and --tls-key.")
            }
            kind = .address(address)
            return
        }
        let name = text.lowercased()
        guard LocalName.isName(name) else { throw TLSFailure("“\(text)” is not a host name.") }
        guard LocalName.domains.contains(where: { name == $0 || name.hasSuffix("." + $0) }) else {
            let endings = LocalName.domains.map { "." + $0 }.joined(separator: ", ")
            throw TLSFailure(
                "The local authority signs only for names that end in \(endings), not for \(text); give a certificate of "
                    + "your own with --tls-cert and --tls-key.")
        }
        kind = .name(name)
    }

    private static func address(_ text: String) -> [UInt8]? {
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        guard let address = try? SocketAddress(ipAddress: bare, port: 0) else { return nil }
        switch address {
        case .v4(let v4): return withUnsafeBytes(of: v4.address.sin_addr) { Array($0) }
        case .v6(let v6): return withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
        case .unixDomainSocket: return nil
        }
    }

    private static func contains(_ network: (address: [UInt8], prefix: Int), _ address: [UInt8]) -> Bool {
        guard network.address.count == address.count else { return false }
        return zip(zip(network.address, address), mask(network)).allSatisfy { $0.0 & $1 == $0.1 & $1 }
    }

    static func mask(_ network: (address: [UInt8], prefix: Int)) -> [UInt8] {
        network.address.indices.map { index in
            let bits = min(8, max(0, network.prefix - index * 8))
            return bits == 0 ? 0 : ~UInt8(0) << UInt8(8 - bits)
        }
    }

    /// Letters, digits and hyphens, labels of 1 to 63 bytes (RFC 1123 §2.1), the first may be `*`.
    private static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 253 else { return false }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        for (index, label) in labels.enumerated() {
            if index == 0, label == "*", labels.count > 1 { continue }
            guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
            let isPlain = label.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
            }
            guard isPlain else { return false }
        }
        return true
    }
}
