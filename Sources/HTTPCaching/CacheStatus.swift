/// How a cache came to its answer: one member of `Cache-Status` (RFC 9211).
package struct CacheStatus: Sendable, Hashable {
    /// Why the origin was asked (RFC 9211 §2.2).
    package enum Forward: String, Sendable, Hashable, CaseIterable {
        /// The cache was told not to look.
        case bypass
        /// The method's answers are not reused.
        case method
        case uriMiss = "uri-miss"
        case varyMiss = "vary-miss"
        /// There was a fresh response, and the client wanted more than that.
        case request
        case stale
        /// There was a part, and not the one that was asked for.
        case partial
    }

    /// Details of our own; RFC 9211 leaves them to the cache.
    package enum Detail {
        package static let staleWhileRevalidate = "stale-while-revalidate"
        package static let staleIfError = "stale-if-error"
        package static let maxStale = "max-stale"
        package static let onlyIfCached = "only-if-cached"
    }

    package var cache: String
    /// `nil` for a hit.
    package var forward: Forward?
    /// What the origin answered, when that is not what the client gets.
    package var forwardStatus: Int?
    /// Seconds of freshness that are left; negative for a stale response.
    package var timeToLive: Int?
    package var isStored = false
    /// Whether the request waited for another one's answer.
    package var isCollapsed = false
    package var key: String?
    package var detail: String?

    package init(
        cache: String, forward: Forward? = nil, forwardStatus: Int? = nil, timeToLive: Int? = nil,
        isStored: Bool = false, isCollapsed: Bool = false, key: String? = nil, detail: String? = nil
    ) {
        self.cache = cache
        self.forward = forward
        self.forwardStatus = forwardStatus
        self.timeToLive = timeToLive
        self.isStored = isStored
        self.isCollapsed = isCollapsed
        self.key = key
        self.detail = detail
    }

    package var isHit: Bool { forward == nil && detail != Detail.onlyIfCached }

    /// The member as it is written. A field that is there already gets it appended: caches nearer to the client come last.
    package var text: String {
        var text = CacheStatus.isToken(cache) ? cache : CacheStatus.quoted(cache)
        if isHit { text += "; hit" }
        if let forward { text += "; fwd=\(forward.rawValue)" }
        if let forwardStatus { text += "; fwd-status=\(forwardStatus)" }
        if isStored { text += "; stored" }
        if isCollapsed { text += "; collapsed" }
        if let timeToLive { text += "; ttl=\(timeToLive)" }
        if let key { text += "; key=\(CacheStatus.quoted(key))" }
        if let detail { text += "; detail=\(CacheStatus.isToken(detail) ? detail : CacheStatus.quoted(detail))" }
        return text
    }

    /// RFC 9651 §3.3.4.
    private static func isToken(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == 0x2A else { return false }
        return text.utf8.allSatisfy { byte in
            isLetter(byte) || (0x30...0x39).contains(byte) || tokenMarks.contains(byte)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static let tokenMarks = Set("!#$%&'*+-.^_`|~:/".utf8)

    /// RFC 9651 §3.3.3; a string has no other characters than those of ASCII that print.
    private static func quoted(_ text: String) -> String {
        var output = "\""
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: output += "\\" + String(UnicodeScalar(byte))
            case 0x20...0x7E: output.unicodeScalars.append(UnicodeScalar(byte))
            default: output += "?"
            }
        }
        return output + "\""
    }
}

/// The same in Cloudflare's words: `CF-Cache-Status`. See its documentation, "Cloudflare cache responses".
package enum CloudflareCacheStatus: String, Sendable, Hashable, CaseIterable {
    case hit = "HIT"
    case miss = "MISS"
    case expired = "EXPIRED"
    case revalidated = "REVALIDATED"
    case updating = "UPDATING"
    case stale = "STALE"
    case bypass = "BYPASS"
    case dynamic = "DYNAMIC"

    /// - Parameter refusal: why the origin's response was not stored, if it was not.
    package init(_ status: CacheStatus, refusal: StorageRefusal? = nil) {
        switch (status.forward, status.detail) {
        case (nil, CacheStatus.Detail.staleWhileRevalidate): self = .updating
        case (_, CacheStatus.Detail.staleIfError), (nil, CacheStatus.Detail.maxStale): self = .stale
        case (nil, CacheStatus.Detail.onlyIfCached): self = .miss
        case (nil, _): self = .hit
        case (.method, _), (.bypass, StorageRefusal.ineligible.rawValue): self = .dynamic
        case (.bypass, _): self = .bypass
        case (.stale, _) where status.forwardStatus == 304, (.request, _) where status.forwardStatus == 304:
            self = .revalidated
        case _ where refusal == .ineligible: self = .dynamic
        case _ where refusal?.isChoiceOfResponse == true: self = .bypass
        case (.stale, _), (.request, _): self = .expired
        case (.uriMiss, _), (.varyMiss, _), (.partial, _): self = .miss
        }
    }
}

extension StorageRefusal {
    /// Whether the response asked not to be stored, rather than being of a kind that never is.
    var isChoiceOfResponse: Bool {
        switch self {
        case .noStore, .isPrivate, .authorization, .cookies, .vary, .type, .useless: true
        case .method, .status, .requestNoStore, .part, .length, .ineligible: false
        }
    }
}
