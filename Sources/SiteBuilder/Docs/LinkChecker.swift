import WranglerConfig

/// Judges every address that a page claims to be inside the site.
struct LinkChecker {
    let pages: [String: PageDraft]
    /// Files that are not pages, below the documentation folder.
    let files: Set<String>
    let paths: DocsPaths
    let knownPrefixes: [String]
    let knownPaths: Set<String>
    /// Page paths by URL, without percent escapes.
    private let pagesByURL: [String: String]

    /// What the build itself puts at the top.
    private static let generated: Set<String> = ["/", "/sitemap.xml", "/llms.txt", "/404"]

    struct Problem {
        var reference: PageDraft.Reference
        var message: String
        var hint: String?
    }

    init(
        pages: [String: PageDraft], files: Set<String>, paths: DocsPaths, knownPrefixes: [String],
        knownPaths: Set<String>
    ) {
        self.pages = pages
        self.files = files
        self.paths = paths
        self.knownPrefixes = knownPrefixes
        self.knownPaths = knownPaths
        var urls: [String: String] = [:]
        for path in pages.keys { urls[Decode.percent(paths.url(ofPage: path))] = path }
        pagesByURL = urls
    }

    func problems(of page: PageDraft) -> [Problem] {
        page.references.compactMap { reference in
            problem(reference, on: page.path).map { Problem(reference: reference, message: $0.message, hint: $0.hint) }
        }
    }

    private typealias Complaint = (message: String, hint: String?)

    private func problem(_ reference: PageDraft.Reference, on page: String) -> Complaint? {
        switch reference.target {
        case .nowhere(let reason): return (reason, nil)
        case .page(let target):
            if let draft = pages[target] { return anchorProblem(reference.anchor, on: draft, from: page) }
            return missing(reference, target, from: page)
        case .file(let target):
            return files.contains(target) ? nil : missing(reference, target, from: page)
        case .site(let path):
            return siteProblem(path, reference.anchor, from: page)
        }
    }

    private func anchorProblem(_ anchor: String?, on target: PageDraft, from page: String) -> Complaint? {
        guard let anchor, !target.failed, !target.has(anchor: anchor) else { return nil }
        let owner = target.path == page ? "This page" : "\(target.path)"
        let close = Suggestion.nearest(to: anchor, among: target.headings.map(\.id))
        return ("\(owner) has no heading `#\(anchor)`.", close.map { "Did you mean `#\($0)`?" })
    }

    private func missing(_ reference: PageDraft.Reference, _ target: String, from page: String) -> Complaint {
        let what = reference.isImage ? "image" : target.hasSuffix(".md") ? "page" : "file"
        let message = "There is no \(what) `\(reference.written)`."
        let folder = target.isEmpty ? "" : "\(target)/"
        let trimmed = folder.hasSuffix("//") ? String(folder.dropLast()) : folder
        if !reference.isImage {
            for candidate in ["\(target).md", "\(trimmed)index.md"] where pages[candidate] != nil {
                return (message, "Did you mean `\(Self.relative(candidate, from: page))`?")
            }
        }
        let candidates =
            reference.isImage ? Array(files) : target.hasSuffix(".md") ? Array(pages.keys) : Array(files) + pages.keys
        if let close = Suggestion.nearest(to: target, among: candidates.sorted()) {
            return (message, "Did you mean `\(Self.relative(close, from: page))`?")
        }
        // The right name in another folder is the likeliest mistake after a typing error.
        let name = target.split(separator: "/").last.map(String.init) ?? target
        let same = candidates.sorted().first { $0 == name || $0.hasSuffix("/\(name)") }
        return (message, same.map { "Did you mean `\(Self.relative($0, from: page))`?" })
    }

    private func siteProblem(_ path: String, _ anchor: String?, from page: String) -> Complaint? {
        if let target = pagesByURL[path], let draft = pages[target] {
            return anchorProblem(anchor, on: draft, from: page)
        }
        if Self.generated.contains(path) || knownPaths.contains(path) || path == "\(paths.root)/search-index.json" {
            return nil
        }
        if !path.hasPrefix("\(paths.root)/") || paths.root.isEmpty,
            knownPrefixes.contains(where: { path == $0 || ($0 != "/" && path.hasPrefix("\($0)/")) })
        {
            return nil
        }
        let message = "The site has nothing at `\(path)`."
        for candidate in ["\(path)/", path.hasSuffix("/") ? String(path.dropLast()) : "", Self.withoutExtension(path)]
        where pagesByURL[candidate] != nil {
            return (message, "Did you mean `\(candidate)`?")
        }
        let close = Suggestion.nearest(to: path, among: (Array(pagesByURL.keys) + knownPrefixes + knownPaths).sorted())
        return (message, close.map { "Did you mean `\($0)`?" } ?? "Links to other pages are file names: `guide.md`.")
    }

    private static func withoutExtension(_ path: String) -> String {
        for end in [".html", ".md"] where path.hasSuffix(end) { return String(path.dropLast(end.count)) }
        return ""
    }

    /// `a/b/c.md` seen from `a/x/y.md` → `../b/c.md`.
    static func relative(_ target: String, from page: String) -> String {
        var from = page.split(separator: "/").dropLast()[...]
        var to = target.split(separator: "/")[...]
        while let first = from.first, to.count > 1, to.first == first {
            from = from.dropFirst()
            to = to.dropFirst()
        }
        return (from.map { _ in ".." } + to).joined(separator: "/")
    }
}
