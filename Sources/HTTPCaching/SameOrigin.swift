/// Which of the URLs that a message mentions belong to the origin of the request (RFC 9111 §4.4).
package struct SameOrigin: Sendable, Hashable {
    private let scheme: String
    private let authority: String
    /// The request's own, without dot segments.
    package let target: String

    package init(_ request: CacheRequest) {
        scheme = request.scheme.lowercased()
        authority = SameOrigin.authority(request.authority[...], scheme: scheme)
        target = SameOrigin.withoutDots(request.target)
    }

    /// `https://lily.test`, without a port that is meant anyway.
    package var text: String { "\(scheme)://\(authority)" }

    /// The path and query of a reference that lies on the same origin (RFC 3986 §5.2); `nil` for any other, and for none.
    package func target(of reference: String) -> String? {
        var rest = reference.trimmedOfBlanks.prefix { $0 != "#" }
        guard !rest.utf8.contains(where: { $0 <= 0x20 || $0 == 0x5C || $0 == 0x7F }) else { return nil }
        if let scheme = SameOrigin.scheme(rest) {
            guard scheme.lowercased() == self.scheme else { return nil }
            rest = rest.dropFirst(scheme.count + 1)
            guard rest.hasPrefix("//") else { return nil }
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            guard SameOrigin.authority(rest[..<end], scheme: scheme) == authority else { return nil }
            let path = rest[end...]
            return SameOrigin.withoutDots(path.hasPrefix("/") ? String(path) : "/" + path)
        }
        if rest.hasPrefix("/") { return SameOrigin.withoutDots(String(rest)) }
        let path = target.prefix { $0 != "?" }
        if rest.isEmpty { return nil }
        if rest.hasPrefix("?") { return String(path) + rest }
        let folder = path[..<(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.endIndex)]
        return SameOrigin.withoutDots(String(folder) + rest)
    }

    private static func scheme(_ text: Substring) -> Substring? {
        guard let colon = text.firstIndex(of: ":"), let first = text.utf8.first,
            (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first)
        else { return nil }
        let scheme = text[..<colon]
        let isScheme = scheme.utf8.allSatisfy {
            (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2B
                || $0 == 0x2D || $0 == 0x2E
        }
        return isScheme ? scheme : nil
    }

    /// In lower case and without the port that is meant anyway.
    private static func authority(_ text: Substring, scheme: String) -> String {
        let text = text.lowercased()
        let port = scheme == "https" ? ":443" : ":80"
        if text.hasSuffix(port) { return String(text.dropLast(port.count)) }
        return text.hasSuffix(":") ? String(text.dropLast()) : text
    }

    /// RFC 3986 §5.2.4, for the path in front of a query.
    private static func withoutDots(_ target: String) -> String {
        guard target.contains("/.") else { return target }
        let path = target.prefix { $0 != "?" }
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                if kept.count > 1 { kept.removeLast() }
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return kept.joined(separator: "/") + target[path.endIndex...]
    }
}
