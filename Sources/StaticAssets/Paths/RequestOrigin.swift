/// Scheme, host and port of a request, as the `Host` header names them.
public struct RequestOrigin: Sendable, Hashable {
    /// `https` or `http`.
    public let scheme: String
    /// Lower case, without the port.
    public let host: String
    /// Nil for the scheme's own port.
    public let port: Int?

    /// `host` is the value of the `Host` header: `example.com`, `example.com:8787`, `[::1]:8787`.
    public init(scheme: String, host: String) {
        self.scheme = scheme
        var name = host[...]
        var port: Int?
        if let colon = host.utf8.lastIndex(of: .colon), host.utf8.last != 0x5D {
            let digits = host[host.utf8.index(after: colon)...]
            if digits.utf8.allSatisfy(\.isASCIIDigit) {
                name = host[..<colon]
                port = Int(digits)
            }
        }
        let hasUpperCase = name.utf8.contains { ClosedRange<UInt8>.upperCase.contains($0) }
        self.host = hasUpperCase ? name.lowercased() : String(name)
        self.port = port == Self.usualPort(of: scheme) ? nil : port
    }

    static func usualPort(of scheme: String) -> Int? {
        switch scheme {
        case "https": 443
        case "http": 80
        default: nil
        }
    }
}
