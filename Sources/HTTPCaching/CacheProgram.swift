import HTTPTypes

/// What a Worker says about the cache when it fetches: the `cf` object and the `cache` option. See Cloudflare's
/// documentation, "Workers", page "Request", section "RequestInitCfProperties".
package struct CacheProgram: Sendable, Hashable {
    /// The `cache` option of `fetch`.
    package enum Mode: String, Sendable, Hashable {
        /// Neither reads nor writes the cache.
        case noStore = "no-store"
        /// Asks the origin about what is stored.
        case noCache = "no-cache"
        /// Asks the origin for all of it, and stores that.
        case reload = "reload"
    }

    /// One entry of `cacheTtlByStatus`.
    package struct Lifetime: Sendable, Hashable {
        package var statuses: ClosedRange<Int>
        /// Negative for a response that is not stored.
        package var seconds: Int

        package init(_ statuses: ClosedRange<Int>, seconds: Int) {
            self.statuses = statuses
            self.seconds = seconds
        }

        /// `404` or `200-299`.
        package init?(_ text: String, seconds: Int) {
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map {
                $0.trimmedOfBlanks
            }
            guard (1...2).contains(ends.count), let first = Digits.number(ends[0]),
                let last = Digits.number(ends[ends.count - 1]), first <= last, (100...999).contains(first), last <= 999
            else { return nil }
            self.init(first...last, seconds: seconds)
        }
    }

    package enum Invalid: Error, Hashable {
        /// `cacheControl` says what `cacheTtl` says as well.
        case controlWithLifetime
        case controlWithMode
        /// `cache: "no-store"` with a `cacheTtl` that is not −1.
        case modeWithLifetime
    }

    package let mode: Mode?
    /// `cacheTtl`, in seconds: 0 for stale at once, negative for not stored.
    package let lifetime: Int?
    /// `cacheTtlByStatus`.
    package let lifetimes: [Lifetime]
    /// `cacheControl`: stands in the place of the origin's field.
    package let control: String?
    /// `cacheEverything`: whatever the extension of the path is.
    package let everything: Bool
    /// `cacheKey`: stands in the place of the URL.
    package let key: String?
    /// `cacheTags`.
    package let tags: [String]
    /// `stripEtags` and `stripLastModified`, in lower case.
    package let strippedFields: Set<String>
    /// `cacheDeceptionArmor`.
    package let checksTypes: Bool
    /// `vary`.
    package let variance: CachePolicy.Variance?

    package init(
        mode: Mode? = nil, lifetime: Int? = nil, lifetimes: [Lifetime] = [], control: String? = nil,
        everything: Bool = false, key: String? = nil, tags: [String] = [], stripsETags: Bool = false,
        stripsLastModified: Bool = false, checksTypes: Bool = false, variance: CachePolicy.Variance? = nil
    ) throws(Invalid) {
        if control != nil, lifetime != nil { throw .controlWithLifetime }
        if control != nil, mode != nil { throw .controlWithMode }
        if mode == .noStore, let lifetime, lifetime != -1 { throw .modeWithLifetime }
        self.mode = mode
        self.lifetime = lifetime
        self.lifetimes = lifetimes
        self.control = control
        self.everything = everything
        // Empty text counts as none, as in JavaScript.
        self.key = key?.isEmpty == true ? nil : key
        self.tags = tags
        strippedFields = Set((stripsETags ? ["etag"] : []) + (stripsLastModified ? ["last-modified"] : []))
        self.checksTypes = checksTypes
        self.variance = variance
    }

    /// What becomes of the origin's directives.
    enum Directive: Hashable {
        case none
        case refuse
        case replace(String)
    }

    /// The status decides first, then the lifetime for all, then the directives.
    func directive(for status: Int) -> Directive {
        if mode == .noStore { return .refuse }
        if let seconds = lifetimes.first(where: { $0.statuses.contains(status) })?.seconds ?? lifetime {
            return seconds < 0 ? .refuse : .replace("max-age=\(seconds)")
        }
        return control.map { .replace($0) } ?? .none
    }

    /// Whether the program, and not the origin, has decided that this is stored.
    func forcesStorage(_ status: Int) -> Bool {
        if case .replace = directive(for: status) { true } else { false }
    }
}
