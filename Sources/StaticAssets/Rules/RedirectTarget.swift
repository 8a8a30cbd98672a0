/// Where a redirect leads: the right side of a rule after URL parsing, independent of any request.
struct RedirectTarget: Sendable, Equatable {
    /// Nil when the target has no host and so stays on the site.
    struct Authority: Sendable, Equatable {
        /// Nil for `//host/…`, which keeps the request's scheme.
        let scheme: String?
        /// With its `@`; empty when there is none.
        let userInfo: String
        let host: String
        let port: Int?
    }

    let authority: Authority?
    let path: String
    /// With `?`, or empty.
    let query: String
    /// With `#`, or empty.
    let fragment: String

    /// Nil when the text names a host that no URL can have (a captured value may be anything).
    init?(_ text: String) {
        var rest = text[...].utf8
        if text.beginsWith("https://") {
            rest = rest.dropFirst("https://".utf8.count).drop { $0 == .slash || $0 == .backslash }
            guard let authority = Self.takeAuthority(from: &rest, scheme: "https") else { return nil }
            self.authority = authority
        } else if rest.dropFirst().first == .slash || rest.dropFirst().first == .backslash {
            rest = rest.drop { $0 == .slash || $0 == .backslash }
            guard let authority = Self.takeAuthority(from: &rest, scheme: nil) else { return nil }
            self.authority = authority
        } else {
            authority = nil
        }
        let parts = URLParts(String(Substring(rest)))
        path = URLText.normalisedPath(parts.path, backslashIsSlash: true)
        let query = URLText.escaped(parts.query, .escapedInSpecialQuery)
        self.query = query.isEmpty ? "" : "?" + String(decoding: query, as: UTF8.self)
        let fragment = URLText.escaped(parts.fragment, .escapedInFragment)
        self.fragment = fragment.isEmpty ? "" : "#" + String(decoding: fragment, as: UTF8.self)
    }

    /// The `Location` for one request: relative on the same origin, absolute elsewhere. The target's own query wins
    /// over the request's.
    func location(from origin: RequestOrigin, requestQuery: String) -> String {
        let tail = path + (query.isEmpty ? requestQuery : query) + fragment
        guard let authority else { return tail }
        let scheme = authority.scheme ?? origin.scheme
        let port = authority.port == RequestOrigin.usualPort(of: scheme) ? nil : authority.port
        if scheme == origin.scheme, authority.host == origin.host, port == origin.port { return tail }
        return scheme + "://" + authority.userInfo + authority.host + (port.map { ":\($0)" } ?? "") + tail
    }

    private static let forbiddenInHost = ByteSet(" #/<>?@\\^|%[]:", and: 0...0x1F, 0x7F...0x7F)

    private static func takeAuthority(from rest: inout Substring.UTF8View, scheme: String?) -> Authority? {
        let stops = [UInt8.slash, .backslash, .question, .hash]
        let end = rest.firstIndex(where: stops.contains) ?? rest.endIndex
        let text = rest[..<end]
        rest = rest[end...]

        let at = text.lastIndex(of: 0x40)
        let userInfo = at.map { String(Substring(text[...$0])) } ?? ""
        let hostAndPort = at.map { text[text.index(after: $0)...] } ?? text

        var name = hostAndPort
        var port: Int?
        if let colon = hostAndPort.lastIndex(of: .colon), hostAndPort.last != 0x5D {
            name = hostAndPort[..<colon]
            let digits = hostAndPort[hostAndPort.index(after: colon)...]
            if !digits.isEmpty {
                guard let number = Int(String(Substring(digits))), (0...65535).contains(number) else { return nil }
                port = number
            }
        }
        guard !name.isEmpty, let decoded = URLText.decoded(Array(name)[...]) else { return nil }
        let isAddress = decoded.first == 0x5B && decoded.last == 0x5D
        guard isAddress || !decoded.contains(where: forbiddenInHost.contains) else { return nil }
        let host = String(decoding: decoded, as: UTF8.self).lowercased()
        return Authority(scheme: scheme, userInfo: userInfo, host: host, port: port)
    }
}
