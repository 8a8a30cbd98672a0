import Synchronization

/// Bytes that something in memory occupies, on the account of the call that made it; given back when it is let go.
public final class HeldMemory: Sendable {
    private let meter: RequestMeter
    private let count = Mutex(0)

    /// - Returns: `nil` where nobody measures.
    public static func current() -> HeldMemory? { RequestMeter.current.map(HeldMemory.init) }

    public init(_ meter: RequestMeter) { self.meter = meter }

    /// More bytes are held; fewer with a negative count.
    public func add(_ bytes: Int) {
        count.withLock { $0 += bytes }
        meter.hold(bytes: bytes)
    }

    deinit { meter.hold(bytes: -count.withLock { $0 }) }
}
