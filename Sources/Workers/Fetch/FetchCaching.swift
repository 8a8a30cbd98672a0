import HTTPCaching

/// What the cache behind `fetch` does with one request: the `cf` object's cache members and the `cache` option.
///
/// ```swift
/// let caching = try FetchCaching(ttl: 300, tags: ["prices"])
/// let answer = try await context.fetch(request, options: FetchOptions(cache: caching))
/// ```
/// Only GET and HEAD without a body are cached, each redirect by itself. The response says in `CF-Cache-Status` what became
/// of it. See the Workers documentation, "Request", `RequestInitCfProperties`.
///
/// A fetch without this asks the server each time on this host. On Cloudflare such a fetch goes through the zone's cache as
/// well; `FetchCaching()` is the same here.
public struct FetchCaching: Sendable, Hashable {
    /// The `cache` option of `fetch`.
    public enum Mode: Sendable, Hashable {
        /// Neither reads nor writes the cache.
        case noStore
        /// Asks the server whether what is stored still holds.
        case noCache
        /// Asks the server for all of it, and stores that.
        case reload
    }

    /// How long responses with some status codes are kept: one member of `cacheTtlByStatus`.
    public struct StatusLifetime: Sendable, Hashable {
        public var statuses: ClosedRange<Int>
        /// 0 is stale at once, negative is not stored.
        public var seconds: Int

        public init(_ statuses: ClosedRange<Int>, seconds: Int) {
            self.statuses = statuses
            self.seconds = seconds
        }

        public init(_ status: Int, seconds: Int) { self.init(status...status, seconds: seconds) }
    }

    package let program: CacheProgram

    /// - Parameters:
    ///   - everything: caches whatever the extension of the path is. The response's own directives still hold.
    ///   - ttl: seconds that a response is kept whatever it says; 0 is stale at once, negative is not stored.
    ///   - ttlByStatus: the same by status code; the first that fits counts, and it counts more than `ttl`.
    ///   - key: stands in the place of the URL.
    ///   - tags: join those of the response's `Cache-Tag`.
    ///   - control: directives that stand in the place of the response's `Cache-Control`.
    ///   - stripETags: `ETag` is neither stored nor passed on.
    ///   - stripLastModified: `Last-Modified` is neither stored nor passed on.
    ///   - deceptionArmor: does not store a response whose type contradicts the extension of its path.
    /// - Throws: a `TypeError` for `control` together with `ttl` or `mode`, and for `noStore` with a `ttl` other than −1.
    public init(
        everything: Bool = false, ttl: Int? = nil, ttlByStatus: [StatusLifetime] = [], key: String? = nil,
        tags: [String] = [], control: String? = nil, mode: Mode? = nil, stripETags: Bool = false,
        stripLastModified: Bool = false, deceptionArmor: Bool = false
    ) throws {
        do throws(CacheProgram.Invalid) {
            program = try CacheProgram(
                mode: mode.map(FetchCaching.name), lifetime: ttl,
                lifetimes: ttlByStatus.map { CacheProgram.Lifetime($0.statuses, seconds: $0.seconds) },
                control: control, everything: everything, key: key, tags: tags, stripsETags: stripETags,
                stripsLastModified: stripLastModified, checksTypes: deceptionArmor)
        } catch {
            throw WorkersError(error, ttl: ttl)
        }
    }

    private static func name(_ mode: Mode) -> CacheProgram.Mode {
        switch mode {
        case .noStore: .noStore
        case .noCache: .noCache
        case .reload: .reload
        }
    }
}

extension WorkersError {
    fileprivate init(_ invalid: CacheProgram.Invalid, ttl: Int?) {
        switch invalid {
        case .controlWithLifetime:
            self.init(.typeError, "A fetch takes either cacheControl or cacheTtl, not both.")
        case .controlWithMode:
            self.init(.typeError, "A fetch takes either cacheControl or the cache option, not both.")
        case .modeWithLifetime:
            self.init(.typeError, "CacheTtl: \(ttl ?? 0), is not compatible with cache: no-store header.")
        }
    }
}
