/// Puts finished pages together from the layout, the navigation and drafts.
struct PageAssembly: Sendable, Equatable {
    /// The layout with the site's title and language filled in.
    var layout: Layout
    var nav: NavigationHTML
    /// Tags for the head of every page.
    var head: String
    /// Used when a page says nothing about itself.
    var siteDescription: String
    var baseURL: String
    /// `/docs/`, which gets the class `docs-index`.
    var indexURL: String

    /// What differs from page to page.
    struct Page {
        var path: String
        var url: String
        var title: String
        var summary: String
        var content: [[UInt8]]
        var headings: [PageDraft.Heading] = []
        var previous: Navigation.Entry?
        var next: Navigation.Entry?
        var pageClass: String?
        /// Goes behind the head that all pages share.
        var head = ""
    }

    func html(_ page: Page) -> [UInt8] {
        var html: [UInt8] = []
        html.reserveCapacity(page.content.reduce(nav.bytes.count + 4096) { $0 + $1.count })
        for segment in layout.segments {
            switch segment {
            case .text(let text): html.append(contentsOf: text)
            case .value(let name): append(name, page, to: &html)
            }
        }
        return html
    }

    private func append(_ name: Layout.Name, _ page: Page, to html: inout [UInt8]) {
        switch name {
        case .title: html.append(escaped: page.title)
        case .description: html.append(escaped: page.summary.isEmpty ? siteDescription : page.summary)
        case .canonical: html.append(escaped: baseURL + page.url)
        case .pageClass: html.append(page.pageClass ?? (page.url == indexURL ? "docs-index" : "docs-page"))
        case .nav: appendNav(current: page.path, to: &html)
        case .content:
            for piece in page.content { html.append(contentsOf: piece) }
        case .outline: Self.appendOutline(page.headings, to: &html)
        case .previousNext: Self.appendPreviousNext(page.previous, page.next, to: &html)
        case .head:
            html.append(head)
            html.append(page.head)
        // These are the same everywhere and have been filled in.
        case .siteTitle, .language: break
        }
    }

    private func appendNav(current: String, to html: inout [UInt8]) {
        guard let mark = nav.marks[current] else { return html.append(contentsOf: nav.bytes) }
        html.append(contentsOf: nav.bytes[..<mark])
        html.append(" aria-current=\"page\"" as StaticString)
        html.append(contentsOf: nav.bytes[mark...])
    }

    /// Level-two headings with their level-three ones below them; nothing when there is no level two or three.
    private static func appendOutline(_ headings: [PageDraft.Heading], to html: inout [UInt8]) {
        let shown = headings.filter { $0.level == 2 || $0.level == 3 }
        guard !shown.isEmpty else { return }
        html.append(
            "<nav class=\"outline\" aria-label=\"On this page\"><p class=\"outline-title\">On this page</p><ul>"
                as StaticString)
        // A page may begin with level three; those then stand at the outer level.
        var isNested = false
        var isOpen = false
        for heading in shown {
            if heading.level == 3, isOpen, !isNested {
                html.append("<ul>" as StaticString)
                isNested = true
            } else if isOpen {
                html.append("</li>" as StaticString)
                if heading.level == 2, isNested {
                    html.append("</ul></li>" as StaticString)
                    isNested = false
                }
            }
            html.append("<li><a href=\"#" as StaticString)
            html.append(percentEncoded(path: heading.id))
            html.append("\">" as StaticString)
            html.append(escaped: heading.text)
            html.append("</a>" as StaticString)
            isOpen = true
        }
        html.append(isNested ? "</li></ul></li></ul></nav>" : "</li></ul></nav>")
    }

    private static func appendPreviousNext(
        _ previous: Navigation.Entry?, _ next: Navigation.Entry?, to html: inout [UInt8]
    ) {
        guard previous != nil || next != nil else { return }
        html.append("<nav class=\"previous-next\" aria-label=\"Previous and next page\">" as StaticString)
        for (entry, name, label, relation) in [
            (previous, "previous", "Previous", "prev"), (next, "next", "Next", "next"),
        ] {
            guard let entry else { continue }
            html.append("<a class=\"\(name)\" rel=\"\(relation)\" href=\"")
            html.append(escaped: entry.url)
            html.append("\"><span>\(label)</span> ")
            html.append(escaped: entry.title)
            html.append("</a>" as StaticString)
        }
        html.append("</nav>" as StaticString)
    }
}
