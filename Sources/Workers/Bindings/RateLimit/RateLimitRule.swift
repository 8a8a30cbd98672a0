/// How many calls a key may make in which time.
package struct RateLimitRule: Sendable, Hashable {
    /// Bindings with the same namespace and period count together, each against its own limit.
    package let namespace: String
    /// Calls that succeed in one period. Zero lets nothing pass.
    package let limit: Int
    /// Seconds: 10 or 60.
    package let period: Int

    /// - Throws: an `Error` for a period that is neither 10 nor 60.
    package init(namespace: String, limit: Int, period: Int) throws(WorkersError) {
        guard period == 10 || period == 60 else { throw WorkersError(.error, "unsupported period: \(period)") }
        self.namespace = namespace
        self.limit = limit
        self.period = period
    }
}

/// The arguments of a call as a dynamic language passes them: `{key, limit, period}`, all of them optional.
///
/// A Swift handler cannot get these wrong; the same call over JSON can. `limit` and `period` override the configured ones.
package struct RateLimitCall: Sendable, Hashable {
    package let key: String
    package let rule: RateLimitRule

    /// - Throws: an `Error` in the words of the runtime.
    package init(_ options: JSON, rule: RateLimitRule) throws(WorkersError) {
        guard case .object(let members) = options else { throw WorkersError(.error, "invalid rate limit options") }
        let unknown = members.map(\.name).filter { !["key", "limit", "period"].contains($0) }
        guard unknown.isEmpty else {
            throw WorkersError(.error, "bad rate limit options: [\(unknown.joined(separator: ","))]")
        }
        func value(_ name: String) -> JSON? { members.last { $0.name == name }?.value }
        switch value("key") {
        case nil: key = ""
        case .string(let text)?: key = text
        case let other?: throw WorkersError(.error, "invalid key: \(RateLimitCall.shown(other))")
        }
        let limit = try RateLimitCall.number(value("limit"), name: "limit") ?? rule.limit
        let period = try RateLimitCall.number(value("period"), name: "period") ?? rule.period
        self.rule = try RateLimitRule(namespace: rule.namespace, limit: limit, period: period)
    }

    private static func number(_ value: JSON?, name: String) throws(WorkersError) -> Int? {
        switch value {
        case nil: return nil
        case .integer(let number)?: return number
        case .number(let number)?:
            guard let whole = Int(exactly: number.rounded(.down)) else {
                throw WorkersError(.error, "\(name) must be a number: \(number)")
            }
            // A fraction of a call is no call, and a fraction of a second no period.
            if name == "period", Double(whole) != number { throw WorkersError(.error, "unsupported period: \(number)") }
            return whole
        case let other?: throw WorkersError(.error, "\(name) must be a number: \(shown(other))")
        }
    }

    /// As JavaScript puts a value into a text.
    private static func shown(_ value: JSON) -> String {
        switch value {
        case .string(let text): text
        case .array(let values): values.map { $0 == .null ? "" : shown($0) }.joined(separator: ",")
        case .object: "[object Object]"
        default: value.text
        }
    }
}
