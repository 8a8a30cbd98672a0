/// One line of a `_redirects` file.
public struct RedirectRule: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// One exact path, found by looking it up.
        case `static`
        /// Has a wildcard, or stands after a rule that has one: tried in the order of the file.
        case dynamic
    }

    public let from: String
    public let to: String
    /// 301, 302, 303, 307 or 308; 200 shows another file under the same address.
    public let status: Int
    public let line: Int
    public let kind: Kind
}

/// A `_redirects` file, read and ready to be asked.
public struct RedirectRules: Sendable {
    public static let maximumStaticRules = 2000
    public static let maximumDynamicRules = 100

    /// What a rule makes of a request.
    public struct Action: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            /// The value of `Location`. `dependsOnOrigin` is true when it was written with the request's scheme, host
            /// and port in view, so that it must not be reused for another host.
            case redirect(status: Int, location: String, dependsOnOrigin: Bool)
            /// Go on as if this raw path had been asked for.
            case rewrite(path: String)
        }
        public let kind: Kind
        /// The line of the rule.
        public let line: Int
    }

    private struct Compiled: Sendable {
        let rule: RedirectRule
        let pattern: PathPattern
        /// Parsed once; nil when the target has to be filled first.
        let target: RedirectTarget?
    }

    /// Every line that was kept, in the order of the file.
    public let rules: [RedirectRule]
    public let problems: [RuleProblem]
    public let warnings: [RuleWarning]
    private let staticRules: [String: Compiled]
    private let dynamicRules: [Compiled]

    public init(_ text: String, htmlHandling: HTMLHandling = .autoTrailingSlash) {
        var parser = RedirectFileParser(htmlHandling: htmlHandling)
        parser.read(text)
        rules = parser.rules
        problems = parser.problems

        var warnings = parser.warnings
        var staticRules: [String: Compiled] = [:]
        var dynamicRules: [Compiled] = []
        for rule in parser.rules {
            let text = "\(rule.from) \(rule.to) \(rule.status)"
            let pattern = PathPattern(rule.from)
            if let flaw = pattern.flaw {
                warnings.append(.dead(flaw, line: rule.line, text: text))
                continue
            }
            if rule.kind == .static {
                staticRules[rule.from] = Compiled(rule: rule, pattern: pattern, target: RedirectTarget(rule.to))
                continue
            }
            if pattern.isLiteral { warnings.append(.staticAfterDynamic(line: rule.line, text: text)) }
            let isFixed = !pattern.isUsed(in: rule.to)
            let target = isFixed ? RedirectTarget(Self.collapsed(rule.to)) : nil
            dynamicRules.append(Compiled(rule: rule, pattern: pattern, target: target))
        }
        self.warnings = warnings.sorted { $0.line < $1.line }
        self.staticRules = staticRules
        self.dynamicRules = dynamicRules
    }

    public var isEmpty: Bool { staticRules.isEmpty && dynamicRules.isEmpty }

    /// The first rule for a raw path: static ones by look-up, then dynamic ones in order. A rule whose filled target is
    /// no URL (a captured value that cannot be a host) is passed over.
    public func action(path: String, query: String, origin: RequestOrigin) -> Action? {
        if !staticRules.isEmpty, let found = staticRules[path], let target = found.target {
            return Self.action(found.rule, target, query: query, origin: origin)
        }
        guard !dynamicRules.isEmpty else { return nil }
        return path.withBytes { bytes in
            for candidate in dynamicRules {
                guard candidate.pattern.matches(bytes) else { continue }
                if let target = candidate.target ?? Self.filledTarget(candidate, bytes) {
                    return Self.action(candidate.rule, target, query: query, origin: origin)
                }
            }
            return nil
        }
    }

    private static func filledTarget(_ rule: Compiled, _ path: UnsafeBufferPointer<UInt8>) -> RedirectTarget? {
        guard let ranges = rule.pattern.match(path) else { return nil }
        return RedirectTarget(collapsed(rule.pattern.filled(rule.rule.to, from: path, ranges)))
    }

    private static func action(
        _ rule: RedirectRule, _ target: RedirectTarget, query: String, origin: RequestOrigin
    ) -> Action {
        if rule.status == 200 { return Action(kind: .rewrite(path: target.path), line: rule.line) }
        let location = target.location(from: origin, requestQuery: query)
        let dependsOnOrigin = target.authority != nil
        return Action(
            kind: .redirect(status: rule.status, location: location, dependsOnOrigin: dependsOnOrigin), line: rule.line)
    }

    /// In a relative target, runs of `/` become one: `/s/* /:splat` must not send `/s//evil.example` off the site.
    private static func collapsed(_ target: String) -> String {
        let text = RuleLines.trimmed(target[...])
        guard text.utf8.first == .slash else { return String(text) }
        var output: [UInt8] = []
        for byte in text.utf8 where byte != .slash || output.last != .slash { output.append(byte) }
        return String(decoding: output, as: UTF8.self)
    }
}

extension RuleWarning {
    fileprivate static func staticAfterDynamic(line: Int, text: String) -> RuleWarning {
        RuleWarning(
            .staticAfterDynamic, line: line, text: text,
            "Move this line above the rules with `*` or `:name`: here it counts against their smaller limit.")
    }
}
