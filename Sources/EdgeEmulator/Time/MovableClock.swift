import Foundation
import Synchronization

/// A clock that can be moved forward; whoever waits for an instant that is passed by the move wakes.
///
/// ```swift
/// let clock = MovableClock(at: 1_700_000_000)
/// async let woken: Void = clock.sleep(until: 1_700_000_060)
/// clock.move(by: 60)
/// try await woken
/// ```
public final class MovableClock: EmulatorClock {
    private struct State {
        /// What is added to the base.
        var shift: Double
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
        /// Counts the moves, so that one between a look at the clock and the wait is not missed.
        var moves = 0
    }

    private let base: (any EmulatorClock)?
    private let state: Mutex<State>

    /// A clock that stands still between moves.
    ///
    /// - Parameter instant: seconds since 1970.
    public init(at instant: Double) {
        base = nil
        state = Mutex(State(shift: instant))
    }

    /// A clock that runs like `clock` and can be moved ahead of it.
    public init(running clock: any EmulatorClock) {
        base = clock
        state = Mutex(State(shift: 0))
    }

    public var now: Double { (base?.now ?? 0) + state.withLock { $0.shift } }

    /// Moves the clock forward. Time does not go back: a negative number of seconds changes nothing.
    public func move(by seconds: Double) {
        guard seconds > 0 else { return }
        change { $0.shift += seconds }
    }

    /// Moves the clock to an instant; one that has passed changes nothing.
    ///
    /// - Parameter instant: seconds since 1970.
    public func move(to instant: Double) {
        let present = base?.now ?? 0
        change { $0.shift = max($0.shift, instant - present) }
    }

    public func sleep(until instant: Double) async throws {
        while true {
            try Task.checkCancellation()
            let moves = state.withLock { $0.moves }
            let rest = instant - now
            guard rest > 0 else { return }
            await nextMove(after: moves, orSeconds: rest)
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiters = state.withLock { state in
            body(&state)
            state.moves += 1
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for a move, for the base clock where there is one, or for cancellation.
    private func nextMove(after moves: Int, orSeconds rest: Double) async {
        guard let base else { return await nextMove(after: moves) }
        let instant = base.now + rest
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.nextMove(after: moves) }
            group.addTask { try? await base.sleep(until: instant) }
            await group.next()
            group.cancelAll()
        }
    }

    private func nextMove(after moves: Int) async {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    guard state.moves == moves, !Task.isCancelled else { return false }
                    state.waiters[number] = continuation
                    return true
                }
                if !waits { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
