import HTTPTypes

/// How the origin failed.
package enum OriginFailure: Sendable, Hashable {
    /// No connection, or none that lasted until the end of the head.
    case connection
    case timeout
    /// It answered, with this status.
    case status(Int)
}

/// RFC 5861 §4, RFC 9111 §4.2.4.
extension CachePolicy {
    /// Whether an answer with this status counts as a failure when there is something stored to serve instead.
    package static func isFailure(_ status: Int) -> Bool {
        switch status {
        case 500, 502, 503, 504, 520...526: true
        default: false
        }
    }

    /// What is served in the place of an error; `nil` when the client must see the error.
    package func afterFailure(
        of stored: [CachedResponse], for request: CacheRequest, failure: OriginFailure,
        because reason: CacheStatus.Forward,
        now: Double
    ) -> CacheAnswer? {
        if case .status(let status) = failure, !isFailure(status) { return nil }
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        let directives = obeysRequestDirectives ? RequestDirectives(request.fields) : RequestDirectives()
        // A client that wants the origin's own answer gets it, be it an error.
        guard !directives.noCache else { return nil }
        for index in choose(from: stored, for: request.fields) {
            guard mayServe(stored[index].freshness, directives, failure: failure, now: now) else { continue }
            var status = CacheStatus(
                cache: name, forward: reason,
                timeToLive: CachePolicy.timeToLive(stored[index], now: now),
                detail: CacheStatus.Detail.staleIfError)
            if case .status(let code) = failure { status.forwardStatus = code }
            if let answer = answer(from: stored[index], at: index, for: request, now: now, status: status) {
                return answer
            }
        }
        return nil
    }

    private func isFailure(_ status: Int) -> Bool {
        if staleOnFailure == .always { return (500...599).contains(status) }
        return CachePolicy.isFailure(status)
    }

    private func mayServe(
        _ freshness: Freshness, _ directives: RequestDirectives, failure: OriginFailure, now: Double
    ) -> Bool {
        // It was the client that wanted to know better.
        if freshness.isFresh(at: now) { return true }
        if freshness.rules.contains(.neverStale) { return false }
        if noCacheForbidsStale, freshness.rules.contains(.alwaysValidates) { return false }
        let staleness = -freshness.timeLeft(at: now)
        if let window = freshness.staleIfError { return staleness < window }
        if let window = directives.staleIfError, staleness < window { return true }
        switch (staleOnFailure, failure) {
        case (.always, _): return true
        case (.whenDisconnected(let longest), .connection), (.whenDisconnected(let longest), .timeout):
            return staleness < longest
        default: return false
        }
    }
}
