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

    /// Byte by byte: Swift takes two spellings of an accented letter for one text, SQLite and JavaScript do not.
    package static func == (left: CacheKey, right: CacheKey) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8) && left.cache.utf8.elementsEqual(right.cache.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        for var part in [cache, text] {
            part.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            hasher.combine(0)
        }
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
