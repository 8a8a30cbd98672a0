import HTTPTypes

extension CachePolicy {
    /// How a request is answered from the stored responses of its URL (RFC 9111 §4).
    ///
    /// - Parameter stored: all variants and parts that are stored under the request's key, in any order.
    package func reuse(_ stored: [CachedResponse], for request: CacheRequest, now: Double) -> Reuse {
        let directives = obeysRequestDirectives ? RequestDirectives(request.fields) : RequestDirectives()
        if program?.mode == .reload { return .fetch(fetching(request, because: .request)) }
        let fitting = choose(from: stored, for: request.fields)
        guard !fitting.isEmpty else {
            return miss(stored.isEmpty ? .uriMiss : .varyMiss, request, directives)
        }
        // A part is of use only to those who want no more than it.
        var choice: (index: Int, answer: CacheAnswer)?
        for index in fitting {
            let status = CacheStatus(cache: name, timeToLive: CachePolicy.timeToLive(stored[index], now: now))
            if let answer = answer(from: stored[index], at: index, for: request, now: now, status: status) {
                choice = (index, answer)
                break
            }
        }
        guard let choice else {
            return completion(of: fitting, in: stored, for: request, directives)
        }
        return reuse(stored[choice.index], choice.answer, for: request, directives, now: now)
    }

    private func reuse(
        _ stored: CachedResponse, _ answer: CacheAnswer, for request: CacheRequest, _ directives: RequestDirectives,
        now: Double
    ) -> Reuse {
        let freshness = stored.freshness
        let isFresh = freshness.isFresh(at: now)
        let mustAsk = program?.mode == .noCache
        if isFresh, directives.accept(freshness, at: now), !mustAsk { return .answer(answer) }
        var answer = answer
        if !isFresh, !mustAsk, directives.acceptStale(freshness, at: now) {
            answer.cacheStatus.detail = CacheStatus.Detail.maxStale
            return .answer(answer)
        }
        let reason: CacheStatus.Forward = isFresh ? .request : .stale
        if !isFresh, !mustAsk, freshness.mayServeWhileRefreshing(at: now), directives.accept(freshness, at: now) {
            answer.cacheStatus.detail = CacheStatus.Detail.staleWhileRevalidate
            return .answerStale(answer, refresh: refreshing(stored, for: request))
        }
        if directives.onlyIfCached { return .gatewayTimeout(nothingCached) }
        guard stored.hasValidator else { return .fetch(fetching(request, because: reason)) }
        return .validate(answer.stored, validating(stored, for: request, because: reason))
    }

    /// A refresh is for everybody: it asks for all of it, whatever this client wanted.
    private func refreshing(_ stored: CachedResponse, for request: CacheRequest) -> Forward {
        var request = request
        request.method = "GET"
        return validating(stored, for: request, because: .stale)
    }

    private func miss(_ reason: CacheStatus.Forward, _ request: CacheRequest, _ directives: RequestDirectives) -> Reuse
    {
        directives.onlyIfCached ? .gatewayTimeout(nothingCached) : .fetch(fetching(request, because: reason))
    }

    private var nothingCached: CacheStatus {
        CacheStatus(cache: name, detail: CacheStatus.Detail.onlyIfCached)
    }

    static func timeToLive(_ stored: CachedResponse, now: Double) -> Int {
        Int(stored.freshness.timeLeft(at: now).rounded(.down))
    }

    /// The stored responses that the request chooses, the best first: by how well they fit, then the latest (RFC 9111
    /// §4.1).
    func choose(from stored: [CachedResponse], for request: HTTPFields) -> [Int] {
        var fitting: [(index: Int, fit: Fit)] = []
        for (index, response) in stored.enumerated() {
            if let fit = fit(response, request) { fitting.append((index, fit)) }
        }
        if fitting.count > 1 {
            fitting.sort { left, right in
                if left.fit != right.fit { return left.fit > right.fit }
                return stored[left.index].responseTime > stored[right.index].responseTime
            }
        }
        return fitting.map(\.index)
    }

    // MARK: Parts

    /// Asks for the rest of a part, or for everything (RFC 9111 §3.4).
    private func completion(
        of fitting: [Int], in stored: [CachedResponse], for request: CacheRequest, _ directives: RequestDirectives
    ) -> Reuse {
        if directives.onlyIfCached { return .gatewayTimeout(nothingCached) }
        if request.method == "GET", !request.fields.contains(.range) {
            for index in fitting {
                guard case .part(let held, let size?) = stored[index].content, CachePolicy.isCombinable(stored[index])
                else { continue }
                guard let missing = CachePolicy.missing(held, of: size) else { continue }
                let forward = completing(stored[index], missing: missing, size: size, for: request)
                return .complete(index, missing: missing, forward)
            }
        }
        return .fetch(fetching(request, because: .partial))
    }

    /// What lies before or behind a part; `nil` when that is two pieces.
    private static func missing(_ held: Range<Int>, of size: Int) -> Range<Int>? {
        if held.lowerBound == 0, held.upperBound < size { return held.upperBound..<size }
        if held.upperBound == size, held.lowerBound > 0 { return 0..<held.lowerBound }
        return nil
    }

    /// Whether it can be known that another part is of the very same representation.
    private static func isCombinable(_ stored: CachedResponse) -> Bool {
        if let tag = stored.fields[.eTag] { return EntityTag.isStrong(tag) }
        return strongDate(stored, now: stored.responseTime) != nil
    }
}
