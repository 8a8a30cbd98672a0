import Synchronization

/// A clock that stands still until a test moves it.
public final class TestClock: Sendable {
    private let time: Mutex<Double>

    /// - Parameter now: seconds since 1970.
    public init(now: Double = 1_770_000_000) { time = Mutex(now) }

    /// Seconds since 1970.
    public var now: Double { time.withLock { $0 } }

    public func advance(by seconds: Double) { time.withLock { $0 += seconds } }

    public func set(_ now: Double) { time.withLock { $0 = now } }

    /// The clock in the form in which bindings take it.
    public var read: @Sendable () -> Double { { self.now } }
}
