/// What the client stage makes, as values; nothing has been written yet.
public struct ClientOutput: Sendable, Equatable {
    /// One published file as the size table and the budgets see it.
    public struct Entry: Sendable, Equatable {
        public enum Kind: String, Sendable, Equatable {
            /// The script the page starts with.
            case entry
            /// A script that a dynamic import starts.
            case lazy
            /// A script that several others import and nobody starts.
            case shared
            /// Packages.
            case vendor
            case style
            /// An image, a font.
            case asset
        }

        /// As in `OutputFile.path`.
        public var path: String
        public var kind: Kind
        /// What a person knows it by: a module (`app/routes/home.tsx`), packages (`react`), a stylesheet.
        public var name: String
        /// Paths of the files it imports statically, sorted. For scripts only.
        public var imports: [String]
        /// `sha384-…`, for scripts and styles.
        public var integrity: String?
    }

    /// Public files, sorted by path; one of them is `index.html`.
    public var files: [OutputFile]
    /// Source maps, sorted by path: `assets/main-….js.map` belongs to `assets/main-….js`. Not to be published.
    public var maps: [OutputFile]
    /// Every public file except the page, sorted by path.
    public var graph: [Entry]
    /// The CSP source of the inline import map, `sha256-…` without quotes.
    public var importMapHash: String
    /// The CSP sources of all inline scripts of the page, the import map's among them.
    public var inlineScriptHashes: [String]
    public var warnings: [Diagnostic]

    /// The scripts that the page loads before it can be used: the entry and all it imports statically, sorted.
    public var firstLoadScripts: [String] {
        let imports = Dictionary(graph.map { ($0.path, $0.imports) }) { first, _ in first }
        var found: Set<String> = []
        var open = graph.filter { $0.kind == .entry }.map(\.path)
        while let path = open.popLast() {
            guard found.insert(path).inserted else { continue }
            open += imports[path] ?? []
        }
        return found.sorted()
    }
}

/// A script or a stylesheet that stands by itself, for pages outside the application.
public struct StandaloneFile: Sendable, Equatable {
    public var file: OutputFile
    public var map: OutputFile?
    /// `sha384-…` for the element that loads it.
    public var integrity: String
    /// Images and fonts it refers to.
    public var assets: [OutputFile]
    public var warnings: [Diagnostic]

    /// The absolute URL path.
    public var url: String { "/" + file.path }
}

extension Diagnostic {
    /// The diagnostic with its file named from a folder further up: the client stage names files from the site folder,
    /// people look at them from the project's.
    public func below(_ folder: String) -> Diagnostic {
        var diagnostic = self
        diagnostic.file = folder + "/" + file
        return diagnostic
    }
}
