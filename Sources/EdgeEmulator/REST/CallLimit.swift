import HTTPTypes
import Workers

/// How often a user may call: 1200 times in five minutes. See Cloudflare's documentation, "API rate limits".
///
/// The five minutes begin with the first call and are not extended by later ones. A value without a clock.
struct CallLimit: Sendable {
    static let quota = 1200
    /// In seconds.
    static let window = 300

    /// What becomes of one call.
    struct Verdict: Sendable, Equatable {
        var isAdmitted: Bool
        /// Calls that are left.
        var remaining: Int
        /// Seconds until all of them are there again, at least 1.
        var reset: Int

        /// The fields that tell it, as `draft-ietf-httpapi-ratelimit-headers` spells them.
        var fields: [(name: String, value: String)] {
            [
                ("Ratelimit", "\"default\";r=\(remaining);t=\(reset)"),
                ("Ratelimit-Policy", "\"default\";q=\(CallLimit.quota);w=\(CallLimit.window)"),
            ]
        }
    }

    private var began = -Double.infinity
    private var used = 0

    /// - Parameter now: seconds since 1970.
    mutating func take(now: Double) -> Verdict {
        // A clock that was set back does not leave anybody waiting.
        if now - began >= Double(CallLimit.window) || now < began {
            began = now
            used = 0
        }
        let rest = Double(CallLimit.window) - (now - began)
        let reset = max(1, Int(rest.rounded(.up)))
        guard used < CallLimit.quota else { return Verdict(isAdmitted: false, remaining: 0, reset: reset) }
        used += 1
        return Verdict(isAdmitted: true, remaining: CallLimit.quota - used, reset: reset)
    }
}
