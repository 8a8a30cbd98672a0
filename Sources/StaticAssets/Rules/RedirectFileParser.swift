/// Reads a `_redirects` file line by line. The order of the checks is part of the format: a line that fails a later one
/// has already used up its share of the limits.
struct RedirectFileParser {
    /// Cloudflare's documentation promises this much; its tools take twice as much.
    private static let documentedLength = 1000

    private(set) var rules: [RedirectRule] = []
    private(set) var problems: [RuleProblem] = []
    private(set) var warnings: [RuleWarning] = []

    private let htmlHandling: HTMLHandling
    private var seen: Set<String> = []
    private var staticCount = 0
    private var dynamicCount = 0

    init(htmlHandling: HTMLHandling) { self.htmlHandling = htmlHandling }

    mutating func read(_ text: String) {
        for line in RuleLines(text).lines {
            switch check(line) {
            case .keep(let rule):
                rules.append(rule)
                if line.length > Self.documentedLength { warnings.append(.long(line)) }
            case .drop(let problem):
                problems.append(problem)
            case .stop(let problem):
                problems.append(problem)
                return
            }
        }
    }

    private enum Outcome {
        case keep(RedirectRule)
        case drop(RuleProblem)
        case stop(RuleProblem)
    }

    private mutating func check(_ line: RuleLines.Line) -> Outcome {
        func drop(_ code: RuleProblem.Code) -> Outcome {
            .drop(RuleProblem(code, line: line.number, text: line.text))
        }
        if line.length > RuleLines.maximumLength { return .drop(RuleProblem(.lineTooLong, line: line.number)) }

        let tokens = Array(RuleLines.tokens(of: line.text).prefix { $0.utf8.first != .hash })
        guard tokens.count == 2 || tokens.count == 3 else { return drop(.wrongTokenCount) }

        guard let from = try? RulePath.normalised(tokens[0], as: .source) else { return drop(.absoluteURLNotAllowed) }

        let isStatic = dynamicCount == 0 && !PathPattern.isDynamic(from)
        if isStatic {
            staticCount += 1
            if staticCount > RedirectRules.maximumStaticRules { return .drop(RuleProblem(.tooManyStaticRules)) }
        } else {
            dynamicCount += 1
            if dynamicCount > RedirectRules.maximumDynamicRules {
                return .stop(RuleProblem(.tooManyDynamicRules, skippedLines: line.remaining))
            }
        }

        guard let to = try? RulePath.normalised(tokens[1], as: .target) else { return drop(.notRelativeOrHTTPS) }
        guard let status = Self.status(tokens.count == 3 ? tokens[2] : "302") else { return drop(.badStatus) }
        let isAbsolute = RulePath.splitHost(to) != nil
        if !isAbsolute, loops(from: from, to: to) { return drop(.infiniteLoop) }
        guard seen.insert(from).inserted else { return drop(.duplicateFrom) }
        if status == 200, isAbsolute { return drop(.rewriteToAbsoluteURL) }
        return .keep(
            RedirectRule(from: from, to: to, status: status, line: line.number, kind: isStatic ? .static : .dynamic))
    }

    /// The site answers `/x/index.html` with a redirect to `/x/`; a rule that sends that back would go round for ever.
    private func loops(from: String, to: String) -> Bool {
        guard to.endsIn("/index") || to.endsIn("/index.html") else { return false }
        return from.endsIn("/*") || (from.endsIn("/") && htmlHandling != .none)
    }

    private static func status(_ text: String) -> Int? {
        guard let number = JavaScriptNumber.parse(text) else { return nil }
        return [200, 301, 302, 303, 307, 308].first { Double($0) == number }
    }
}

/// JavaScript's `Number(text)`, which is how statuses are read: `301.0`, `0x12d` and `0301` are all 301.
enum JavaScriptNumber {
    static func parse(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        if bytes.count > 2, bytes[0] == 0x30, let radix = radix(of: bytes[1]) {
            let digits = String(decoding: bytes[2...], as: UTF8.self)
            guard bytes[2].hexValue != nil else { return nil }
            return Int(digits, radix: radix).map(Double.init)
        }
        // Swift's own parser also takes hexadecimal fractions, `inf` and `nan`, which are no numbers here.
        let allowed = ByteSet("+-.eE", and: .digits)
        guard !bytes.isEmpty, bytes.allSatisfy(allowed.contains) else { return nil }
        // `301.` and `.5` are fine in JavaScript.
        var decimal = bytes
        if let dot = decimal.firstIndex(of: .dot) {
            let before = dot > 0 && decimal[dot - 1].isASCIIDigit
            let after = dot + 1 < decimal.count && decimal[dot + 1].isASCIIDigit
            guard before || after else { return nil }
            if !after { decimal.remove(at: dot) } else if !before { decimal.insert(0x30, at: dot) }
        }
        return Double(String(decoding: decimal, as: UTF8.self))
    }

    private static func radix(of byte: UInt8) -> Int? {
        switch byte | 0x20 {
        case 0x78: 16
        case 0x6F: 8
        case 0x62: 2
        default: nil
        }
    }
}

extension RuleWarning {
    fileprivate static func long(_ line: RuleLines.Line) -> RuleWarning {
        RuleWarning(
            .longRedirect, line: line.number, text: line.text,
            "This redirect is longer than the 1,000 characters that Cloudflare documents as the limit.")
    }
}
