/// One block of a `_headers` file.
struct HeaderBlock: Sendable, Equatable {
    struct Header: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// A path pattern, or `https://host/pattern`.
    var path: String
    /// Headers taken off the answer, before those below are set.
    var removals: [String] = []
    var headers: [Header]

    init(_ path: String, removals: [String] = [], _ headers: [(String, String)]) {
        self.path = path
        self.removals = removals
        self.headers = headers.map { Header(name: $0, value: $1) }
    }
}

extension [HeaderBlock] {
    /// What every bundle of ours sends.
    ///
    /// - Parameters:
    ///   - baseURL: Where the site is published. HSTS goes to this host only, and only over TLS: sent from localhost it would
    ///     lock out every other program there for a year.
    ///   - inlineScripts: `sha256-…` of each script that stands in a page: the import map.
    ///   - immutable: Whether the files below `/assets/` carry a hash in their names.
    static func standard(baseURL: String, inlineScripts: [String], immutable: Bool) -> [HeaderBlock] {
        let scripts = ["'self'"] + inlineScripts.map { "'\($0)'" }
        let policy = [
            "default-src 'none'", "script-src " + scripts.joined(separator: " "), "style-src 'self'",
            "img-src 'self' data:", "font-src 'self'", "media-src 'self'", "connect-src 'self'", "manifest-src 'self'",
            "worker-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
        ]
        var rules = [
            HeaderBlock(
                "/*",
                [
                    ("Content-Security-Policy", policy.joined(separator: "; ")),
                    ("Cross-Origin-Opener-Policy", "same-origin"),
                    (
                        "Permissions-Policy",
                        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
                    ),
                    ("Referrer-Policy", "strict-origin-when-cross-origin"),
                    ("X-Content-Type-Options", "nosniff"),
                ])
        ]
        // A host rule cannot name a port, and a name with one is not the published site.
        if baseURL.hasPrefix("https://"), !baseURL.dropFirst(8).contains(":") {
            rules.append(HeaderBlock(baseURL + "/*", [("Strict-Transport-Security", "max-age=31536000")]))
        }
        if immutable {
            rules.append(HeaderBlock("/assets/*", [("Cache-Control", "public, max-age=31536000, immutable")]))
        }
        return rules
    }

    /// These rules followed by the user's, with the user's word counting.
    ///
    /// Two traits of the format make this more than one list after the other. A path that occurs twice keeps its last block
    /// only, so blocks of the same path become one. And a header that an earlier rule has set is appended to, not replaced, so
    /// a rule that sets one of ours again takes it off first: the last rule that matches wins.
    func merged(withUser user: [HeaderBlock]) -> [HeaderBlock] {
        let ours = Set(flatMap(\.headers).map { $0.name.lowercased() })
        var rules = self
        for rule in user {
            guard let index = rules.firstIndex(where: { $0.path == rule.path }) else {
                rules.append(rule)
                continue
            }
            let named = Set((rule.removals + rule.headers.map(\.name)).map { $0.lowercased() })
            rules[index].headers.removeAll { named.contains($0.name.lowercased()) }
            rules[index].headers += rule.headers
            rules[index].removals += rule.removals
        }
        var setBefore: Set<String> = []
        for index in rules.indices {
            let removed = Set(rules[index].removals.map { $0.lowercased() })
            for header in rules[index].headers {
                let name = header.name.lowercased()
                if ours.contains(name) && setBefore.contains(name) && !removed.contains(name) {
                    rules[index].removals.append(header.name)
                }
                setBefore.insert(name)
            }
        }
        return rules.filter { !$0.headers.isEmpty || !$0.removals.isEmpty }
    }

    /// The file.
    func headersFile() -> String {
        var text = "# Made by the build. Rules of your own belong in site/public/_headers.\n"
        for rule in self {
            text += "\n\(rule.path)\n"
            for name in rule.removals { text += "  ! \(name)\n" }
            for header in rule.headers { text += "  \(header.name): \(header.value)\n" }
        }
        return text
    }
}
