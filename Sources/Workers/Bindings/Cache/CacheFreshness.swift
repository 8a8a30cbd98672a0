import HTTPCaching
import HTTPTypes

/// How long a response may be used again (RFC 9111 §4.2), counted in seconds from the moment it is stored.
package enum CacheFreshness {
    /// The first that applies: `s-maxage`, `max-age`, `Expires`, the lifetimes by status when they are asked for, and a
    /// tenth of the time since `Last-Modified`. What the response has spent in other caches (`Age`) is taken off.
    ///
    /// - Parameters:
    ///   - now: in seconds since 1970.
    ///   - defaultsByStatus: whether a response that says nothing gets the lifetime that Cloudflare's CDN gives it.
    /// - Returns: zero or less for a response that cannot be kept.
    package static func lifetime(
        status: Int, headers: Headers, control: CacheControl, now: Double, defaultsByStatus: Bool
    ) -> Double {
        let lifetime =
            explicit(headers: headers, control: control, now: now)
            ?? (defaultsByStatus ? byStatus(status) : heuristic(status: status, headers: headers, now: now))
        return lifetime - age(headers)
    }

    /// Seconds that the response has spent in other caches, as its `Age` says: the first of several values, zero for one
    /// that is no number (RFC 9111 §5.1).
    package static func age(_ headers: Headers) -> Double {
        guard let line = headers[values: .age].first else { return 0 }
        return DeltaSeconds.parse(line.prefix { $0 != "," }.trimmedOfBlanks) ?? 0
    }

    private static func explicit(headers: Headers, control: CacheControl, now: Double) -> Double? {
        if let seconds = control.seconds("s-maxage") ?? control.seconds("max-age") { return seconds }
        let expires = headers[values: .expires]
        guard let first = expires.first else { return nil }
        // A date that cannot be read, `0` among them, lies in the past; so do several at once (RFC 9111 §5.3).
        guard expires.count == 1, let time = HTTPDate.lenient(first, now: now) else { return 0 }
        return time - now
    }

    /// RFC 9111 §4.2.2, with the tenth that caches have agreed on.
    private static func heuristic(status: Int, headers: Headers, now: Double) -> Double {
        guard heuristicStatuses.contains(status), let text = headers[.lastModified],
            let time = HTTPDate.lenient(text, now: now)
        else { return 0 }
        return max(0, now - time) / 10
    }

    /// See Cloudflare's documentation, "Default cache behavior", "Edge TTL".
    private static func byStatus(_ status: Int) -> Double {
        switch status {
        case 200, 301: 7200
        case 302, 303: 1200
        case 404, 410: 180
        default: 0
        }
    }

    /// Heuristically cacheable status codes (RFC 9110 §15.1), without 206, which is never stored here.
    private static let heuristicStatuses: Set<Int> = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]
}
