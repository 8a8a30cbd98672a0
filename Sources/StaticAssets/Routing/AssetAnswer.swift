/// What the assets say to a request: everything but the bytes, which are in `file`.
public struct AssetAnswer: Sendable {
    public var status: Int
    /// Lower-case names; the length of the body is left to the server.
    public var headers: [HeaderField]
    /// The file the answer is about: for 200, a 404 page, 304, and all of these under HEAD.
    public var file: AssetFile?
    /// Whether the bytes of `file` follow. False for HEAD and 304.
    public var hasBody: Bool
    /// The answer was written with the request's scheme, host and port in view (a redirect to a whole URL). Other
    /// answers depend on the host only through `HeaderRules.hostSignature`.
    public var dependsOnOrigin: Bool
    public var reason: AssetReason
}

/// Why an answer is what it is, for the request log.
public struct AssetReason: Sendable, Hashable, CustomStringConvertible {
    public enum Decision: String, Sendable, Hashable {
        /// A file was found for the path.
        case file
        /// A line of `_redirects` with a redirect status.
        case redirectRule = "redirect rule"
        /// The page has its address elsewhere (`html_handling`).
        case htmlHandling = "html handling"
        /// The path was spelt in another way than `AssetPath.encoded` spells it.
        case spelling
        case singlePageApplication = "single-page application"
        case notFoundPage = "not-found page"
        case methodNotAllowed = "method not allowed"
        case nothingFound = "nothing found"
    }

    public var decision: Decision
    /// The path of the file that was found, even if the answer is a redirect or 405 on account of it.
    public var file: String?
    /// The line of `_redirects` that redirected, or rewrote the path before a file was looked for.
    public var redirectLine: Int?
    /// The `!` rule of `run_worker_first` that kept the Worker out.
    public var workerRule: String?

    public init(_ decision: Decision, file: String? = nil, redirectLine: Int? = nil, workerRule: String? = nil) {
        self.decision = decision
        self.file = file
        self.redirectLine = redirectLine
        self.workerRule = workerRule
    }

    /// Such as `file /guide.html` or `html handling /docs/index.html (_redirects:4)`.
    public var description: String {
        var text = decision.rawValue
        if let file { text += " " + file }
        if let redirectLine { text += " (_redirects:\(redirectLine))" }
        if let workerRule { text += " (run_worker_first \(workerRule))" }
        return text
    }
}
