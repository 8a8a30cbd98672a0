/// The files that speak of the documentation as a whole.
enum SiteFiles {
    /// The XML of sitemaps.org 0.9: the start page and every page, dated only where front matter says so.
    static func sitemap(baseURL: String, pages: [(url: String, date: String?)]) -> [UInt8] {
        var xml: [UInt8] = []
        xml.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        xml.append("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n")
        let home: [(url: String, date: String?)] = pages.contains { $0.url == "/" } ? [] : [("/", nil)]
        for page in home + pages {
            xml.append("<url><loc>")
            xml.append(escaped: baseURL + page.url)
            xml.append("</loc>")
            if let date = page.date { xml.append("<lastmod>\(date)</lastmod>") }
            xml.append("</url>\n")
        }
        xml.append("</urlset>\n")
        return xml
    }

    /// The overview for language models that llmstxt.org proposes: title, summary, then the pages by section.
    ///
    /// - Parameter others: pages that no section lists.
    static func llms(
        _ configuration: SiteConfiguration, baseURL: String, navigation: Navigation, drafts: [String: PageDraft],
        others: [Navigation.Entry]
    ) -> [UInt8] {
        var text = "# \(line(configuration.title))\n\n> \(line(configuration.description))\n"
        let more = others.isEmpty ? [] : [Navigation.Section(title: "More", entries: others)]
        for section in navigation.sections + more {
            text += "\n## \(line(section.title))\n\n"
            for entry in section.entries {
                let summary = drafts[entry.page]?.summary ?? ""
                text +=
                    "- [\(linkText(entry.title))](\(baseURL)\(entry.url))\(summary.isEmpty ? "" : ": \(line(summary))")\n"
            }
        }
        return Array(text.utf8)
    }

    private static func linkText(_ title: String) -> String {
        var text = ""
        // A bracket that an accent follows is one `Character` with it, and a bracket all the same.
        for scalar in line(title).unicodeScalars {
            if scalar == "[" || scalar == "]" { text += "\\" }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    private static func line(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x80 }) else { return text }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// What a visitor sees at an address that does not exist.
    static func notFound(_ assembly: PageAssembly, docsTitle: String) -> [UInt8] {
        var content: [UInt8] = []
        content.append("<h1 id=\"page-not-found\">Page not found</h1>\n")
        content.append(
            "<p>There is nothing at this address. It may have moved, or the link that led here is wrong.</p>\n")
        content.append("<div data-docs-search></div>\n")
        content.append("<ul class=\"not-found-links\">\n<li><a href=\"/\">Start page</a></li>\n<li><a href=\"")
        content.append(escaped: assembly.indexURL)
        content.append("\">")
        content.append(escaped: docsTitle)
        content.append("</a></li>\n</ul>\n")
        return assembly.html(
            PageAssembly.Page(
                path: "", url: "/404", title: "Page not found", summary: "There is nothing at this address.",
                content: [content],
                pageClass: "docs-404", head: "<meta name=\"robots\" content=\"noindex\">"))
    }
}
