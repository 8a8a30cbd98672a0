import HTTPCaching
import HTTPTypes

/// A cookie to be stored by the client: RFC 6265bis §4.1. A value of this type is always one that clients accept.
///
/// What is not said otherwise is the careful choice: the whole site (`Path=/`), only over TLS, hidden from scripts,
/// `SameSite=Lax`, and gone with the browser session.
///
/// ```swift
/// response.setCookie(try SetCookie("__Host-session", token, maxAge: 7 * 86_400))
/// response.setCookie(try SetCookie.removal(of: "theme"))
/// ```
public struct SetCookie: Sendable, Hashable {
    public enum SameSite: String, Sendable, Hashable { case strict = "Strict", lax = "Lax", none = "None" }

    public let name: String
    public let value: String
    /// The host and its subdomains; `nil` for the answering host alone.
    public let domain: String?
    /// `nil` lets the client take the folder of the request's path.
    public let path: String?
    /// Seconds; 0 and less remove the cookie. Clients cap it at 400 days (RFC 6265bis §5.5).
    public let maxAge: Int?
    /// Seconds since 1970. `maxAge` wins where both are given.
    public let expires: Int?
    public let isSecure: Bool
    public let isHTTPOnly: Bool
    public let sameSite: SameSite?
    /// A store of its own for every top-level site that embeds this one (CHIPS).
    public let isPartitioned: Bool

    /// - Throws: `InvalidCookie` for what a client would refuse or misread: a name that is not a token; a value with
    ///   spaces, quotes, commas, semicolons, backslashes, controls or non-ASCII; more than 4096 bytes of name and value,
    ///   or 1024 of an attribute; a prefix whose promise is not kept; `SameSite=None` or `Partitioned` without `Secure`.
    public init(
        _ name: String, _ value: String, domain: String? = nil, path: String? = "/", maxAge: Int? = nil,
        expires: Int? = nil, isSecure: Bool = true, isHTTPOnly: Bool = true, sameSite: SameSite? = .lax,
        isPartitioned: Bool = false
    ) throws(InvalidCookie) {
        self.name = name
        self.value = value
        self.domain = domain
        self.path = path
        self.maxAge = maxAge
        self.expires = expires
        self.isSecure = isSecure
        self.isHTTPOnly = isHTTPOnly
        self.sameSite = sameSite
        self.isPartitioned = isPartitioned
        if let reason = fault { throw InvalidCookie(name: name, reason: reason) }
    }

    /// A cookie that removes the one of the same name, domain and path.
    public static func removal(
        of name: String, domain: String? = nil, path: String? = "/", isPartitioned: Bool = false
    ) throws(InvalidCookie) -> SetCookie {
        try SetCookie(name, "", domain: domain, path: path, maxAge: 0, expires: 0, isPartitioned: isPartitioned)
    }

    /// The field value.
    public var text: String {
        var text = "\(name)=\(value)"
        if let domain { text += "; Domain=\(domain)" }
        if let path { text += "; Path=\(path)" }
        if let expires { text += "; Expires=\(HTTPDate.text(expires))" }
        if let maxAge { text += "; Max-Age=\(maxAge)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        if isPartitioned { text += "; Partitioned" }
        return text
    }

    private var fault: String? {
        guard ByteClass.isToken(name) else { return "its name is not a token" }
        guard value.utf8.allSatisfy(Self.isValueByte) else {
            return "its value has characters that a cookie cannot carry; encode it first, as base64url for example"
        }
        guard name.utf8.count + value.utf8.count <= 4096 else { return "name and value exceed 4096 bytes" }
        if let domain, !Self.isDomain(domain) { return "its domain is not a host name" }
        if let path, !Self.isPath(path) { return "its path does not begin with “/” or has a semicolon or a control" }
        if sameSite == SameSite.none, !isSecure { return "SameSite=None needs Secure" }
        if isPartitioned, !isSecure { return "Partitioned needs Secure" }
        return prefixFault
    }

    /// RFC 6265bis §4.1.3. Clients compare the prefixes without regard to case.
    private var prefixFault: String? {
        let prefix = name.prefix(12).lowercased()
        let isHostHTTP = prefix.hasPrefix("__host-http-")
        if isHostHTTP || prefix.hasPrefix("__http-"), !isHTTPOnly { return "its prefix needs HttpOnly" }
        if prefix.hasPrefix("__secure-") || prefix.hasPrefix("__http-"), !isSecure { return "its prefix needs Secure" }
        if prefix.hasPrefix("__host-"), !isSecure || path != "/" || domain != nil {
            return "its prefix needs Secure, Path=/ and no Domain"
        }
        return nil
    }

    /// RFC 6265 §4.1.1, cookie-octet.
    private static func isValueByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
        default: false
        }
    }

    private static func isDomain(_ domain: String) -> Bool {
        domain.utf8.count <= 253 && !domain.isEmpty && !domain.hasPrefix(".") && !domain.hasSuffix(".")
            && domain.utf8.allSatisfy { ByteClass.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E }
    }

    private static func isPath(_ path: String) -> Bool {
        path.utf8.count <= 1024 && path.hasPrefix("/")
            && path.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x3B }
    }
}

/// A cookie that cannot be written. The value stays out of the text.
public struct InvalidCookie: Error, Sendable, Hashable, CustomStringConvertible {
    public var name: String
    public var reason: String

    public var description: String { "The cookie “\(name)” cannot be set: \(reason)." }
}

extension Response {
    /// Adds a `Set-Cookie` field of its own: they cannot be joined by commas (RFC 6265bis §3).
    public mutating func setCookie(_ cookie: SetCookie) {
        headers.append(HTTPField(name: .setCookie, value: cookie.text))
    }
}
