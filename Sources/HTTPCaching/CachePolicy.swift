import HTTPTypes

/// What one cache does: RFC 9111 for a shared cache, with the places marked where caches differ.
///
/// All of its functions are pure. Times are seconds since 1970, with fractions.
package struct CachePolicy: Sendable {
    /// How long a response is fresh that does not say so itself.
    package enum DefaultLifetime: Sendable, Hashable {
        /// A tenth of the time since `Last-Modified`, at most this many seconds (RFC 9111 §4.2.2).
        case heuristic(longest: Double)
        /// By status code; statuses that are not listed are not stored.
        case byStatus([Int: Double])
    }

    /// Which request fields tell the variants of a URL apart.
    package enum Variance: Sendable, Hashable {
        /// All that `Vary` names, compared by meaning as far as the field's syntax is known.
        case normalised
        /// All that `Vary` names, compared byte by byte.
        case verbatim
        /// Of those that `Vary` names only these, in lower case.
        case only(Set<String>)
        /// As a program says: the `vary` of a `cf` object.
        case configured(VaryAction, fields: [String: VaryAction])
    }

    package enum VaryAction: Sendable, Hashable {
        /// Compared by meaning. With choices, as much of it as decides which of them the client would get.
        case normalise(choices: [String])
        /// Compared byte by byte.
        case passThrough
        /// A response that varies by it is not stored.
        case bypass
    }

    /// When a stale response is better than an error although the response does not say so itself.
    package enum StaleOnFailure: Sendable, Hashable {
        case never
        /// While the origin cannot be reached, for so many seconds past the lifetime (RFC 9111 §4.2.4).
        case whenDisconnected(Double)
        /// For ever, on any failure.
        case always
    }

    /// Which responses may be stored at all, by their URL.
    package enum Eligibility: Sendable, Hashable {
        case everything
        /// Those whose path ends in one of these extensions, in lower case.
        case extensions(Set<String>)
    }

    /// In `Cache-Status`.
    package var name = "Lilypad"
    /// Response fields that replace `Cache-Control`, the most specific first (RFC 9213).
    package var targetedFields: [HTTPField.Name] = [.cdnCacheControl]
    /// Response fields that are read here and go no further.
    package var consumedFields: Set<String> = []
    /// Response fields that are neither stored nor passed on.
    package var strippedFields: Set<String> = []
    package var defaultLifetime = DefaultLifetime.heuristic(longest: 86_400)
    package var variance = Variance.normalised
    /// Whether one path on two hosts is two keys.
    package var keysByOrigin = true
    /// Request fields that are part of the key, in lower case.
    package var keyFields: [String] = []
    /// Whether `Content-Language: de` answers whoever prefers German to all else.
    package var answersByLanguage = true
    package var staleOnFailure = StaleOnFailure.whenDisconnected(86_400)
    package var eligibility = Eligibility.everything
    /// Whether a client may ask for more than freshness (RFC 9111 §5.2.1).
    package var obeysRequestDirectives = true
    /// Whether a response with cookies is stored although it names them neither in `private` nor in `no-cache`.
    package var storesCookies = true
    /// Whether a 206 is stored.
    package var storesParts = true
    /// Whether the origin sees the `Range` of a client whose response is not stored.
    package var forwardsRanges = true
    /// Whether the origin sees the conditions of a client whose response is not stored.
    package var forwardsConditions = true
    /// Whether a HEAD that cannot be answered is sent on as GET, so that something can be stored.
    package var fetchesWholeForHead = false
    /// Whether `no-cache` rules out what `stale-while-revalidate` and `stale-if-error` allow.
    package var noCacheForbidsStale = true
    /// Whether a type that contradicts the extension of the path is a reason not to store.
    package var refusesContradictingTypes = false
    /// Status codes that are never stored.
    package var refusedStatuses: Set<Int> = []
    /// What a program has said about this request; `nil` when it said nothing.
    package var program: CacheProgram?
    /// Separates the parts of a multipart answer: letters and digits that do not occur in the content.
    package var boundary: @Sendable () -> String = CachePolicy.randomBoundary

    private static let randomBoundary: @Sendable () -> String = {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    }

    private init() {}

    /// The RFC's shared cache, no more and no less.
    package static let rfc = CachePolicy()
}
