/// Why a configuration of a bucket is refused: one sentence.
package struct R2InvalidConfiguration: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    init(_ description: String) { self.description = description }
}

/// Which other sites' scripts may use a bucket (R2 documentation, page "Configure CORS"). One that exists is valid.
package struct R2CORSConfiguration: Sendable, Hashable {
    package struct Rule: Sendable, Hashable {
        package var id: String?
        /// `*`, `https://example.com`, `https://*.example.com`.
        package var origins: [String]
        package var methods: [String]
        /// Names, any of which may have one `*`.
        package var headers: [String]
        package var exposedHeaders: [String]
        package var maxAge: Int?

        package init(
            id: String? = nil, origins: [String], methods: [String], headers: [String] = [],
            exposedHeaders: [String] = [], maxAge: Int? = nil
        ) {
            self.id = id
            self.origins = origins
            self.methods = methods
            self.headers = headers
            self.exposedHeaders = exposedHeaders
            self.maxAge = maxAge
        }
    }

    /// What the response to an allowed request says.
    package struct Answer: Sendable, Hashable {
        /// `*`, or the origin that asked.
        package var origin: String
        package var methods: [String]
        /// Those that were asked for, in lower case.
        package var headers: [String]
        package var exposedHeaders: [String]
        package var maxAge: Int?
    }

    package static let maxRules = 100
    package static let methods: Set<String> = ["GET", "PUT", "POST", "DELETE", "HEAD"]

    package let rules: [Rule]

    package init(_ rules: [Rule]) throws(R2InvalidConfiguration) {
        guard (1...Self.maxRules).contains(rules.count) else {
            throw R2InvalidConfiguration("A CORS configuration has 1 to \(Self.maxRules) rules, not \(rules.count).")
        }
        for rule in rules { try rule.check() }
        self.rules = rules
    }

    /// The first rule that allows a request decides.
    ///
    /// - Parameters:
    ///   - method: of the request; of a preflight, `Access-Control-Request-Method`.
    ///   - headers: the names in `Access-Control-Request-Headers`.
    /// - Returns: `nil` when none allows it.
    package func answer(origin: String, method: String, headers: [String] = []) -> Answer? {
        for rule in rules {
            guard rule.methods.contains(method), let pattern = rule.origin(for: origin) else { continue }
            guard headers.allSatisfy({ rule.allows(header: $0) }) else { continue }
            return Answer(
                origin: pattern == "*" ? "*" : origin, methods: rule.methods, headers: headers.map { $0.lowercased() },
                exposedHeaders: rule.exposedHeaders, maxAge: rule.maxAge)
        }
        return nil
    }
}

extension R2CORSConfiguration.Rule {
    fileprivate func origin(for origin: String) -> String? { origins.first { Wildcard($0).matches(origin) } }

    fileprivate func allows(header: String) -> Bool {
        headers.contains { Wildcard($0.lowercased()).matches(header.lowercased()) }
    }

    fileprivate func check() throws(R2InvalidConfiguration) {
        if origins.isEmpty { throw R2InvalidConfiguration("A CORS rule needs an AllowedOrigin.") }
        if methods.isEmpty { throw R2InvalidConfiguration("A CORS rule needs an AllowedMethod.") }
        for origin in origins where !Self.isOrigin(origin) {
            throw R2InvalidConfiguration(
                "The AllowedOrigin \(origin) is not *, nor scheme://host[:port] with at most one * and no path.")
        }
        for method in methods where !R2CORSConfiguration.methods.contains(method) {
            throw R2InvalidConfiguration("The AllowedMethod \(method) is none of GET, PUT, POST, DELETE and HEAD.")
        }
        for name in headers where name.isEmpty || Wildcard.stars(name) > 1 {
            throw R2InvalidConfiguration("The AllowedHeader \"\(name)\" is empty or has more than one *.")
        }
        for name in exposedHeaders where name.isEmpty || Wildcard.stars(name) > 0 {
            throw R2InvalidConfiguration("The ExposeHeader \"\(name)\" is empty or has a *.")
        }
        if let maxAge, !(0...86_400).contains(maxAge) {
            throw R2InvalidConfiguration("MaxAgeSeconds is 0 to 86400, not \(maxAge).")
        }
    }

    private static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        let bytes = Array(text.utf8)
        guard Wildcard.stars(text) <= 1, let colon = bytes.firstIndex(of: 0x3A), colon > 0 else { return false }
        let scheme = bytes[..<colon]
        let rest = bytes[colon...].dropFirst()
        guard rest.starts(with: [0x2F, 0x2F]) else { return false }
        let host = rest.dropFirst(2)
        let isScheme = scheme.allSatisfy {
            (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || [0x2A, 0x2B, 0x2D, 0x2E].contains($0)
        }
        // No path, query, fragment, user, space or control.
        let isHost = host.allSatisfy { $0 > 0x20 && $0 < 0x7F && ![0x2F, 0x3F, 0x23, 0x40].contains($0) }
        return isScheme && isHost && !host.isEmpty
    }
}

/// A text with one `*` at most, which stands for any bytes.
private struct Wildcard {
    private let before: [UInt8]
    private let after: [UInt8]?

    init(_ pattern: String) {
        let parts = pattern.utf8.split(separator: 0x2A, maxSplits: 1, omittingEmptySubsequences: false)
        before = Array(parts[0])
        after = parts.count > 1 ? Array(parts[1]) : nil
    }

    static func stars(_ text: String) -> Int { text.utf8.count { $0 == 0x2A } }

    func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let after else { return bytes == before }
        return bytes.count >= before.count + after.count && bytes.starts(with: before)
            && bytes.suffix(after.count).elementsEqual(after)
    }
}

extension LocalR2Bucket {
    /// `nil` when there is none. Throws `R2Failure`.
    package func cors() async throws -> R2CORSConfiguration? { try await store.read { try $0.cors() } }

    /// Replaces the configuration, or removes it. Throws `R2Failure`.
    package func setCORS(_ cors: R2CORSConfiguration?) async throws { try await store.write { try $0.save(cors) } }
}
