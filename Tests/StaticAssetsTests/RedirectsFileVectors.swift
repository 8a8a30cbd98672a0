import StaticAssets
import Testing

private let file = VectorFile("redirects-file.json")

@Suite struct RedirectsFileVectors {
    @Test(.enabled(if: file.exists, file.missing), arguments: file.cases)
    func redirectsFile(_ vector: VectorCase) throws {
        let html = try vector.given["html_handling"]?.text.map { try #require(HTMLHandling(rawValue: $0)) }
        let rules = RedirectRules(
            try #require(vector.given["redirects_file"]?.text), htmlHandling: html ?? .autoTrailingSlash)
        guard let url = vector.when["url"]?.text else {
            return check(rules: rules.rules.map(JSON.init), problems: rules.problems, then: vector.then)
        }
        let request = request(url)
        let action = rules.action(path: request.target.path, query: request.target.query, origin: request.origin)
        var shown: [String: JSON] = ["action": .text("none")]
        switch action?.kind {
        case .redirect(let status, let location, _):
            shown = ["action": .text("redirect"), "status": .number(Double(status)), "location": .text(location)]
        case .rewrite(let path):
            shown = ["action": .text("rewrite"), "asset_path": .text(AssetPath(raw: path).lookup)]
        case nil:
            break
        }
        #expect(.table(shown) == vector.then)
    }
}

extension JSON {
    fileprivate init(_ rule: RedirectRule) {
        self = .table([
            "from": .text(rule.from), "to": .text(rule.to), "status": .number(Double(rule.status)),
            "line": .number(Double(rule.line)), "kind": .text(rule.kind.rawValue),
        ])
    }
}
