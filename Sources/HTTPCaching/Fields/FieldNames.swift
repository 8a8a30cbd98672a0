import HTTPTypes

extension HTTPField.Name {
    /// RFC 9213 §3.1.
    package static let cdnCacheControl = HTTPField.Name("CDN-Cache-Control")!
    /// For Cloudflare alone. See its documentation, "CDN-Cache-Control".
    package static let cloudflareCDNCacheControl = HTTPField.Name("Cloudflare-CDN-Cache-Control")!
    /// RFC 9211.
    package static let cacheStatus = HTTPField.Name("Cache-Status")!
    /// How the edge came by a response: `HIT` when it was stored. See Cloudflare's documentation, "Cache responses".
    package static let cfCacheStatus = HTTPField.Name("CF-Cache-Status")!
    /// Labels to purge by. See Cloudflare's documentation, "Purge cache by cache-tags".
    package static let cacheTag = HTTPField.Name("Cache-Tag")!
    /// RFC 9111 §5.4.
    package static let pragma = HTTPField.Name("Pragma")!

    /// The directives that a program has put in the place of what the origin said. It stands in stored responses only:
    /// from a message it is not taken, and into one it is not written.
    static let programmedCacheControl = HTTPField.Name("Lilypad-Programmed-Cache-Control")!
}

/// Fields with a meaning for one connection only, or for one proxy only (RFC 9110 §7.6.1, RFC 9111 §3.1).
package enum TransferFields {
    /// - Parameter name: in lower case.
    package static func contains(_ name: String) -> Bool {
        switch name {
        case "connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
            "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade":
            true
        default: false
        }
    }

    /// The lower-case names that `Connection` adds.
    package static func named(in fields: HTTPFields) -> Set<String> {
        var names: Set<String> = []
        for line in fields[values: .connection] {
            for name in line.membersOfList { names.insert(name.trimmedOfBlanks.lowercased()) }
        }
        return names
    }
}
