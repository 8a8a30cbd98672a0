import StaticAssets
import Testing

private let file = VectorFile("headers-file.json")

@Suite struct HeadersFileVectors {
    @Test(.enabled(if: file.exists, file.missing), arguments: file.cases)
    func headersFile(_ vector: VectorCase) throws {
        let rules = HeaderRules(try #require(vector.given["headers_file"]?.text))
        guard let url = vector.when["url"]?.text else {
            return check(rules: rules.rules.map(JSON.init), problems: rules.problems, then: vector.then)
        }
        let request = request(url)
        var headers = (vector.given["response_headers"]?.fields ?? [:]).map { HeaderField($0, $1) }
        rules.apply(to: &headers, path: request.target.path, host: request.origin.host)
        let grouped = Dictionary(grouping: headers, by: \.name).mapValues { $0.map(\.value) }
        let shown = grouped.map { name, values in
            (name, name == "set-cookie" ? JSON.list(values.map(JSON.text)) : .text(values.joined(separator: ", ")))
        }
        #expect(JSON.table(Dictionary(uniqueKeysWithValues: shown)) == vector.then["headers"])
    }
}

extension JSON {
    fileprivate init(_ rule: HeaderRule) {
        let set = Dictionary(uniqueKeysWithValues: rule.set.map { ($0.name, JSON.text($0.value)) })
        self = .table(["path": .text(rule.path), "set": .table(set), "unset": .list(rule.unset.map(JSON.text))])
    }

    fileprivate init(_ problem: RuleProblem) {
        var table: [String: JSON] = ["code": .text(problem.code.rawValue)]
        table["line"] = problem.line.map { .number(Double($0)) }
        table["text"] = problem.text.map(JSON.text)
        table["skipped_lines"] = problem.skippedLines.map { .number(Double($0)) }
        self = .table(table)
    }
}

/// A request for a whole URL.
func request(_ url: String) -> AssetRequest {
    let scheme = url.prefix { $0 != ":" }
    let host = url.dropFirst(scheme.count + 3).prefix { $0 != "/" }
    return AssetRequest(
        method: "GET", target: String(url.dropFirst(scheme.count + 3 + host.count)), host: String(host),
        scheme: String(scheme))
}

/// The expectations of a `parse` case; very long results are described by their ends and counts.
func check(rules: [JSON], problems: [RuleProblem], then: JSON) {
    let problems = problems.map(JSON.init)
    if let expected = then["rules"]?.list { #expect(rules == expected) }
    if let expected = then["problems"]?.list { #expect(problems == expected) }
    if let expected = then["rule_count"]?.number { #expect(rules.count == expected) }
    if let expected = then["first_rule"] { #expect(rules.first == expected) }
    if let expected = then["last_rule"] { #expect(rules.last == expected) }
    if let expected = then["last_problem"] { #expect(problems.last == expected) }
    if let expected = then["problem_counts"]?.table {
        let counts = Dictionary(grouping: problems) { $0["code"]?.text ?? "" }.mapValues {
            JSON.number(Double($0.count))
        }
        #expect(counts == expected)
    }
}
