import WranglerConfig

extension SiteConfiguration.Budgets {
    /// What is over its budget, each file or group with its size and its bound.
    ///
    /// - Parameters:
    ///   - products: The artifacts by stage: stylesheets of two stages are never on the same page.
    ///   - file: What the configuration is called: `site/site.toml`.
    ///   - text: Its text, to show the line of the budget.
    func exceeded(by products: [[Artifact]], manifest: Manifest, file: String, text: String) -> [Diagnostic] {
        let document = try? TOMLDocument(parsing: text)
        var sent: [String: Int] = [:]
        for entry in manifest.files { sent[entry.path] = entry.sent }
        func size(_ artifact: Artifact) -> Int { sent["public/" + artifact.file.path] ?? artifact.file.bytes.count }
        var problems: [Diagnostic] = []
        func hold(_ artifacts: [Artifact], to bound: Int?, key: String, _ subject: String) {
            let total = artifacts.reduce(0) { $0 + size($1) }
            guard let bound, total > bound else { return }
            let parts = artifacts.sorted { size($0) > size($1) }.map { "\($0.file.path) \(ByteSize.text(size($0)))" }
            let list = parts.count > 1 ? " (\(parts.joined(separator: ", ")))" : ""
            let place = document?.position(of: ["budgets", .key(key)])
            problems.append(
                Diagnostic(
                    file: file, line: place?.line, column: place?.column,
                    message:
                        "\(subject) is \(ByteSize.text(total)) in brotli\(list), \(ByteSize.text(total - bound)) over "
                        + "the budget of \(ByteSize.text(bound)).",
                    hint: "Make it smaller, or raise `\(key)` under [budgets].",
                    sourceLine: place.flatMap { document?.line($0.line) }))
        }
        for artifacts in products {
            let first = artifacts.filter { $0.role == .entry || $0.role == .vendor }
            hold(first, to: firstLoadScript, key: "first_load_script", "The script of the first page")
            hold(artifacts.filter { $0.role == .styles }, to: styles, key: "styles", "The style of a page")
            for artifact in artifacts where artifact.role == .route {
                hold([artifact], to: lazyScript, key: "lazy_script", artifact.file.path)
            }
            for artifact in artifacts where artifact.role == .docs {
                hold([artifact], to: docsPage, key: "docs_page", artifact.file.path)
            }
        }
        return problems
    }
}
