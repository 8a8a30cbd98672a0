import Synchronization

/// One call of a handler, which ends by itself, at its time limit, or when the host cannot wait for it any longer.
///
/// A handler that does not notice its cancellation is left behind: what it says later about its batch is ignored.
final class BatchRun: Sendable {
    enum Outcome: Sendable {
        case returned
        case threw(any Error)
        /// The time limit came first.
        case ranOut
        case interrupted
    }

    private struct State {
        var outcome: Outcome?
        var waiter: CheckedContinuation<Outcome, Never>?
        var isFinished = false
        var finishWaiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Runs the handler, unless it was given up before.
    ///
    /// - Parameter limit: the instant at which it is given up.
    func outcome(
        limit: Double, on clock: any EmulatorClock, of work: @escaping @Sendable () async throws -> Void
    ) async -> Outcome {
        if let outcome = state.withLock({ $0.outcome }) { return outcome }
        let handler = Task {
            do {
                try await work()
                self.end(.returned)
            } catch {
                self.end(.threw(error))
            }
        }
        let alarm = Task {
            guard (try? await clock.sleep(until: limit)) != nil else { return }
            self.end(.ranOut)
        }
        let outcome = await withCheckedContinuation { continuation in
            let outcome = state.withLock { state in
                if state.outcome == nil { state.waiter = continuation }
                return state.outcome
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
        handler.cancel()
        alarm.cancel()
        return outcome
    }

    /// Gives the handler up.
    func interrupt() { end(.interrupted) }

    /// Its batch is settled.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.finishWaiters = [] }
            return state.finishWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for `finish`.
    func finished() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.finishWaiters.append(continuation) }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }

    private func end(_ outcome: Outcome) {
        let waiter = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: outcome)
    }
}
