import StaticAssets

/// The user's `_headers` and `_redirects`, read as the asset server will read them.
///
/// The server leaves out what it does not understand and says nothing. A build is the last chance to tell, so what the server
/// would drop is an error here, and what it accepts but nobody means is a warning.
struct RuleFiles {
    /// The blocks of `_headers`, each path once with the content of its last block.
    private(set) var headerBlocks: [HeaderBlock] = []
    /// The text of `_redirects`, if there is one.
    private(set) var redirectsText: String?
    private(set) var problems: [Diagnostic] = []

    /// - Parameter folder: What problems call the folder: `site/public`.
    init(headers: [UInt8]?, redirects: [UInt8]?, folder: String) {
        if let headers {
            let text = String(decoding: headers, as: UTF8.self)
            let rules = HeaderRules(text)
            report(rules.problems, rules.warnings, text: text, file: folder + "/_headers")
            for rule in rules.rules {
                let block = HeaderBlock(rule.path, removals: rule.unset, rule.set.map { ($0.name, $0.value) })
                if let index = headerBlocks.firstIndex(where: { $0.path == rule.path }) {
                    headerBlocks[index] = block
                } else {
                    headerBlocks.append(block)
                }
            }
        }
        if let redirects {
            let text = String(decoding: redirects, as: UTF8.self)
            let rules = RedirectRules(text)
            report(rules.problems, rules.warnings, text: text, file: folder + "/_redirects")
            redirectsText = text
        }
    }

    /// Problems that the merged files have and the user's own do not: the limits, and lines of ours.
    static func limits(headers: String, redirects: String, folder: String) -> [Diagnostic] {
        var problems: [Diagnostic] = []
        let blocks = HeaderRules(headers).rules.count
        if blocks > HeaderRules.maximumRules {
            problems.append(
                Diagnostic(
                    file: folder + "/_headers",
                    message: "With those of the build there are \(blocks) header rules; asset servers read "
                        + "\(HeaderRules.maximumRules).", hint: "Join rules with a `*`, or remove some."))
        }
        for problem in HeaderRules(headers).problems where problem.code == .lineTooLong {
            problems.append(
                Diagnostic(
                    file: folder + "/_headers", message: "A header that the build writes is too long to be read.",
                    hint: "Fewer scripts inside pages make a shorter Content-Security-Policy."))
        }
        for problem in RedirectRules(redirects).problems
        where problem.code == .tooManyStaticRules || problem.code == .tooManyDynamicRules {
            problems.append(
                Diagnostic(
                    file: folder + "/_redirects",
                    message: "With those for the client's routes there are too many redirects: asset servers read "
                        + "\(RedirectRules.maximumStaticRules), and \(RedirectRules.maximumDynamicRules) with `*` or `:name`.",
                    hint: "Join rules, or list fewer `routes` in site.toml."))
        }
        return problems.inReadingOrder()
    }

    private mutating func report(_ problems: [RuleProblem], _ warnings: [RuleWarning], text: String, file: String) {
        // As the format counts lines, which `isNewline` does not: it takes a form feed for one.
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        func diagnostic(_ severity: Diagnostic.Severity, _ line: Int?, _ message: String) -> Diagnostic {
            guard let line, lines.indices.contains(line - 1) else {
                return Diagnostic(severity, file: file, message: message)
            }
            var source = Substring(lines[line - 1])
            if source.hasSuffix("\r") || source.hasSuffix("\r\n") { source.removeLast() }
            let indentation = source.prefix { $0 == " " || $0 == "\t" }.count
            // A line of thousands of characters would bury the message.
            let shown = source.count > 200 ? source.prefix(200) + "…" : source
            return Diagnostic(
                severity, file: file, line: line, column: indentation + 1, message: message, sourceLine: String(shown))
        }
        for problem in problems {
            var line = problem.line
            if problem.code == .ruleWithoutHeaders, let path = problem.text {
                // It is noticed at the next path, or at the end; the rule that lacks something stands before.
                let before = lines.prefix(problem.line.map { $0 - 1 } ?? lines.count)
                line = before.lastIndex { Substring($0).contains(path) }.map { $0 + 1 }
            }
            self.problems.append(diagnostic(.error, line, problem.message))
        }
        for warning in warnings { self.problems.append(diagnostic(.warning, warning.line, warning.message)) }
    }
}
