/// Reading URLs from text and changing their queries.
extension RequestURL {
    /// Reads an absolute `http` or `https` URL by the URL standard: scheme and host in lower case, the scheme's own port
    /// dropped, dot segments resolved, what may not stand in a URL escaped, the fragment dropped because it is never sent.
    ///
    /// `nil` for another scheme, for user information (a request cannot have any: Fetch standard, "Request class"), and
    /// for what is no URL. A handler that fetches URLs from strangers must still check where the name leads.
    public init?(parsing text: some StringProtocol) {
        guard let url = AbsoluteURL(String(text)) else { return nil }
        self.init(scheme: url.scheme, authority: url.authority, path: url.path, query: url.query)
    }

    /// The URL that a reference means where it is found at `base`, as in `Location`: RFC 3986 §5.2, with the URL
    /// standard's reading of what is odd.
    ///
    /// ```swift
    /// RequestURL(resolving: "../traces?limit=5", at: request.url)
    /// ```
    /// `nil` for what `init(parsing:)` would refuse.
    public init?(resolving reference: some StringProtocol, at base: RequestURL) {
        guard let url = base.resolving(reference), url.scheme == "http" || url.scheme == "https" else { return nil }
        self = url
    }

    /// The query as items; none when the URL has no query.
    public var queryItems: URLQuery { query.map { URLQuery(parsing: $0) } ?? URLQuery() }

    /// The same URL with another query; an empty one leaves none.
    public func replacingQuery(_ query: URLQuery) -> RequestURL {
        var url = self
        url.query = query.isEmpty ? nil : query.text
        return url
    }

    /// The same URL in which `name` has this one value, or none for `nil`. Other items keep their order, but are written
    /// anew: `%20` becomes `+`.
    public func settingQuery(_ name: String, _ value: String?) -> RequestURL {
        var query = queryItems
        if let value { query.set(name, value) } else { query.remove(name) }
        return replacingQuery(query)
    }
}
