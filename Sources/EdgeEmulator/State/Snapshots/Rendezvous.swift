import Dispatch
import Synchronization

/// Threads that go on together after the last of them has come, or all turn back.
///
/// The threads that write databases meet here inside of their transactions: while they wait, nothing is written anywhere,
/// and what they then commit becomes visible at one moment. Each comes exactly once.
final class Rendezvous: Sendable {
    private struct State {
        var missing: Int
        var failure: (any Error)?
        var isMade = false
        var waiting: [DispatchSemaphore] = []
    }

    private let state: Mutex<State>
    private let decide: @Sendable () throws -> Void

    /// - Parameters:
    ///   - count: how many come.
    ///   - decide: called once, by the last one, if all came well. What it throws makes all turn back.
    init(of count: Int, decide: @escaping @Sendable () throws -> Void) {
        state = Mutex(State(missing: count))
        self.decide = decide
    }

    /// Comes, and blocks until all have.
    ///
    /// - Parameter failure: why the caller cannot go on.
    /// - Returns: whether all go on.
    func arrive(_ failure: (any Error)? = nil) -> Bool {
        let gate = DispatchSemaphore(value: 0)
        let isLast = state.withLock { state in
            state.missing -= 1
            state.failure = state.failure ?? failure
            if state.missing > 0 { state.waiting.append(gate) }
            return state.missing == 0
        }
        if !isLast {
            gate.wait()
            return state.withLock(\.isMade)
        }
        var outcome = state.withLock(\.failure)
        if outcome == nil {
            do { try decide() } catch { outcome = error }
        }
        let waiting = state.withLock { state in
            state.failure = outcome
            state.isMade = outcome == nil
            return state.waiting
        }
        for gate in waiting { gate.signal() }
        return outcome == nil
    }

    /// Why all turned back.
    var failure: (any Error)? { state.withLock(\.failure) }
}
