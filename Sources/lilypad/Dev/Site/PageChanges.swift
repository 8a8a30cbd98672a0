import SiteBuilder

/// Which open pages have to be loaded again after files of the development bundle changed.
enum PageChanges {
    /// More pages than this are told together.
    static let listed = 50

    /// - Parameters:
    ///   - changes: paths relative to the bundle folder, as `public/docs/guide.html`.
    ///   - docs: where the documentation is served, `/docs`.
    /// - Returns: `nil` when no page shows what changed.
    static func message(_ changes: IncrementalOutput.Changes, docs: String?) -> DevMessage? {
        var pages: [String] = []
        for path in changes.written + changes.deleted where path.hasPrefix("public/") {
            let file = String(path.dropFirst("public/".count))
            switch reach(of: file, docs: docs) {
            case .all: return .reload(pages: nil)
            case .page(let page): pages.append(page)
            case .none: break
            }
        }
        if pages.isEmpty { return nil }
        if let docs, pages.count > listed, pages.allSatisfy({ $0 == docs || $0.hasPrefix(docs + "/") }) {
            return .reload(pages: [docs + "/*"])
        }
        return .reload(pages: pages.count > listed ? nil : pages.sorted())
    }

    private enum Reach { case all, page(String), none }

    private static func reach(of file: String, docs: String?) -> Reach {
        // The page of the application stands behind many paths, and the rule files behind all.
        if ["index.html", "_headers", "_redirects", ".assetsignore"].contains(file) { return .all }
        // A missing page is shown at any path; whoever looks at it will load it again.
        if file == "404.html" { return .none }
        if file.hasSuffix(".html") { return .page(page(of: file)) }
        // Hashed names: a page that uses one has changed with it.
        if file.hasPrefix("assets/") { return .none }
        // Indexes that are fetched when they are needed.
        if let docs, file.hasPrefix(docs.dropFirst() + "/"), file.hasSuffix(".json") { return .none }
        if ["sitemap.xml", "llms.txt", "llms-full.txt"].contains(file) { return .none }
        return .all
    }

    /// `docs/guide.html` and `docs/guide/index.html` are both `/docs/guide`.
    private static func page(of file: String) -> String {
        var path = "/" + file.dropLast(".html".count)
        if path.hasSuffix("/index") { path = String(path.dropLast("/index".count)) }
        return path
    }
}
