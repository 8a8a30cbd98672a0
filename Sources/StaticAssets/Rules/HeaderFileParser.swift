/// Reads a `_headers` file line by line.
///
/// Indentation plays no part: a line that begins with `/` or looks like a URL starts a rule, any other belongs to the
/// rule above it.
struct HeaderFileParser {
    private(set) var rules: [HeaderRule] = []
    private(set) var problems: [RuleProblem] = []

    private enum State {
        case beforeFirstPath
        case inRule(HeaderRule)
        /// Under a path that was refused: its lines say nothing more.
        case skipping
    }
    private var state = State.beforeFirstPath

    mutating func read(_ text: String) {
        for line in RuleLines(text).lines {
            if line.length > RuleLines.maximumLength {
                problems.append(RuleProblem(.lineTooLong, line: line.number))
            } else if Self.isPathLine(line.text) {
                guard rules.count < HeaderRules.maximumRules else {
                    problems.append(RuleProblem(.tooManyRules, skippedLines: line.remaining))
                    break
                }
                closeRule(nextPathLine: line.number)
                openRule(line)
            } else {
                readInside(line)
            }
        }
        closeRule(nextPathLine: nil)
    }

    /// `/…`, or anything without blanks before a `://`. A header whose value holds a URL right after the colon is
    /// caught too, as upstream does.
    private static func isPathLine(_ text: String) -> Bool {
        if text.utf8.first == .slash { return true }
        let word = Array(text[...].unicodeScalars.prefix { !RuleLines.isSpace($0) })
        guard word.count > 3 else { return false }
        return (1...(word.count - 3)).contains { word[$0] == ":" && word[$0 + 1] == "/" && word[$0 + 2] == "/" }
    }

    private mutating func closeRule(nextPathLine: Int?) {
        guard case .inRule(let rule) = state else { return }
        if rule.isEmpty {
            problems.append(RuleProblem(.ruleWithoutHeaders, line: nextPathLine, text: rule.text))
        } else {
            rules.append(rule)
        }
        state = .beforeFirstPath
    }

    private mutating func openRule(_ line: RuleLines.Line) {
        func refuse(_ code: RuleProblem.Code) -> State {
            problems.append(RuleProblem(code, line: line.number, text: line.text))
            return .skipping
        }
        do throws(RulePath.Refusal) {
            let path = try RulePath.normalised(line.text, as: .headers)
            let names = PathPattern(path).names
            let stars = path.utf8.count { $0 == .star }
            if stars > 1 {
                state = refuse(.multipleWildcards)
            } else if stars == 1, names.count(where: { $0.lowercased() == "splat" }) > 1 {
                state = refuse(.wildcardWithSplatPlaceholder)
            } else {
                state = .inRule(HeaderRule(path: path, line: line.number, text: line.text))
            }
        } catch {
            state = refuse(error == .portInHost ? .portInHost : .notRelativeOrHTTPS)
        }
    }

    private mutating func readInside(_ line: RuleLines.Line) {
        if case .skipping = state { return }
        func refuse(_ code: RuleProblem.Code) {
            problems.append(RuleProblem(code, line: line.number, text: line.text))
        }
        guard let colon = line.text.utf8.firstIndex(of: .colon) else {
            guard case .inRule(var rule) = state else { return refuse(.expectedPath) }
            guard line.text.beginsWith("! ") else { return refuse(.expectedHeaderPair) }
            rule.unset.append(String(line.text.dropFirst(2)))
            state = .inRule(rule)
            return
        }
        let name = RuleLines.trimmed(line.text[..<colon]).lowercased()
        let value = String(RuleLines.trimmed(line.text[line.text.utf8.index(after: colon)...]))
        if name.utf8.contains(0x20) { return refuse(.spaceInHeaderName) }
        if name.isEmpty { return refuse(.emptyHeaderName) }
        if value.isEmpty { return refuse(.emptyHeaderValue) }
        guard case .inRule(var rule) = state else { return refuse(.headerBeforePath) }
        if let existing = rule.set.firstIndex(where: { $0.name == name }) {
            rule.set[existing].value += ", " + value
        } else {
            rule.set.append(HeaderField(name, value))
        }
        state = .inRule(rule)
    }
}
