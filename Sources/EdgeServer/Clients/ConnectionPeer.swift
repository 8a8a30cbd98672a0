import NIOCore
import NIOHTTP1

/// The other end of a connection, and how far the listener believes it.
struct ConnectionPeer {
    private let rules: ClientRules
    private(set) var address: IPAddress?
    /// `address` as text.
    private(set) var text: String
    private(set) var isTrusted: Bool
    private(set) var scheme: String

    /// What a client on a unix socket is called: it is on this machine.
    private static let local = "127.0.0.1"

    /// - Parameters:
    ///   - socket: the other end as the kernel has it.
    ///   - scheme: `https` where the connection is encrypted.
    init(_ socket: SocketAddress?, rules: ClientRules, scheme: String) {
        self.rules = rules
        self.scheme = scheme
        address = socket.flatMap { IPAddress($0) }
        text = address.map { "\($0)" } ?? ConnectionPeer.local
        isTrusted = rules.proxies.trusts(peer: address)
    }

    /// Whether the connection begins with a header of the PROXY protocol.
    ///
    /// Who is no proxy cannot send one: its header is a malformed request.
    var sendsProxyHeader: Bool { rules.takesProxyProtocol && isTrusted }

    /// A proxy in front has said who it is that connected. From here on that one is the other end: the fields of its
    /// requests are believed if it is a proxy itself.
    mutating func stepBehind(_ header: ProxyHeader) {
        if header.isEncrypted { scheme = "https" }
        guard let source = header.source else { return }
        address = source
        text = "\(source)"
        isTrusted = rules.proxies.trusts(peer: source)
    }

    /// Who sent a request over this connection.
    ///
    /// - Parameter host: of the request, as its target or its `Host` field says.
    func identity(_ headers: HTTPHeaders, host: String) -> ClientIdentity {
        let direct = ClientIdentity(address: text, scheme: scheme, host: host)
        guard isTrusted else { return direct }
        return rules.identity(direct, peer: address, ForwardingFields(headers))
    }
}

/// The other end as all handlers of one connection know it. A header of the PROXY protocol changes it, before any of them
/// has seen a request.
final class SharedPeer {
    var value: ConnectionPeer

    init(_ value: ConnectionPeer) { self.value = value }
}
