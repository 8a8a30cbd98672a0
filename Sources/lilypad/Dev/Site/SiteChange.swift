import SiteBuilder

/// What a batch of changed files below the site folder asks for.
struct SiteChange: Equatable {
    /// Files that scripts, styles and pages are made from; paths relative to the site folder, sorted.
    var sources: [String] = []
    /// `site.toml` and what decides how everything else is read: all is made anew.
    var isConfiguration = false
    /// Something that is published as it is, or a page's frame.
    var isPublished = false
    /// Pages of the documentation.
    var isDocs = false
    /// What those pages look like.
    var isDocsFrame = false

    /// - Parameter paths: relative to the site folder.
    init(_ paths: some Sequence<String>, configuration: SiteConfiguration) {
        let docs = configuration.docs?.directory
        for path in Set(paths).sorted() {
            switch path {
            case "site.toml", "package.json", "tsconfig.json": isConfiguration = true
            case _ where path.hasPrefix("public/"): isPublished = true
            case _ where path.hasPrefix("standins/"): isConfiguration = true
            case configuration.client?.html: isPublished = true
            case _ where docs.map { path.hasPrefix($0 + "/") } ?? false:
                if SiteChange.isFrame(path) { isDocsFrame = true } else { isDocs = true }
            case _ where path.contains(".test."): break
            default: sources.append(path)
            }
        }
    }

    var isEmpty: Bool { sources.isEmpty && !isConfiguration && !isPublished && !isDocs && !isDocsFrame }

    /// Whether the application, its types or its page may have changed.
    var touchesClient: Bool { !sources.isEmpty || isConfiguration || isPublished }

    /// Whether nothing but pages of the documentation changed.
    var isOnlyPages: Bool { !touchesClient && !isDocsFrame }

    /// Styles and scripts may import what lies elsewhere; text, images and the layout are read by the pages themselves.
    private static func isFrame(_ path: String) -> Bool { path.hasSuffix(".css") || isScript(path) }

    /// Whether a file is a module that the bundler transforms by itself.
    static func isScript(_ path: String) -> Bool {
        [".ts", ".tsx", ".js", ".jsx", ".mjs"].contains { path.hasSuffix($0) } && !path.hasSuffix(".d.ts")
    }
}
