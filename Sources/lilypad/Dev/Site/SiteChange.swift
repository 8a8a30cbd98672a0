import SiteBuilder

/// What a batch of changed files below the site folder asks for.
struct SiteChange: Equatable {
    /// Files that scripts, styles and pages are made from; paths relative to the site folder, sorted.
    var sources: [String] = []
    /// `site.toml` and what decides how everything else is read: all is made anew.
    var isConfiguration = false
    /// Something that is published as it is, or a page's frame.
    var isPublished = false
    /// Documentation and what its pages look like.
    var isDocs = false

    /// - Parameter paths: relative to the site folder.
    init(_ paths: some Sequence<String>, configuration: SiteConfiguration) {
        let docs = configuration.docs?.directory
        for path in Set(paths).sorted() {
            switch path {
            case "site.toml", "package.json", "tsconfig.json": isConfiguration = true
            case _ where path.hasPrefix("public/"): isPublished = true
            case _ where path.hasPrefix("standins/"): isConfiguration = true
            case configuration.client?.html: isPublished = true
            case _ where docs.map { path.hasPrefix($0 + "/") } ?? false: isDocs = true
            case _ where path.contains(".test."): break
            default: sources.append(path)
            }
        }
    }

    var isEmpty: Bool { sources.isEmpty && !isConfiguration && !isPublished && !isDocs }

    /// Whether anything but a page of the documentation changed.
    var touchesClient: Bool { !sources.isEmpty || isConfiguration || isPublished }

    /// Whether a file is a module that the bundler transforms by itself.
    static func isScript(_ path: String) -> Bool {
        [".ts", ".tsx", ".js", ".jsx", ".mjs"].contains { path.hasSuffix($0) } && !path.hasSuffix(".d.ts")
    }
}
