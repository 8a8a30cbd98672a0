import HTTPTypes

/// What becomes of a request before anything stored is looked at.
package enum RequestHandling: Sendable, Hashable {
    /// `CachePolicy.reuse` decides.
    case lookUp
    /// The origin answers.
    ///
    /// - Parameters:
    ///   - detail: for `Cache-Status`.
    ///   - invalidates: whether a success makes stored responses invalid; see `CachePolicy.invalidated`.
    ///   - mayStore: whether `CachePolicy.storing` is asked about the answer.
    case passThrough(CacheStatus.Forward, detail: String?, invalidates: Bool, mayStore: Bool)
}

/// What the stored responses of a URL can do for a request.
package enum Reuse: Sendable, Hashable {
    case answer(CacheAnswer)
    /// This goes to the client at once, and the request is sent to the origin meanwhile.
    case answerStale(CacheAnswer, refresh: Forward)
    /// The origin is asked whether the stored response with this index still holds.
    case validate(Int, Forward)
    /// The stored response with this index is a part, and the origin is asked for the rest of it; see
    /// `CachePolicy.combining`.
    case complete(Int, missing: Range<Int>, Forward)
    case fetch(Forward)
    /// The client wanted a stored response or none, and there is none (RFC 9111 §5.2.1.7): 504.
    case gatewayTimeout(CacheStatus)
}

/// A request as it goes to the origin.
package struct Forward: Sendable, Hashable {
    package var method: String
    /// The client's fields, with conditions and ranges as they are to be sent. Transfer fields are still among them.
    package var fields: HTTPFields
    package var reason: CacheStatus.Forward
    /// Whether its answer may be the answer to other requests for the same URL: it asks for all of it, unconditionally or
    /// with the cache's own conditions.
    package var mayBeShared: Bool

    /// How the answer to it is explained.
    package func status(
        cache: String, forwardStatus: Int? = nil, isStored: Bool = false, isCollapsed: Bool = false,
        detail: String? = nil
    ) -> CacheStatus {
        CacheStatus(
            cache: cache, forward: reason, forwardStatus: forwardStatus, isStored: isStored, isCollapsed: isCollapsed,
            detail: detail)
    }
}

extension CacheRequest {
    /// The same request as it is sent to the origin; `CachePolicy.storing` and `updating` look at that one.
    package func sent(as forward: Forward) -> CacheRequest {
        var request = self
        request.method = forward.method
        request.fields = forward.fields
        return request
    }
}
