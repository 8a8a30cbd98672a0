import NIOHTTP1

/// Whether a request for the dev server's own pages comes from this machine's browser on its own behalf.
///
/// A foreign site can point a host name of its own at 127.0.0.1 and read what answers there (DNS rebinding), here the
/// source code. The names that are always this machine cannot be pointed elsewhere.
enum LocalRequest {
    static func isLocal(_ headers: HTTPHeaders) -> Bool {
        guard let host = headers.first(name: "host"), isLocal(host: name(ofAuthority: host)) else { return false }
        guard let origin = headers.first(name: "origin") else { return true }
        guard let scheme = origin.firstRange(of: "://") else { return false }
        return isLocal(host: name(ofAuthority: String(origin[scheme.upperBound...])))
    }

    private static func isLocal(host: String) -> Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func name(ofAuthority authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
        return String(authority.prefix { $0 != ":" }).lowercased()
    }
}
