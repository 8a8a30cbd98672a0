/// Who a URL speaks to: two URLs of one origin share credentials, others do not (RFC 6454 §4).
public struct Origin: Sendable, Hashable {
    /// In lower case.
    public let scheme: String
    /// In lower case, without the port; an IPv6 address stands in brackets.
    public let host: String
    /// The scheme's own port where the URL names none; 0 for a scheme without one.
    public let port: Int

    /// - Returns: `nil` when the authority is no host with an optional port.
    init?(scheme: String, authority: String) {
        self.scheme = scheme.lowercased()
        let authority = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let host: Substring
        var rest: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
            rest = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority.dropFirst(host.count)
        }
        guard !host.isEmpty else { return nil }
        self.host = host.lowercased()
        if rest.first == ":" { rest = rest.dropFirst() } else if !rest.isEmpty { return nil }
        if rest.isEmpty {
            port = Origin.usualPort(of: self.scheme)
        } else {
            guard rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(rest), number <= 65_535
            else { return nil }
            port = number
        }
    }

    static func usualPort(of scheme: String) -> Int {
        switch scheme {
        case "http": 80
        case "https": 443
        default: 0
        }
    }

    /// Host and, where it is not the scheme's own, port.
    var authority: String { port == Origin.usualPort(of: scheme) ? host : "\(host):\(port)" }
}

extension RequestURL {
    /// Who the URL speaks to; `nil` when its authority is malformed.
    public var origin: Origin? { Origin(scheme: scheme, authority: authority) }
}
