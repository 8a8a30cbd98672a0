/// The files of an asset directory in memory, with the text of its rule files.
public struct AssetBundle: Sendable {
    /// All assets, sorted by the bytes of their paths.
    public let files: [AssetFile]
    /// The text of `/_headers`; nil when there is none.
    public let headersFile: String?
    /// The text of `/_redirects`; nil when there is none.
    public let redirectsFile: String?
    /// What the person who built the directory should hear.
    public let notices: [Notice]
    /// How much of the directory was read, and how much was taken over from an earlier bundle.
    public let loading: Loading
    private let byPath: [ExactString: AssetFile]

    /// Counts of files whose bytes were read, or known already; packed copies included.
    public struct Loading: Sendable, Hashable {
        public var read = 0
        public var reused = 0

        public init() {}
    }

    /// Something about the directory that does not stop a load.
    public struct Notice: Sendable, Hashable {
        public enum Code: String, Sendable, Hashable {
            /// More files than Cloudflare's free plan takes.
            case manyFiles = "many_files"
            /// Worker code among the assets; a deploy refuses it unless there is an `.assetsignore`.
            case workerScript = "worker_script"
            /// A packed copy with no file beside it.
            case orphanedPackedFile = "orphaned_packed_file"
        }
        public let code: Code
        public let path: String?
        /// One plain sentence.
        public let message: String
    }

    /// A bundle from values: for tests, and for a build that has its output in hand.
    public init(files: [AssetFile], headersFile: String? = nil, redirectsFile: String? = nil) {
        self.init(files: files, headersFile: headersFile, redirectsFile: redirectsFile, notices: [], loading: Loading())
    }

    init(
        files: [AssetFile], headersFile: String?, redirectsFile: String?, notices: [Notice], loading: Loading
    ) {
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        self.headersFile = headersFile
        self.redirectsFile = redirectsFile
        self.notices = notices
        self.loading = loading
        byPath = Dictionary(files.map { (ExactString($0.path), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The file with exactly this path: case-sensitive, literal, leading `/`.
    public func file(_ path: some StringProtocol) -> AssetFile? { byPath[ExactString(String(path))] }
}
