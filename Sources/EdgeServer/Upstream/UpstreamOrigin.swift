import NIOCore

/// The server behind a proxy: where requests go that the cache does not answer.
package struct UpstreamOrigin: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Hashable, Sendable {
        case http, https

        var defaultPort: Int { self == .http ? 80 : 443 }
    }

    package let scheme: Scheme
    /// A name or an address; an IPv6 address without brackets.
    package let host: String
    package let port: Int
    /// The socket to connect to instead of `host` and `port`, which then only name the origin.
    package let socketPath: String?

    package init(scheme: Scheme, host: String, port: Int? = nil, socketPath: String? = nil) {
        self.scheme = scheme
        self.host = host
        self.port = port ?? scheme.defaultPort
        self.socketPath = socketPath
    }

    /// What a URL names that is not an origin, as a sentence for the one who typed it.
    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let message: String
        package var description: String { message }
    }

    /// Reads `http://app.internal:8080`, `https://[2001:db8::1]` or `unix:/run/app.sock`.
    ///
    /// A path is refused: requests keep their own.
    package init(_ text: String) throws(Problem) {
        if text.hasPrefix("unix:") {
            self = try UpstreamOrigin.unix(String(text.dropFirst(5)))
            return
        }
        guard let mark = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
        else {
            throw Problem(message: "“\(text)” is not a URL that begins with http://, https:// or unix:.")
        }
        var authority = text[mark.upperBound...]
        if authority.last == "/" { authority.removeLast() }
        if authority.contains(where: { "/?#".contains($0) }) {
            throw Problem(message: "“\(text)” has more than a host and a port; requests keep their own path and query.")
        }
        if authority.contains("@") {
            throw Problem(message: "A user name or password in the URL of an origin is not supported.")
        }
        let (host, port) = try UpstreamOrigin.hostAndPort(authority)
        self.init(scheme: scheme, host: host, port: port)
    }

    private static func unix(_ path: String) throws(Problem) -> UpstreamOrigin {
        guard path.hasPrefix("/"), !path.utf8.contains(0) else {
            throw Problem(message: "unix: needs the absolute path of a socket, like unix:/run/app.sock.")
        }
        // `sun_path` of Linux has 108 bytes, the last one 0.
        guard path.utf8.count <= 107 else { throw Problem(message: "The path of a socket has at most 107 bytes.") }
        return UpstreamOrigin(scheme: .http, host: "localhost", socketPath: path)
    }

    private static func hostAndPort(_ authority: Substring) throws(Problem) -> (String, Int?) {
        var host = authority
        var port: Int?
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits),
                (1...65_535).contains(number)
            else { throw Problem(message: "“\(digits)” is not a port from 1 to 65535.") }
            host = authority[..<colon]
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = String(host.dropFirst().dropLast())
            guard address.contains(":"), UpstreamOrigin.isAddress(address) else {
                throw Problem(message: "“\(address)” is not an IPv6 address.")
            }
            return (address, port)
        }
        guard (1...253).contains(host.utf8.count), host.utf8.allSatisfy(UpstreamOrigin.isNameByte) else {
            throw Problem(message: "“\(host)” is not a host name; names outside ASCII are written in their xn-- form.")
        }
        return (host.lowercased(), port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    static func isAddress(_ text: String) -> Bool { (try? SocketAddress(ipAddress: text, port: 0)) != nil }

    /// Whether `host` needs no look-up.
    var hasAddress: Bool { UpstreamOrigin.isAddress(host) }

    /// What `Host` says for this origin: no port if it is the scheme's own (RFC 9110 §7.2).
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == scheme.defaultPort ? name : "\(name):\(port)"
    }

    package var description: String { socketPath.map { "unix:\($0)" } ?? "\(scheme.rawValue)://\(authority)" }
}
