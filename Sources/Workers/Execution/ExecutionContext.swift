/// What surrounds one call of a handler: work that outlives the response, and the time.
public struct ExecutionContext: Sendable {
    /// Seconds since 1970, as the host's clock has it.
    public let now: @Sendable () -> Double
    private let extend: @Sendable (@escaping @Sendable () async throws -> Void) -> Void

    /// - Parameters:
    ///   - now: the clock; tests pass one they can move.
    ///   - extend: runs work beyond the response. The host bounds it (30 s on Workers) and logs its failures.
    public init(
        now: @escaping @Sendable () -> Double,
        extend: @escaping @Sendable (@escaping @Sendable () async throws -> Void) -> Void
    ) {
        self.now = now
        self.extend = extend
    }

    /// Keeps the call alive until `work` has ended; its failure is logged and never changes the response.
    /// See the Workers documentation, "Context (ctx)", `waitUntil`.
    public func waitUntil(_ work: @escaping @Sendable () async throws -> Void) { extend(work) }
}
