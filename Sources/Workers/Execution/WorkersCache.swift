import HTTPCaching

/// The cache in front of the Worker, as its handlers see it: what they answered before, and can take back.
///
/// ```swift
/// let result = try await context.cache.purge(tags: ["article-7"], pathPrefixes: ["/feeds/"])
/// for error in result.errors { print(error.message) }
/// ```
/// It is `[cache] enabled = true` in `wrangler.toml` that puts it there. See Cloudflare's documentation, "Workers", "Cache",
/// "Purging the cache".
public protocol WorkersCache: Sendable {
    /// Removes stored responses. The next request for each of them reaches the handler.
    ///
    /// - Throws: an `Error` where there is no such cache.
    func purge(_ purge: CachePurge) async throws -> CachePurgeResult

    /// Makes stored responses stale. The next request for each of them asks the handler whether it still holds, with the
    /// conditions that its `ETag` or `Last-Modified` allows; a 304 makes it fresh again.
    ///
    /// - Throws: an `Error` where there is no such cache.
    func invalidate(_ purge: CachePurge) async throws -> CachePurgeResult
}

extension WorkersCache {
    /// Removes every response that has one of the tags, or whose path begins with one of the prefixes, or all of them.
    ///
    /// The scope is the Worker and the entry point that calls this.
    ///
    /// - Parameters:
    ///   - tags: names that responses carry in `Cache-Tag`, in any case.
    ///   - pathPrefixes: beginnings of paths, `/docs/`, compared byte by byte with the path and query of requests.
    @discardableResult
    public func purge(
        tags: [String] = [], pathPrefixes: [String] = [], everything: Bool = false
    ) async throws -> CachePurgeResult {
        try await purge(CachePurge(tags: tags, pathPrefixes: pathPrefixes, everything: everything))
    }

    /// Makes stale what `purge` with the same arguments would remove.
    @discardableResult
    public func invalidate(
        tags: [String] = [], pathPrefixes: [String] = [], everything: Bool = false
    ) async throws -> CachePurgeResult {
        try await invalidate(CachePurge(tags: tags, pathPrefixes: pathPrefixes, everything: everything))
    }
}

/// What is to be removed from the cache in front of a Worker, or made stale in it: the union of all that is named.
public struct CachePurge: Sendable, Hashable {
    public var tags: [String]
    public var pathPrefixes: [String]
    public var everything: Bool

    public init(tags: [String] = [], pathPrefixes: [String] = [], everything: Bool = false) {
        self.tags = tags
        self.pathPrefixes = pathPrefixes
        self.everything = everything
    }

    /// Why this cannot be carried out; empty if it can.
    package var problems: [CachePurgeResult.Failure] {
        if !everything, tags.isEmpty, pathPrefixes.isEmpty { return [.nothingNamed] }
        let badTags = tags.filter { CacheTags.tag($0) == nil }.count
        let badPrefixes = pathPrefixes.filter { $0.utf8.first != 0x2F }.count
        return (badTags == 0 ? [] : [.invalidTags(badTags)]) + (badPrefixes == 0 ? [] : [.invalidPrefixes(badPrefixes)])
    }
}

/// What became of a purge.
public struct CachePurgeResult: Sendable, Hashable {
    public struct Failure: Sendable, Hashable {
        public var code: Int
        public var message: String

        public init(code: Int, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// Empty for a success; otherwise nothing was removed for certain.
    public var errors: [Failure]
    public var isSuccess: Bool { errors.isEmpty }

    public init(errors: [Failure] = []) { self.errors = errors }
}

extension CachePurgeResult.Failure {
    static let nothingNamed = Self(
        code: 1, message: "A purge names tags, path prefixes, or everything; this one names nothing.")

    static func invalidTags(_ count: Int) -> Self {
        Self(
            code: 2,
            message: "\(count) of the tags cannot be a tag: 1 to 1024 printable ASCII characters without blanks.")
    }

    static func invalidPrefixes(_ count: Int) -> Self {
        Self(code: 3, message: "\(count) of the path prefixes do not begin with “/”.")
    }

    /// It holds until the process ends.
    package static let notKept = Self(
        code: 4, message: "The responses are gone for now, but the disk did not note it: a restart may bring them back."
    )
}

/// For a Worker without a cache in front of it.
package struct NoWorkersCache: WorkersCache {
    package init() {}

    package func purge(_ purge: CachePurge) async throws -> CachePurgeResult {
        throw WorkersError(.error, "Cache purge is not available in this context.")
    }

    package func invalidate(_ purge: CachePurge) async throws -> CachePurgeResult {
        throw WorkersError(.error, "Cache invalidation is not available in this context.")
    }
}
