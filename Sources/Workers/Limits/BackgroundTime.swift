/// How long the work handed to `waitUntil` may go on: one span for all of it, from the end of the response.
/// See the Workers documentation, "Context (ctx)", `waitUntil`. Holds no clock.
public struct BackgroundTime: Sendable, Hashable {
    public let limit: Double
    private var responseEnded: Double?
    private var running = 0
    private var lastEnd: Double?

    public init(limit: Double) { self.limit = limit }

    /// Work was handed over.
    public mutating func workBegan() { running += 1 }

    public mutating func workEnded(now: Double) {
        running -= 1
        lastEnd = now
    }

    /// The response is complete or the client has gone.
    public mutating func responseEnded(now: Double) {
        if responseEnded == nil { responseEnded = now }
    }

    /// Whether anything is still under way.
    public var isRunning: Bool { running > 0 }

    /// When everything that is still under way has to be cancelled; `nil` while the response is not complete.
    public var deadline: Double? { responseEnded.map { $0 + limit } }

    /// Seconds that background work took after the response.
    public func used(now: Double) -> Double {
        guard let responseEnded else { return 0 }
        let end = running > 0 ? now : lastEnd ?? responseEnded
        return max(0, end - responseEnded)
    }
}
