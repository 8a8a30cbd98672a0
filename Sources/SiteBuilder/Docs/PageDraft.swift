/// A page as far as it can be made without looking at the others.
struct PageDraft: Sendable {
    /// Below the documentation folder: `guides/routing.md`.
    let path: String
    var frontMatter = FrontMatter()
    var title = ""
    /// The front matter's description, or the beginning of the first paragraph.
    var summary = ""
    /// The content's HTML, except for what `holes` name.
    var body: [UInt8] = []
    /// Ascending by offset.
    var holes: [Hole] = []
    var headings: [Heading] = []
    var references: [Reference] = []
    /// Code that the cache did not know.
    var snippets: [HighlightKey: Snippet] = [:]
    /// All code of the page, also what the cache knew.
    var highlightKeys: [HighlightKey] = []
    var terms = PageTerms()
    var diagnostics: [Diagnostic] = []
    /// The page could not be read; links to its headings are not judged.
    var failed = false

    struct Heading: Sendable, Equatable {
        var level: Int
        var id: String
        var text: String
    }

    /// Something inserted into the body when it is known.
    struct Hole: Sendable, Equatable {
        enum Content: Sendable, Equatable {
            /// The address of a file, by its path below the documentation folder.
            case asset(String)
            /// Coloured code, by its key and its position among the page's code blocks.
            case code(HighlightKey, block: Int)
        }
        var offset: Int
        var content: Content
    }

    /// An address inside the site that has to exist.
    struct Reference: Sendable, Equatable {
        enum Target: Sendable, Equatable {
            /// A page's path below the documentation folder.
            case page(String)
            /// Any other file below the documentation folder.
            case file(String)
            /// A path of the site: `/docs/guide`, `/status`.
            case site(String)
            /// Nothing that can exist; the text says why.
            case nowhere(String)
        }
        var target: Target
        var anchor: String?
        var isImage: Bool
        /// As in the source, for the message.
        var written: String
        /// Position among the page's links and images.
        var ordinal: Int
    }

    /// A heading the page has, or the top of the page, which every page has (HTML, section 7.4.6.4).
    func has(anchor: String) -> Bool { anchor.isEmpty || anchor == "top" || headings.contains { $0.id == anchor } }
}

/// How file paths, URLs and addresses in Markdown relate.
struct DocsPaths: Sendable, Equatable {
    /// `/docs`, or empty when the documentation is the whole site.
    let root: String

    init(_ docs: SiteConfiguration.Docs) {
        var path = docs.path
        while path.hasSuffix("/") { path.removeLast() }
        root = path
    }

    /// `guide.md` → `/docs/guide`, `index.md` → `/docs/`, `a/index.md` → `/docs/a/`.
    func url(ofPage path: String) -> String {
        let stem = path.dropLast(3)
        let isIndex = stem == "index" || stem.hasSuffix("/index")
        return root + "/" + percentEncoded(path: String(isIndex ? stem.dropLast(5) : stem))
    }

    /// `guide.md` → `docs/guide.html`.
    func output(ofPage path: String) -> String { output("\(path.dropLast(3)).html") }

    /// A file directly under the documentation's path.
    func output(_ name: String) -> String { String((root + "/" + name).dropFirst()) }

    /// `../a/./b.md` seen from `guides/x.md` → `a/b.md`; `nil` above the documentation folder.
    static func resolve(_ relative: String, from page: String) -> String? {
        var parts = page.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for part in relative.split(separator: "/", omittingEmptySubsequences: false) {
            switch part {
            case ".", "": continue
            case "..":
                guard parts.popLast() != nil else { return nil }
            default: parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }
}
