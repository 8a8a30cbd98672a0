import Foundation

/// The time of the emulator: what it is, and a way to wait for an instant.
///
/// Everything local that becomes due by itself (queues, cron triggers, sweeps of expired entries) takes one of these, so
/// that a test, or a developer behind a flag, can move the time instead of waiting for it.
public protocol EmulatorClock: Sendable {
    /// Seconds since 1970.
    var now: Double { get }

    /// Returns once `now` has reached the instant; at once when it has passed.
    ///
    /// - Parameter instant: seconds since 1970.
    /// - Throws: `CancellationError` when the waiting task is cancelled.
    func sleep(until instant: Double) async throws
}

/// The machine's own clock.
public struct WallClock: EmulatorClock {
    public init() {}

    public var now: Double { Date().timeIntervalSince1970 }

    public func sleep(until instant: Double) async throws {
        // In a loop: the machine's date may be set back, and a sleep may end a fraction of a millisecond early.
        while true {
            try Task.checkCancellation()
            let rest = instant - now
            guard rest > 0 else { return }
            try await Task.sleep(for: .seconds(min(rest, WallClock.longestSleep)))
        }
    }

    /// A date set forward is noticed within this time. The wait is long enough to cost nothing.
    private static let longestSleep = 3600.0
}
