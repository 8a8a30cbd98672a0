/// How an outgoing request is made: the part of a fetch that is not in the request itself.
///
/// ```swift
/// let answer = try await context.fetch(request, options: FetchOptions(redirect: .manual, timeout: .seconds(5)))
/// ```
public struct FetchOptions: Sendable, Hashable {
    /// What happens to a redirect. The mode `error` of browsers does not exist on Workers.
    /// See the Workers documentation, "Request", `redirect`.
    public enum Redirect: Sendable, Hashable {
        /// Redirects are followed, at most 20 of them.
        case follow
        /// The redirect itself is the response.
        case manual
    }

    /// Redirects that are followed before a fetch fails (Fetch Standard, "HTTP-redirect fetch").
    public static let mostRedirects = 20

    public var redirect: Redirect
    /// From the call to the last byte of the response's body, over all redirects; `nil` waits as long as it takes.
    public var timeout: Duration?
    /// Bytes that a response's body may have, counted after decompression; `nil` is without limit.
    public var maximumBody: Int?
    /// What the cache behind `fetch` does; `nil` asks the server each time.
    public var cache: FetchCaching?

    public init(
        redirect: Redirect = .follow, timeout: Duration? = nil, maximumBody: Int? = nil, cache: FetchCaching? = nil
    ) {
        self.redirect = redirect
        self.timeout = timeout
        self.maximumBody = maximumBody
        self.cache = cache
    }
}
