import WranglerConfig

/// The navigation that `site.toml` describes, checked against the pages there are.
struct Navigation: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        /// The page's path below the documentation folder.
        var page: String
        var url: String
        var title: String
    }

    struct Section: Sendable, Equatable {
        var title: String
        var entries: [Entry]
    }

    private(set) var sections: [Section] = []

    /// All entries in reading order, which previous and next follow.
    private(set) var order: [Entry] = []
    private(set) var positions: [String: Int] = [:]

    private(set) var problems: [Diagnostic] = []

    /// - Parameters:
    ///   - pages: page paths with their titles; `nil` for one that front matter keeps out of the navigation.
    ///   - file: `site.toml` as shown in diagnostics, and its text if known.
    init(
        _ sections: [SiteConfiguration.Docs.Section], pages: [String: String?], paths: DocsPaths, file: String,
        fileText: String?
    ) {
        var listed: Set<String> = []
        for section in sections {
            var entries: [Entry] = []
            for name in section.pages {
                let page = "\(name).md"
                guard let title = pages[page] else {
                    report(missing: name, among: pages.keys, file, fileText)
                    continue
                }
                guard listed.insert(page).inserted else {
                    problems.append(
                        Self.problem("The navigation lists `\(name)` twice.", nil, name, last: true, file, fileText))
                    continue
                }
                if let title { entries.append(Entry(page: page, url: paths.url(ofPage: page), title: title)) }
            }
            if !entries.isEmpty { self.sections.append(Section(title: section.title, entries: entries)) }
        }
        order = self.sections.flatMap(\.entries)
        for (index, entry) in order.enumerated() { positions[entry.page] = index }
    }

    private mutating func report(
        missing name: String, among pages: some Sequence<String>, _ file: String, _ text: String?
    ) {
        let close = Suggestion.nearest(to: name, among: pages.map { String($0.dropLast(3)) }.sorted())
        let hint =
            close.map { "Did you mean `\($0)`?" } ?? "Names are file names below the documentation folder without .md."
        problems.append(
            Self.problem(
                "The navigation lists `\(name)`, but there is no \(name).md.", hint, name, last: false, file, text))
    }

    /// The place of `"name"` in the file's text, as far as it can be found.
    private static func problem(
        _ message: String, _ hint: String?, _ name: String, last: Bool, _ file: String, _ text: String?
    ) -> Diagnostic {
        var problem = Diagnostic(file: file, message: message, hint: hint)
        for (index, line) in (text ?? "").split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            guard last || problem.line == nil else { break }
            for quoted in ["\"\(name)\"", "'\(name)'"] {
                guard let found = line.firstRange(of: quoted) else { continue }
                problem.line = index + 1
                problem.column = line.distance(from: line.startIndex, to: found.lowerBound) + 1
                problem.sourceLine = String(line)
            }
        }
        return problem
    }
}

/// The navigation as HTML, and where each page's link would say that it is the current one.
struct NavigationHTML: Sendable, Equatable {
    private(set) var bytes: [UInt8] = []
    /// By page path: the offset right after `<a`.
    private(set) var marks: [String: Int] = [:]

    init(_ navigation: Navigation) {
        guard !navigation.sections.isEmpty else { return }
        bytes.append("<nav class=\"docs-nav\" aria-label=\"Documentation\">" as StaticString)
        for section in navigation.sections {
            bytes.append("<p class=\"nav-title\">" as StaticString)
            bytes.append(escaped: section.title)
            bytes.append("</p><ul>" as StaticString)
            for entry in section.entries {
                bytes.append("<li><a" as StaticString)
                marks[entry.page] = bytes.count
                bytes.append(" href=\"" as StaticString)
                bytes.append(escaped: entry.url)
                bytes.append("\">" as StaticString)
                bytes.append(escaped: entry.title)
                bytes.append("</a></li>" as StaticString)
            }
            bytes.append("</ul>" as StaticString)
        }
        bytes.append("</nav>" as StaticString)
    }
}
