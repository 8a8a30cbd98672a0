import HTTPCaching
import HTTPTypes

/// What one cache makes of the responses that it stores: its rules, and how it tells a client what it did.
struct CacheProfile: Sendable {
    var policy: CachePolicy
    var status: EdgeCache.StatusField

    /// The head of a fresh hit, but for the fields that depend on the moment.
    func head(_ stored: CachedResponse, size: Int) -> ResponseHead {
        let fields = policy.servedFields(of: stored)
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(fields.count + 1)
        for field in fields {
            let name = field.name.canonicalName
            if status.isOwn(name) || (ResponseHead.isFraming(name) && name != "date") { continue }
            headers.append((field.name.rawName, field.value))
        }
        // `Cache-Status` says how long the response stays fresh, which is not known yet.
        if status == .cloudflare { headers.append(("CF-Cache-Status", CloudflareCacheStatus.hit.rawValue)) }
        return ResponseHead(
            status: stored.status, headers: headers,
            contentLength: ResponseHead.hasContent(stored.status) ? size : nil)
    }
}

extension EdgeCache.StatusField {
    /// Whether it is a field that nobody but this cache can say anything in.
    func isOwn(_ lowercasedName: String) -> Bool { self == .cloudflare && lowercasedName == "cf-cache-status" }
}

extension ResponseStore.Options {
    /// Says for each cache of a store, by its namespace, what a stored response means and how a hit looks. The only place
    /// for both, so that what is served from memory and what is worked out for a request do not differ.
    mutating func setProfiles(_ profile: @escaping @Sendable (_ namespace: String) -> CacheProfile) {
        policy = { profile($0).policy }
        serialise = { key, head, size in profile(key.namespace).head(head, size: size) }
    }
}
