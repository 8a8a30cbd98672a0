import HTTPCaching
import HTTPTypes

/// 1 June 2026, noon: second 0 of every story.
let noon = 1_780_315_200.0

/// `Mon, 01 Jun 2026 12:00:05 GMT` for 5.
func date(_ second: Int) -> String { HTTPDate.text(Int(noon) + second) }

/// Header fields from lines, as a message has them.
func fields(_ lines: [String]) -> HTTPFields {
    var fields = HTTPFields()
    for line in lines {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts[1].drop { $0 == " " }
        fields.append(HTTPField(name: HTTPField.Name(String(parts[0]))!, value: String(value)))
    }
    return fields
}

func request(_ lines: String..., method: String = "GET", target: String = "/a") -> CacheRequest {
    request(lines, method: method, target: target)
}

func request(_ lines: [String], method: String = "GET", target: String = "/a") -> CacheRequest {
    CacheRequest(method: method, scheme: "https", authority: "lily.test", target: target, fields: fields(lines))
}

/// One URL and its cache: responses come, requests come, and each is told in a word what becomes of it.
///
/// ```swift
/// var story = Story()
/// story.receive("Cache-Control: max-age=10")
/// #expect(story.ask(at: 5) == "hit 200")
/// ```
struct Story {
    var policy = CachePolicy.rfc
    var stored: [CachedResponse] = []

    init(_ policy: CachePolicy = .rfc) { self.policy = policy }

    /// A story that begins with one response, received in second 0.
    init(_ lines: String..., status: Int = 200, policy: CachePolicy = .rfc) {
        self.policy = policy
        receive(lines, status: status)
    }

    /// The origin answers.
    ///
    /// - Returns: `stored`, or why not.
    @discardableResult
    mutating func receive(
        _ lines: String..., status: Int = 200, to request: CacheRequest = request(), size: Int = 10,
        sent: Double? = nil,
        at second: Double = 0
    ) -> String {
        receive(lines, status: status, to: request, size: size, sent: sent, at: second)
    }

    @discardableResult
    mutating func receive(
        _ lines: [String], status: Int = 200, to request: CacheRequest = request(), size: Int = 10, sent: Double? = nil,
        at second: Double = 0
    ) -> String {
        let decision = policy.storing(
            status: status, fields: fields(lines), for: request, requestTime: noon + (sent ?? second),
            responseTime: noon + second)
        switch decision {
        case .refuse(let refusal): return refusal.rawValue
        case .store(let head):
            guard let response = head.finished(received: size) else { return "not what the head promised" }
            for index in policy.replaced(by: response, in: stored).reversed() { stored.remove(at: index) }
            stored.append(response)
            return "stored"
        }
    }

    func reuse(_ request: CacheRequest, at second: Double) -> Reuse {
        policy.reuse(stored, for: request, now: noon + second)
    }

    /// A client asks.
    func ask(_ lines: String..., method: String = "GET", at second: Double = 3) -> String {
        reuse(request(lines, method: method), at: second).word
    }

    /// The answer that a client gets from the cache alone.
    func answer(_ lines: String..., method: String = "GET", at second: Double = 3) -> CacheAnswer? {
        switch reuse(request(lines, method: method), at: second) {
        case .answer(let answer), .answerStale(let answer, _): answer
        default: nil
        }
    }

    /// The request that goes to the origin.
    func forward(_ lines: String..., method: String = "GET", at second: Double = 3) -> Forward? {
        switch reuse(request(lines, method: method), at: second) {
        case .validate(_, let forward), .complete(_, _, let forward), .fetch(let forward),
            .answerStale(_, let forward):
            forward
        case .answer, .gatewayTimeout: nil
        }
    }

    /// The origin says that the first stored response still holds.
    ///
    /// - Returns: `updated`, `mismatch`, or why it is not kept.
    @discardableResult
    mutating func confirm(_ lines: String..., at second: Double, to request: CacheRequest = request()) -> String {
        let updating = policy.updating(
            stored[0], with: fields(lines), for: request, requestTime: noon + second, responseTime: noon + second)
        switch updating {
        case .mismatch: return "mismatch"
        case .updated(let response):
            stored[0] = response
            return "updated"
        case .discard(_, let refusal):
            stored.remove(at: 0)
            return refusal.rawValue
        }
    }

    /// The origin fails.
    ///
    /// - Returns: what is served in its place.
    func fail(_ lines: String..., failure: OriginFailure = .connection, at second: Double) -> CacheAnswer? {
        policy.afterFailure(
            of: stored, for: request(lines), failure: failure, because: .stale, now: noon + second)
    }
}

extension Reuse {
    /// In a word or two.
    var word: String {
        switch self {
        case .answer(let answer):
            answer.cacheStatus.detail.map { "\($0) \(answer.status)" } ?? "hit \(answer.status)"
        case .answerStale(let answer, _): "stale \(answer.status), refreshed"
        case .validate: "validate"
        case .complete(_, let missing, _): "complete \(missing)"
        case .fetch(let forward): "fetch, \(forward.reason.rawValue)"
        case .gatewayTimeout: "504"
        }
    }
}
