/// What one build of the documentation needs to know.
public struct DocsInput: Sendable {
    /// Where the bytes come from. Paths are relative to the site folder: `docs/index.md`, `docs/_layout.html`.
    public enum Source: Sendable {
        /// The site folder on disk. Files whose size, times and inode are as before are not read again.
        case folder(String)
        case memory([String: [UInt8]])
    }

    public var configuration: SiteConfiguration
    public var source: Source
    /// Tags for the head of every page: stylesheet and script with their integrity. Inserted as it is.
    public var head = ""
    /// Scheme and host in canonical links, `sitemap.xml` and `llms.txt`, without a trailing slash.
    public var baseURL: String
    /// What stands before a path in diagnostics: `site` makes `site/docs/index.md:3:1`.
    public var displayPrefix = "site"
    /// The text of `site.toml`, so that an error about the navigation can show its line.
    public var configurationText: String?
    /// Site paths a page may link to together with everything below them: the client's routes, `/api`.
    public var knownPrefixes: [String] = []
    /// Single site paths a page may link to: the files of `public/`, such as `/robots.txt`.
    public var knownPaths: Set<String> = []
    /// `nil` leaves code without colours.
    public var highlighting: Highlighting?

    public init(configuration: SiteConfiguration, source: Source) {
        self.configuration = configuration
        self.source = source
        self.baseURL = configuration.baseURL
    }

    /// The Python that colours code.
    public struct Highlighting: Sendable, Equatable {
        /// An interpreter that can import Pygments.
        public var python: String
        /// The version of Pygments that is pinned. Another one is an error, since its output would differ.
        public var version: String
        /// The packed file that keeps results between builds; `nil` keeps them in memory only.
        public var cacheFile: String?
        /// At most this many interpreters work on a large batch at once.
        public var processes: Int

        public init(python: String, version: String, cacheFile: String?, processes: Int = processorCount()) {
            self.python = python
            self.version = version
            self.cacheFile = cacheFile
            self.processes = processes
        }
    }
}

/// The documentation as values, nothing written yet.
public struct DocsOutput: Sendable {
    /// Every file, ascending by path.
    public var files: [OutputFile]
    /// Paths of `files` that are new or differ from the same builder's previous successful build, ascending.
    public var changed: [String]
    /// Paths of the previous build that this one no longer has, ascending.
    public var removed: [String]
    public var warnings: [Diagnostic]
    public var timings: DocsTimings
}

/// How long the parts of a build took, for the benchmark.
public struct DocsTimings: Sendable {
    /// Listing the folder, reading what is new.
    public var read = Duration.zero
    /// Markdown to page bodies: front matter, cmark, links, headings, words, coloured code from the cache.
    public var parse = Duration.zero
    /// Colouring code the cache does not have.
    public var highlight = Duration.zero
    /// Checking links and anchors across pages.
    public var links = Duration.zero
    /// Layout, navigation, outline.
    public var render = Duration.zero
    /// The search index, `sitemap.xml`, `llms.txt`.
    public var index = Duration.zero

    public var total: Duration { read + parse + highlight + links + render + index }

    /// In the order of the work.
    public var parts: [TimedPart] {
        [
            TimedPart("read", read), TimedPart("parse", parse), TimedPart("highlight", highlight),
            TimedPart("links", links),
            TimedPart("templates", render), TimedPart("index", index),
        ]
    }
}
