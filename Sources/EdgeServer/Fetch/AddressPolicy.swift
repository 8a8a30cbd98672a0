import NIOCore

/// Which addresses a Worker's outgoing requests may reach.
///
/// A handler that fetches a URL which a user typed must not become that user's way into the host's own network. Addresses
/// are checked when a connection stands and before anything of a request is sent over it, so that a name which resolves to
/// another address the second time changes nothing.
public struct AddressPolicy: Sendable, Hashable {
    /// Kinds of addresses, after the registries of RFC 6890.
    public enum Network: String, Sendable, Hashable, CaseIterable {
        case everywhere = "public"
        case privateUse = "private"
        /// This machine, under any of its own names for itself.
        case loopback
        /// The neighbourhood without routers, where the metadata services of cloud providers live; those that they have
        /// elsewhere count, too.
        case linkLocal = "link-local or metadata"
        case multicast
    }

    public var refused: Set<Network>

    public init(refusing refused: Set<Network>) { self.refused = refused }

    /// For production: neither the machine itself nor the provider's metadata service.
    public static let production = AddressPolicy(refusing: [.loopback, .linkLocal, .multicast])

    /// For production where handlers have nothing to ask in the private network.
    public static let publicOnly = AddressPolicy(refusing: [.loopback, .linkLocal, .multicast, .privateUse])

    /// For the emulator: other servers of a developer run on the same machine.
    public static let emulator = AddressPolicy(refusing: [.linkLocal, .multicast])

    /// The kind of an address that is refused; `nil` when it may be reached.
    public func refusal(of address: SocketAddress) -> Network? {
        guard let bytes = AddressPolicy.bytes(of: address) else { return .loopback }
        let network = AddressPolicy.network(of: bytes)
        return refused.contains(network) ? network : nil
    }

    /// The kind of a host that can be refused before its name is looked up; `nil` when only a look-up can tell.
    ///
    /// - Parameter host: as in a URL, an IPv6 address in brackets.
    func refusal(ofHost host: String) -> Network? {
        var name = host.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name.hasSuffix(".") { name.removeLast() }
        // RFC 6761 §6.3: these names are this machine.
        if name == "localhost" || name.hasSuffix(".localhost") { return refused.contains(.loopback) ? .loopback : nil }
        guard let address = try? SocketAddress(ipAddress: name, port: 0) else { return nil }
        return refusal(of: address)
    }

    // MARK: Kinds of addresses

    /// - Parameter bytes: 4 or 16 of them, in network order.
    static func network(of bytes: [UInt8]) -> Network {
        bytes.count == 4 ? networkOfIPv4(bytes) : networkOfIPv6(bytes)
    }

    private static func networkOfIPv4(_ bytes: [UInt8]) -> Network {
        switch (bytes[0], bytes[1]) {
        // 0.0.0.0 connects to this machine.
        case (127, _), (0, _): return .loopback
        case (169, 254): return .linkLocal
        // Metadata services of Alibaba, Azure and Oracle.
        case (100, 100) where bytes[2] == 100 && bytes[3] == 200: return .linkLocal
        case (168, 63) where bytes[2] == 129 && bytes[3] == 16: return .linkLocal
        case (192, 0) where bytes[2] == 0 && bytes[3] == 192: return .linkLocal
        case (10, _), (172, 16...31), (192, 168), (100, 64...127), (192, 0), (198, 18...19): return .privateUse
        case (224...239, _), (255, 255): return .multicast
        case (240...255, _): return .privateUse
        default: return .everywhere
        }
    }

    private static func networkOfIPv6(_ bytes: [UInt8]) -> Network {
        let isZero = { (range: Range<Int>) in bytes[range].allSatisfy { $0 == 0 } }
        if isZero(0..<15), bytes[15] <= 1 { return .loopback }
        // Addresses that carry one of IPv4: mapped, compatible, translated (RFC 6052), 6to4.
        if isZero(0..<10), bytes[10] == 0xFF, bytes[11] == 0xFF { return networkOfIPv4(Array(bytes[12...])) }
        if isZero(0..<12) { return networkOfIPv4(Array(bytes[12...])) }
        if bytes[0] == 0x00, bytes[1] == 0x64, bytes[2] == 0xFF, bytes[3] == 0x9B {
            return networkOfIPv4(Array(bytes[12...]))
        }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return networkOfIPv4(Array(bytes[2..<6])) }
        // Metadata services of AWS (fd00:ec2::254) and Google (fd20:ce::254).
        if bytes[0] == 0xFD, bytes[1] == 0x00, bytes[2] == 0x0E, bytes[3] == 0xC2, isZero(4..<14) { return .linkLocal }
        if bytes[0] == 0xFD, bytes[1] == 0x20, bytes[2] == 0x00, bytes[3] == 0xCE, isZero(4..<14) { return .linkLocal }
        if bytes[0] & 0xFE == 0xFC { return .privateUse }
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0x80 { return .linkLocal }
        if bytes[0] == 0xFE, bytes[1] & 0xC0 == 0xC0 { return .privateUse }
        if bytes[0] == 0xFF { return .multicast }
        return .everywhere
    }

    private static func bytes(of address: SocketAddress) -> [UInt8]? {
        switch address {
        case .v4(let address): withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
        case .v6(let address): withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
        case .unixDomainSocket: nil
        }
    }
}

/// A connection that the policy forbids.
struct RefusedAddress: Error {
    var network: AddressPolicy.Network
}
