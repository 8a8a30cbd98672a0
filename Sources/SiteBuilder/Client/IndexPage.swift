/// The page around the application: the site's template with what the build knows put into its head.
struct IndexPage: Sendable {
    struct Link: Sendable, Equatable {
        var url: String
        var integrity: String?
    }

    var template: String
    /// Site-relative, for error messages.
    var name: String
    var styles: [Link] = []
    var importMap = ImportMap()
    /// Scripts to fetch at once, because the entry needs them all.
    var preloads: [Link] = []
    /// Module scripts to run, in order.
    var scripts: [Link] = []

    struct Rendered: Sendable, Equatable {
        var html: String
        /// CSP sources of every inline script, in their order on the page.
        var inlineScriptHashes: [String]
    }

    /// Puts the head's additions before its first script, or at its end. The import map thus comes before every module
    /// script and preload, as the HTML standard demands of it.
    func rendered() throws -> Rendered {
        guard let head = template.firstRange(of: /<head(\s[^>]*)?>/.ignoresCase()),
            let end = template[head.upperBound...].firstRange(of: /<\/head\s*>/.ignoresCase())
        else {
            throw BuildFailure([
                Diagnostic(
                    file: name, message: "The page has no <head>…</head>.",
                    hint: "The build adds styles and scripts at the end of the head.")
            ])
        }
        let inside = template[head.upperBound..<end.lowerBound]
        let place = Self.firstScript(in: inside) ?? end.lowerBound
        let before = template[..<place]
        let indent = String(before.reversed().prefix { $0 == " " || $0 == "\t" }.reversed())
        let lead = indent.isEmpty && place == end.lowerBound ? "  " : indent
        let html = String(before.dropLast(indent.count)) + additions(indent: lead) + indent + template[place...]
        return Rendered(html: html, inlineScriptHashes: Self.inlineScripts(of: html).map(ContentHash.policySource))
    }

    private func additions(indent: String) -> String {
        var lines = styles.map { "<link rel=\"stylesheet\" href=\"\($0.url)\"\(attribute($0))>" }
        lines.append("<script type=\"importmap\">\(importMap.json())</script>")
        lines += preloads.map { "<link rel=\"modulepreload\" href=\"\($0.url)\"\(attribute($0))>" }
        lines += scripts.map { "<script type=\"module\" src=\"\($0.url)\"\(attribute($0))></script>" }
        return lines.map { indent + $0 + "\n" }.joined()
    }

    private func attribute(_ link: Link) -> String { link.integrity.map { " integrity=\"\($0)\"" } ?? "" }

    /// The first script or module preload that is not inside a comment.
    private static func firstScript(in head: Substring) -> String.Index? {
        var rest = head
        while let match = rest.firstMatch(
            of: /<!--.*?-->|<script[\s>]|<link\s[^>]*modulepreload/.ignoresCase().dotMatchesNewlines())
        {
            if !match.output.hasPrefix("<!--") { return match.range.lowerBound }
            rest = rest[match.range.upperBound...]
        }
        return nil
    }

    /// The texts of scripts without a `src`, as the browser hashes them.
    private static func inlineScripts(of html: String) -> [String] {
        let script = /<!--.*?-->|<script(?<attributes>\s[^>]*)?>(?<text>.*?)<\/script\s*>/
            .ignoresCase().dotMatchesNewlines()
        return html.matches(of: script).compactMap { match in
            guard let text = match.text else { return nil }
            let attributes = match.attributes ?? ""
            return attributes.contains(/\ssrc\s*=/.ignoresCase()) ? nil : String(text)
        }
    }
}
