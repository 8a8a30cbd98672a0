/// What a response is stored under, in one of the caches.
package struct CacheKey: Sendable, Hashable {
    /// Which cache: empty for the default one, otherwise `=` and its name.
    package var cache: String
    /// The request's URL as the URL standard serialises it, without the fragment; or its `cf.cacheKey`.
    package var text: String

    package init(cache: String, text: String) {
        self.cache = cache
        self.text = text
    }

    /// - Throws: a `TypeError` for a URL that is none.
    package init(cache: String, request: Request) throws {
        self.cache = cache
        if let chosen = CacheKey.chosen(request.cf) {
            text = chosen
        } else {
            guard let url = AbsoluteURL(request.url.text) else { throw WorkersError.invalidCacheKey }
            text = url.text
        }
    }

    /// The key a Worker has chosen itself; empty text counts as none, as in JavaScript.
    private static func chosen(_ cf: JSON) -> String? {
        guard case .object(let members) = cf, let key = members.last(where: { $0.name == "cacheKey" }) else {
            return nil
        }
        switch key.value {
        case .string(let text): return text.isEmpty ? nil : text
        case .integer(let number): return number == 0 ? nil : String(number)
        default: return nil
        }
    }

    /// The GET request a text stands for.
    static func request(_ url: String) throws -> Request {
        guard let url = AbsoluteURL(url) else { throw WorkersError.invalidCacheKey }
        return Request(
            .get, RequestURL(scheme: url.scheme, authority: url.authority, path: url.path, query: url.query))
    }
}
