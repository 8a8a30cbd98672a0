/// Which of the hosts that header rules name a request's host satisfies, as bits.
///
/// Two requests with equal bits and equal raw path get the same headers from the rules, so a server can keep complete
/// answers under (signature, raw path) instead of under every host a client cares to invent.
struct HostPatterns: Sendable {
    private struct Entry: Sendable {
        let pattern: PathPattern
        /// A rule with this host inserts a part of the host into a value: then equal bits do not mean equal headers.
        var isInsertedIntoValues: Bool
    }

    private var entries: [Entry] = []

    init(_ rules: [HeaderRules.Compiled]) {
        var positions: [ExactString: Int] = [:]
        for rule in rules where rule.isHostBound {
            guard let host = RulePath.splitHost(rule.rule.path)?.host else { continue }
            var texts = ["https://" + host]
            // A star in the host matches slashes too, so a rule can match when the star runs on into the path. Whether
            // it may depends on the host's beginning, which is a bit of its own.
            if let star = host.utf8.firstIndex(of: .star) { texts.append("https://" + host[...star]) }
            for text in texts {
                let pattern = PathPattern(text)
                let inserts = rule.rule.set.contains { pattern.isUsed(in: $0.value) }
                if let known = positions[ExactString(text)] {
                    entries[known].isInsertedIntoValues = entries[known].isInsertedIntoValues || inserts
                } else {
                    positions[ExactString(text)] = entries.count
                    entries.append(Entry(pattern: pattern, isInsertedIntoValues: inserts))
                }
            }
        }
    }

    func signature(of host: String) -> UInt64? {
        if entries.isEmpty { return 0 }
        guard entries.count <= UInt64.bitWidth else { return nil }
        let subject = "https://" + host
        return subject.withBytes { bytes in
            var bits: UInt64 = 0
            for (position, entry) in entries.enumerated() where entry.pattern.matches(bytes) {
                if entry.isInsertedIntoValues { return nil }
                bits |= 1 << UInt64(position)
            }
            return bits
        }
    }
}

extension HeaderRules {
    /// A bit for each host pattern that `host` (lower case, no port) satisfies; 0 when no rule names a host.
    ///
    /// Answers may be kept under (signature, raw path). Nil means they may not: there are more than 64 patterns, or a
    /// rule that matches this host copies a part of it into a header.
    public func hostSignature(_ host: String) -> UInt64? { hosts.signature(of: host) }
}
