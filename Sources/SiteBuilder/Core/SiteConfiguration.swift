/// What `site.toml` says, checked. Paths are relative to the site folder and use `/`.
public struct SiteConfiguration: Sendable, Equatable {
    /// The name of the product, the last part of every page title.
    public var title: String
    public var description: String
    /// Scheme and host of the published site, without a trailing slash: `https://example.com`.
    public var baseURL: String
    /// BCP 47, the `lang` of every page.
    public var language = "en"
    public var client: Client?
    public var docs: Docs?
    public var budgets = Budgets()

    public init(title: String, description: String, baseURL: String) {
        self.title = title
        self.description = description
        self.baseURL = baseURL
    }

    /// The React application.
    public struct Client: Sendable, Equatable {
        /// The module the page starts with.
        public var entry = "app/main.tsx"
        /// The page around it; the build adds styles, import map and scripts to its head.
        public var html = "app/index.html"
        /// The stylesheet that Tailwind compiles.
        public var styles = "app/app.css"
        /// Path prefixes that belong to the client's router: each becomes a 200 rule to `/` in `_redirects`.
        public var routes: [String] = []
        /// `false` makes one application file of everything but the vendor modules.
        public var splitting = true

        public init() {}
    }

    /// The Markdown documentation.
    public struct Docs: Sendable, Equatable {
        /// The folder of Markdown files.
        public var directory = "docs"
        /// Where the pages are served: `docs/guide.md` becomes `/docs/guide`.
        public var path = "/docs"
        /// The page template, inside the site folder.
        public var layout = "docs/_layout.html"
        public var styles = "docs/_docs.css"
        public var script = "docs/_docs.ts"
        /// The navigation, in order. Pages not listed are built, found by search, and left out of it.
        public var sections: [Section] = []

        public init() {}

        public struct Section: Sendable, Equatable {
            public var title: String
            /// File names below `directory` without `.md`: `index`, `guides/routing`.
            public var pages: [String]

            public init(title: String, pages: [String]) {
                self.title = title
                self.pages = pages
            }
        }
    }

    /// Upper bounds in bytes; the build fails beyond them. `nil` is no bound.
    public struct Budgets: Sendable, Equatable {
        /// JavaScript (brotli) that `/` loads before it can be used: entry, vendor and everything they import statically.
        public var firstLoadScript: Int?
        /// The largest lazily loaded script (brotli).
        public var lazyScript: Int?
        /// All stylesheets of a page (brotli).
        public var styles: Int?
        /// The largest documentation page (HTML, brotli).
        public var docsPage: Int?

        public init() {}
    }
}
