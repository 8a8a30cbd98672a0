/// The list form of `run_worker_first`: which raw paths go to the Worker before assets are looked at.
///
/// Only `*` is special, and takes any run of characters, `/` included. A rule that begins with `!` sends its paths to
/// the assets for good, and such rules win over the others.
public struct WorkerFirstRules: Sendable, Hashable {
    public static let maximumRules = 100
    public static let maximumLength = 100

    /// What is wrong with a list. Any of these stops the tool.
    public struct Problem: Sendable, Hashable {
        public enum Code: String, Sendable, Hashable {
            case emptyList = "empty_list"
            case tooManyRules = "too_many_rules"
            case onlyNegativeRules = "only_negative_rules"
            case invalidRule = "invalid_rule"
            case ruleTooLong = "rule_too_long"
            case duplicateRule = "duplicate_rule"
            case redundantRule = "redundant_rule"
        }
        public let code: Code
        /// The rule at fault; nil when it is the list as a whole.
        public let rule: String?
        /// One plain sentence.
        public let message: String
    }

    /// All that is wrong with a list, to be shown together.
    public struct Invalid: Error, Sendable, Hashable {
        public let problems: [Problem]
    }

    private struct Glob: Sendable, Hashable {
        let rule: String
        /// The text between stars.
        let pieces: [[UInt8]]

        init(_ rule: String, _ pattern: Substring) {
            self.rule = rule
            pieces = pattern.utf8.split(separator: .star, omittingEmptySubsequences: false).map(Array.init)
        }

        func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
            guard let first = pieces.first, let last = pieces.last else { return false }
            if pieces.count == 1 { return text.count == first.count && text.has(first, at: 0) }
            guard text.count >= first.count + last.count, text.has(first, at: 0),
                text.has(last, at: text.count - last.count)
            else { return false }
            // The leftmost place for each piece in turn leaves the most room for the rest.
            var position = first.count
            let end = text.count - last.count
            for piece in pieces.dropFirst().dropLast() {
                var start = position
                while start + piece.count <= end, !text.has(piece, at: start) { start += 1 }
                guard start + piece.count <= end else { return false }
                position = start + piece.count
            }
            return true
        }
    }

    private let positive: [Glob]
    private let negative: [Glob]

    public init(_ rules: [String]) throws(Invalid) {
        let problems = Self.problems(in: rules)
        guard problems.isEmpty else { throw Invalid(problems: problems) }
        positive = rules.filter { !$0.beginsWith("!") }.map { Glob($0, $0[...]) }
        negative = rules.filter { $0.beginsWith("!") }.map { Glob($0, $0.dropFirst()) }
    }

    /// The rule that sends the path to the assets for good.
    func negativeMatch(_ path: String) -> String? {
        negative.isEmpty ? nil : path.withBytes { bytes in negative.first { $0.matches(bytes) }?.rule }
    }

    /// The rule that sends the path to the Worker.
    func positiveMatch(_ path: String) -> String? {
        path.withBytes { bytes in positive.first { $0.matches(bytes) }?.rule }
    }

    /// Everything wrong with a list. The problems of the list as a whole are reported alone, since they make the rest
    /// moot.
    public static func problems(in rules: [String]) -> [Problem] {
        if rules.isEmpty {
            return [
                Problem(
                    code: .emptyList, rule: nil, message: "run_worker_first needs at least one rule, or true or false.")
            ]
        }
        if rules.count > maximumRules {
            let message = "run_worker_first has \(rules.count) rules; \(maximumRules) are allowed."
            return [Problem(code: .tooManyRules, rule: nil, message: message)]
        }
        if rules.allSatisfy({ $0.beginsWith("!") }) {
            let message =
                "run_worker_first has only rules that begin with `!`; add one that names paths for the Worker."
            return [Problem(code: .onlyNegativeRules, rule: nil, message: message)]
        }
        var problems: [Problem] = []
        var seen: Set<ExactString> = []
        for rule in rules {
            if !rule.beginsWith("/"), !rule.beginsWith("!/") {
                problems.append(
                    .init(code: .invalidRule, rule: rule, message: "`\(rule)` has to begin with `/` or `!/`."))
            } else if rule.utf16.count > maximumLength {
                let message = "`\(rule)` is longer than \(maximumLength) characters."
                problems.append(.init(code: .ruleTooLong, rule: rule, message: message))
            } else if !seen.insert(ExactString(rule)).inserted {
                problems.append(.init(code: .duplicateRule, rule: rule, message: "`\(rule)` is there twice."))
            } else if let wider = rules.first(where: { covers($0, rule) }) {
                let message = "`\(wider)` already covers `\(rule)`; remove the latter."
                problems.append(.init(code: .redundantRule, rule: rule, message: message))
            }
        }
        return problems
    }

    /// Both signs are compared as text: a `!` at the front of both is a common prefix like any other.
    private static func covers(_ wider: String, _ rule: String) -> Bool {
        guard wider.endsIn("*"), !wider.utf8.elementsEqual(rule.utf8) else { return false }
        return rule.beginsWith(wider.droppingLast(1))
    }
}
