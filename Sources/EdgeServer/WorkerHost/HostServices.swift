import Workers

/// What a host lends to every call of its Workers.
public struct HostServices: Sendable {
    /// Seconds since 1970.
    public var now: @Sendable () -> Double
    /// Outgoing requests.
    public var fetcher: any Fetcher
    /// Bytes of a request body; beyond it 413. Workers take 100 MB on the Free and Pro plans.
    public var bodyLimit = 100 * 1024 * 1024
    /// Whether an uncaught error is shown to the client, as it is while developing.
    public var showsErrors = false

    public init(now: @escaping @Sendable () -> Double, fetcher: any Fetcher = NoNetwork()) {
        self.now = now
        self.fetcher = fetcher
    }
}

/// Refuses every outgoing request, for hosts that have no network to offer.
public struct NoNetwork: Fetcher {
    public init() {}

    public func fetch(_ request: Request) async throws -> Response {
        throw WorkersError(.typeError, "This host makes no outgoing requests.")
    }
}
