import Workers

/// Who may reach the paths under `/cdn-cgi/`: only names of this machine and of the configured routes, in `Host` and in
/// `Origin`. A page elsewhere could otherwise run the developer's handlers, by a link or by DNS rebinding.
package struct LocalHostRule: Sendable {
    private let exact: Set<String>
    /// Endings, with the dot where the pattern has one.
    private let endings: [String]

    /// - Parameter routes: the patterns of the configuration: `example.com/*`, `*.example.com/api`, `shop.test`.
    package init(routes: [String] = []) {
        var exact: Set<String> = []
        var endings: [String] = []
        for route in routes {
            let name = LocalHostRule.name(route)
            if name.hasPrefix("*") {
                endings.append(String(name.dropFirst()))
            } else if !name.isEmpty {
                exact.insert(name)
            }
        }
        self.exact = exact
        // A pattern of a star alone would open the paths to everybody; it names no host.
        self.endings = endings.filter { !$0.isEmpty }
    }

    /// The answer to a request that must not pass, `nil` for one that may.
    ///
    /// - Parameters:
    ///   - authority: the `Host` header.
    ///   - origin: the `Origin` header; browsers send it when another site asks. `null` is nobody's.
    package func refusal(path: String, authority: String, origin: String?) -> Response? {
        guard path.hasPrefix("/cdn-cgi/") else { return nil }
        guard allows(LocalHostRule.name(authority)) else { return .text("Invalid Host header", status: .forbidden) }
        guard let origin else { return nil }
        guard origin.contains("://"), allows(LocalHostRule.name(origin)) else {
            return .text("Invalid Origin header", status: .forbidden)
        }
        return nil
    }

    /// Whether an authority names this machine: what a page elsewhere reaches by DNS rebinding does not.
    package static func namesThisMachine(_ authority: String) -> Bool { isLoopback(name(authority)) }

    private func allows(_ name: String) -> Bool {
        if name.isEmpty { return false }
        if LocalHostRule.isLoopback(name) || exact.contains(name) { return true }
        return endings.contains { name.hasSuffix($0) }
    }

    /// The host of a URL, a route pattern or an authority: lower case, without port and without the closing dot.
    private static func name(_ text: String) -> String {
        var rest = text[...]
        if let scheme = text.firstRange(of: "://") { rest = text[scheme.upperBound...] }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // Nothing may stand before the host: `localhost@evil.example` is another one's.
        guard !rest.contains("@") else { return "" }
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return "" }
            return rest[...end].lowercased()
        }
        var name = rest.prefix { $0 != ":" }
        if name.last == "." { name = name.dropLast() }
        return name.lowercased()
    }

    /// RFC 6761 §6.3: `localhost` and all names under it; RFC 1122 §3.2.1.3: all of 127/8.
    private static func isLoopback(_ name: String) -> Bool {
        if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil && $0.first != "+" }
    }
}
