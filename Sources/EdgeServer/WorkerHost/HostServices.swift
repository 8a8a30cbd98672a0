import Workers

/// What a host lends to every call of its Workers.
public struct HostServices: Sendable {
    /// How much of the platform's limits a call uses is measured, and acted upon when `mode` is `enforcing`.
    public struct Metering: Sendable {
        public var limits: PlatformLimits
        public var mode: RequestMeter.Mode

        public init(limits: PlatformLimits, mode: RequestMeter.Mode) {
            self.limits = limits
            self.mode = mode
        }
    }

    /// Who answered, as the request log says it.
    package var source = "worker"
    /// Whether what is logged about a request is kept for its record in the access log.
    package var traces = false
    /// Seconds since 1970.
    public var now: @Sendable () -> Double
    /// Outgoing requests.
    public var fetcher: any Fetcher
    /// The Cache API.
    public var caches: any CacheStorage
    /// The cache in front of the Worker; `nil` for none.
    public var cache: FrontCache?
    /// Bytes of a request body; beyond it 413. Workers take 100 MB on the Free and Pro plans; as large a file in binary
    /// megabytes should pass, too.
    public var bodyLimit = 100 * 1024 * 1024
    /// Whether an uncaught error is shown to the client, as it is while developing.
    public var showsErrors = false
    /// `nil` measures nothing.
    public var metering: Metering?
    /// What the Worker is told about each request; `nil` passes on what came.
    public var edge: EdgeFields?
    /// Whether a request's `X-Lilypad-Location` says at which location it arrived, for KV's eventual consistency.
    public var takesLocation = false

    public init(
        now: @escaping @Sendable () -> Double, fetcher: any Fetcher = NoNetwork(), caches: any CacheStorage = NoCaches()
    ) {
        self.now = now
        self.fetcher = fetcher
        self.caches = caches
    }

    func meter(for event: PlatformLimits.Event) -> RequestMeter? {
        metering.map { RequestMeter(limits: $0.limits, mode: $0.mode, event: event) }
    }
}

/// Refuses every outgoing request, for hosts that have no network to offer.
public struct NoNetwork: Fetcher {
    public init() {}

    public func fetch(_ request: Request) async throws -> Response {
        throw WorkersError(.typeError, "This host makes no outgoing requests.")
    }
}

/// Caches that keep nothing, for hosts without a store.
public struct NoCaches: CacheStorage {
    private struct Nothing: Cache {
        func match(_ request: Request, options: CacheQueryOptions) async throws -> Response? { nil }
        func put(_ request: Request, _ response: Response) async throws { response.body.cancel() }
        func delete(_ request: Request, options: CacheQueryOptions) async throws -> Bool { false }
    }

    public init() {}

    public var `default`: any Cache { Nothing() }
    public func open(_ name: String) async throws -> any Cache { Nothing() }
}
