/// Reading the paths and URLs that rule files contain.
enum RulePath {
    enum Refusal: Error, Equatable { case notRelativeOrHTTPS, absoluteNotAllowed, portInHost }

    enum Role {
        /// The path line of a `_headers` rule: may have a host, without a port.
        case headers
        /// The left side of a redirect: never a host; a missing leading slash is added.
        case source
        /// The right side of a redirect: keeps query and fragment.
        case target
    }

    static func normalised(_ text: String, as role: Role) throws(Refusal) -> String {
        if let (host, rest) = splitHost(text) {
            if role == .source { throw .absoluteNotAllowed }
            if role == .headers, hasPort(host) { throw .portInHost }
            return "https://" + host + normalisedRest(rest, keepsQuery: role == .target)
        }
        let rooted = role == .source && text.utf8.first != .slash ? "/" + text : text
        guard rooted.utf8.first == .slash else { throw .notRelativeOrHTTPS }
        return normalisedRest(rooted, keepsQuery: role == .target)
    }

    /// The host of a text that begins with `https://`, up to the next slash, and what follows it.
    static func splitHost(_ text: String) -> (host: String, rest: String)? {
        guard text.beginsWith("https://") else { return nil }
        let afterSlashes = text.utf8.dropFirst("https://".utf8.count).drop { $0 == .slash }
        guard !afterSlashes.isEmpty else { return nil }
        let end = afterSlashes.firstIndex(of: .slash) ?? afterSlashes.endIndex
        return (String(text[afterSlashes.startIndex..<end]), String(text[end...]))
    }

    private static func hasPort(_ host: String) -> Bool {
        guard let colon = host.utf8.lastIndex(of: .colon) else { return false }
        let digits = host.utf8[host.utf8.index(after: colon)...]
        return !digits.isEmpty && digits.allSatisfy(\.isASCIIDigit)
    }

    private static func normalisedRest(_ text: String, keepsQuery: Bool) -> String {
        let parts = URLParts(text)
        // A rule is read as a URL of no special scheme: there a backslash is an ordinary character.
        var output = URLText.normalisedPath(parts.path, backslashIsSlash: false)
        guard keepsQuery else { return output }
        let query = URLText.escaped(parts.query, .escapedInQuery)
        if !query.isEmpty { output += "?" + String(decoding: query, as: UTF8.self) }
        let fragment = URLText.escaped(parts.fragment, .escapedInFragment)
        if !fragment.isEmpty { output += "#" + String(decoding: fragment, as: UTF8.self) }
        return output
    }
}

/// Path, query and fragment of a text without an origin, unescaped and without their `?` and `#`.
struct URLParts {
    let path: Substring.UTF8View
    let query: Substring.UTF8View
    let fragment: Substring.UTF8View

    init(_ text: String) {
        let bytes = text[...].utf8
        let fragmentMark = bytes.firstIndex(of: .hash) ?? bytes.endIndex
        let queryMark = bytes[..<fragmentMark].firstIndex(of: .question) ?? fragmentMark
        path = bytes[..<queryMark]
        query = bytes[queryMark..<fragmentMark].dropFirst()
        fragment = bytes[fragmentMark...].dropFirst()
    }
}
