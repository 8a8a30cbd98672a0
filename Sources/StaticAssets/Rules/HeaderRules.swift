/// One block of a `_headers` file.
public struct HeaderRule: Sendable, Hashable {
    /// A path, or `https://host/path`, normalised; may hold one `*` and placeholders.
    public let path: String
    /// Lower-case names in the order of the file.
    public internal(set) var set: [HeaderField] = []
    /// Names to remove, as typed.
    public internal(set) var unset: [String] = []
    /// The line of the path.
    public let line: Int
    /// That line as typed, trimmed.
    let text: String

    var isEmpty: Bool { self.set.isEmpty && unset.isEmpty }
}

/// A `_headers` file, read and ready to be applied to answers.
public struct HeaderRules: Sendable {
    /// The documented number of rules. One more gets through, because the count is tested before the rule in hand is
    /// added; upstream behaves the same.
    public static let maximumRules = 100

    /// Every block that was kept, in the order of the file.
    public let rules: [HeaderRule]
    public let problems: [RuleProblem]
    public let warnings: [RuleWarning]

    struct Compiled: Sendable {
        let rule: HeaderRule
        let pattern: PathPattern
        let isHostBound: Bool
        /// Headers whose value mentions a wildcard are filled per request; the rest go in as they are.
        let sets: [(field: HeaderField, isFilled: Bool)]
        let fillsAny: Bool
        /// Lower case.
        let unsets: [String]
    }

    /// The rules that can match, in order, each path once.
    let compiled: [Compiled]
    /// Positions in `compiled` of the rules that are one exact path.
    let exact: [String: Int]
    /// Positions in `compiled` of all others.
    let patterned: [Int]
    let hosts: HostPatterns

    public init(_ text: String) {
        var parser = HeaderFileParser()
        parser.read(text)
        rules = parser.rules
        problems = parser.problems

        // A path that comes again keeps its first place and gets the last content.
        var latest: [ExactString: HeaderRule] = [:]
        var order: [ExactString] = []
        var warnings: [RuleWarning] = []
        for rule in rules {
            let key = ExactString(rule.path)
            if let earlier = latest.updateValue(rule, forKey: key) {
                warnings.append(.repeatedPath(earlier, by: rule))
            } else {
                order.append(key)
            }
        }

        var compiled: [Compiled] = []
        for key in order {
            guard let rule = latest[key] else { continue }
            let pattern = PathPattern(rule.path)
            if let flaw = pattern.flaw {
                warnings.append(.dead(flaw, line: rule.line, text: rule.text))
                continue
            }
            compiled.append(Compiled(rule, pattern, &warnings))
        }
        if rules.count > Self.maximumRules, let last = rules.last {
            warnings.append(.manyRules(last))
        }
        self.warnings = warnings.sorted { $0.line < $1.line }
        self.compiled = compiled

        var exact: [String: Int] = [:]
        var patterned: [Int] = []
        for (position, rule) in compiled.enumerated() {
            if rule.pattern.isLiteral, !rule.isHostBound {
                exact[rule.rule.path] = position
            } else {
                patterned.append(position)
            }
        }
        self.exact = exact
        self.patterned = patterned
        hosts = HostPatterns(compiled)
    }

    public var isEmpty: Bool { compiled.isEmpty }
}

extension HeaderRules.Compiled {
    init(_ rule: HeaderRule, _ pattern: PathPattern, _ warnings: inout [RuleWarning]) {
        self.rule = rule
        self.pattern = pattern
        isHostBound = rule.path.beginsWith("https://")
        if let host = RulePath.splitHost(rule.path)?.host {
            // Placeholder names may have capitals; text that a request's host is compared with may not.
            let text = PathPattern("https://" + host).literals.joined()
            if text.contains(where: ClosedRange<UInt8>.upperCase.contains) { warnings.append(.hostInCapitals(rule)) }
        }
        var sets: [(HeaderField, Bool)] = []
        for field in rule.set {
            guard field.isSendable else {
                warnings.append(.unsendable(field, rule))
                continue
            }
            sets.append((field, pattern.isUsed(in: field.value)))
        }
        self.sets = sets
        fillsAny = sets.contains { $0.1 }
        unsets = rule.unset.map { String(RuleLines.trimmed($0[...])).lowercased() }
    }
}

extension HeaderField {
    private static let tokenBytes = ByteSet("!#$%&'*+-.^_`|~", and: .digits, .upperCase, .lowerCase)

    /// Whether HTTP can carry the field (RFC 9110 §5.1 and §5.5).
    var isSendable: Bool {
        !name.isEmpty && name.utf8.allSatisfy(Self.tokenBytes.contains)
            && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
    }
}

extension RuleWarning {
    static func dead(_ flaw: PathPattern.Flaw, line: Int, text: String) -> RuleWarning {
        switch flaw {
        case .repeatedName(let name):
            RuleWarning(
                .deadPattern, line: line, text: text,
                "This rule never matches, because two of its wildcards have the name `:\(name)`.")
        case .nameBeginsLaterName(let name, let later):
            RuleWarning(
                .deadPattern, line: line, text: text,
                "This rule never matches, because `:\(later)` begins with the earlier name `:\(name)`; rename one."
            )
        }
    }

    fileprivate static func repeatedPath(_ earlier: HeaderRule, by rule: HeaderRule) -> RuleWarning {
        RuleWarning(
            .repeatedPath, line: earlier.line, text: earlier.text,
            "This block is replaced by the one for the same path on line \(rule.line).")
    }

    fileprivate static func manyRules(_ last: HeaderRule) -> RuleWarning {
        RuleWarning(
            .manyHeaderRules, line: last.line, text: last.text,
            "The documented limit is \(HeaderRules.maximumRules) rules, and this one is beyond it.")
    }

    fileprivate static func hostInCapitals(_ rule: HeaderRule) -> RuleWarning {
        RuleWarning(
            .hostNeverMatches, line: rule.line, text: rule.text,
            "This rule never matches, because hosts of requests are in lower case.")
    }

    fileprivate static func unsendable(_ field: HeaderField, _ rule: HeaderRule) -> RuleWarning {
        RuleWarning(
            .unsendableHeader, line: rule.line, text: rule.text,
            "The header `\(field.name)` has characters that HTTP does not allow, so it is not sent.")
    }
}
