/// One cache of the Cache API: responses under the URL they answer.
///
/// ```swift
/// let cache = context.caches.default
/// if let stored = try await cache.match(request) { return stored }
/// let response = try await render(request)
/// try await cache.put(request, response.clone())
/// ```
/// A response is kept as long as its own `Cache-Control` or `Expires` says, and not at all if they allow none. Request
/// headers play no part in the key: `Vary` is ignored. A cache is local to its location, so a miss is always possible.
/// See the Workers documentation, "Cache", and RFC 9111.
public protocol Cache: Sendable {
    /// The stored response for a request; `nil` when there is none, or its time is over.
    ///
    /// `If-None-Match`, `If-Modified-Since` and `Range` of the request are answered from the store with 304, 206 and 416.
    ///
    /// - Throws: a `TypeError` for a URL that is not absolute.
    func match(_ request: Request, options: CacheQueryOptions) async throws -> Response?

    /// Stores a response in place of the one before, and uses its body either way.
    ///
    /// Returns without storing, and without saying so, when the response may not be kept: `no-store`, `private`,
    /// `no-cache`, `Set-Cookie`, a status that caches do not know, no lifetime left, or more bytes than the store takes.
    ///
    /// - Throws: a `TypeError` for what can never be stored: a request other than GET, status 206, `Vary: *`, a used
    ///   body; and what the body's stream fails with, in which case nothing is stored.
    func put(_ request: Request, _ response: Response) async throws

    /// Removes the response under exactly this URL.
    ///
    /// - Returns: whether there was one whose time was not over.
    func delete(_ request: Request, options: CacheQueryOptions) async throws -> Bool
}

/// How `match` and `delete` look at a request.
public struct CacheQueryOptions: Sendable, Hashable {
    /// Takes a request of any method as if it were a GET; otherwise only GET finds anything.
    public var ignoreMethod: Bool

    public init(ignoreMethod: Bool = false) { self.ignoreMethod = ignoreMethod }
}

/// The caches of a Worker: one default, and others by name. None shares anything with another.
public protocol CacheStorage: Sendable {
    /// The cache without a name.
    var `default`: any Cache { get }

    /// The cache of this name, made at its first use. `open("default")` is not the default one.
    ///
    /// - Throws: a `TypeError` for a name of 1024 characters or more.
    func open(_ name: String) async throws -> any Cache
}

extension Cache {
    public func match(_ request: Request) async throws -> Response? {
        try await match(request, options: CacheQueryOptions())
    }

    public func delete(_ request: Request) async throws -> Bool {
        try await delete(request, options: CacheQueryOptions())
    }

    /// - Parameter url: absolute, `https://…` or `http://…`.
    public func match(_ url: String, options: CacheQueryOptions = CacheQueryOptions()) async throws -> Response? {
        try await match(try CacheKey.request(url), options: options)
    }

    /// - Parameter url: absolute, `https://…` or `http://…`.
    public func put(_ url: String, _ response: Response) async throws {
        try await put(try CacheKey.request(url), response)
    }

    /// - Parameter url: absolute, `https://…` or `http://…`.
    public func delete(_ url: String, options: CacheQueryOptions = CacheQueryOptions()) async throws -> Bool {
        try await delete(try CacheKey.request(url), options: options)
    }
}

/// The texts of the Cache API's errors, which are all type errors.
extension WorkersError {
    static let invalidCacheKey = WorkersError(
        .typeError, "Invalid URL. Cache API keys must be fully-qualified, valid URLs.")
    static let cacheNameTooLong = WorkersError(.typeError, "Cache name is too long.")
    static let cannotCacheMethod = WorkersError(.typeError, "Cannot cache response to non-GET request.")
    static let cannotCachePart = WorkersError(
        .typeError, "Cannot cache response to a range request (206 Partial Content).")
    static let cannotCacheVaryAny = WorkersError(.typeError, "Cannot cache response with 'Vary: *' header.")
    static let cannotCacheFailure = WorkersError(.typeError, "Cache is unable to store an error response")
    static let cannotCacheWebSocket = WorkersError(.typeError, "Cannot cache WebSocket upgrade response.")
}
