import Synchronization

/// A clock that stands still until a test moves it. Whoever sleeps until an instant that a move passes wakes.
///
/// ```swift
/// async let answer = worker.fetch("/slow")
/// await clock.waitForSleepers()
/// clock.advance(by: 30)
/// ```
public final class TestClock: Sendable {
    private struct Sleeper {
        var instant: Double
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Double
        var sleepers: [Int: Sleeper] = [:]
        var nextSleeper = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// Takes out everybody whose instant has come.
        mutating func wake() -> [CheckedContinuation<Void, any Error>] {
            let due = sleepers.filter { $0.value.instant <= now }.sorted { $0.value.instant < $1.value.instant }
            for sleeper in due { sleepers[sleeper.key] = nil }
            return due.map(\.value.continuation)
        }

        mutating func satisfiedWatchers() -> [CheckedContinuation<Void, Never>] {
            let count = sleepers.count
            defer { watchers.removeAll { $0.count <= count } }
            return watchers.filter { $0.count <= count }.map(\.continuation)
        }
    }

    private let state: Mutex<State>

    /// - Parameter now: seconds since 1970.
    public init(now: Double = 1_770_000_000) { state = Mutex(State(now: now)) }

    /// Seconds since 1970.
    public var now: Double { state.withLock { $0.now } }

    public func advance(by seconds: Double) { move { $0 += seconds } }

    public func set(_ now: Double) { move { $0 = now } }

    /// The clock in the form in which bindings take it.
    public var read: @Sendable () -> Double { { self.now } }

    /// Waits until the clock was moved to an instant or past it.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    public func sleep(until instant: Double) async throws {
        let number = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                typealias Step = (answer: Result<Void, any Error>?, watchers: [CheckedContinuation<Void, Never>])
                let step: Step = state.withLock { state in
                    if Task.isCancelled { return (.failure(CancellationError()), []) }
                    if state.now >= instant { return (.success(()), []) }
                    state.sleepers[number] = Sleeper(instant: instant, continuation: continuation)
                    return (nil, state.satisfiedWatchers())
                }
                if let answer = step.answer { continuation.resume(with: answer) }
                for watcher in step.watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Waits until so many tasks sleep by this clock, so that a move finds them.
    public func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count < count { state.watchers.append((count, continuation)) }
                return state.sleepers.count >= count
            }
            if isThere { continuation.resume() }
        }
    }

    private func move(_ change: (inout Double) -> Void) {
        let woken = state.withLock { state in
            change(&state.now)
            return state.wake()
        }
        for continuation in woken { continuation.resume() }
    }
}
