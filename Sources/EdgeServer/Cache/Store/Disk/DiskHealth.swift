import Synchronization

/// Whether the disk is worth trying: after a failure it is left alone for a while, and an operator hears of it once.
final class DiskHealth: Sendable {
    private struct State {
        var failedAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let onTrouble: @Sendable (StoreTrouble) -> Void
    private static let pause = Duration.seconds(10)

    init(onTrouble: @escaping @Sendable (StoreTrouble) -> Void) { self.onTrouble = onTrouble }

    var allows: Bool {
        state.withLock { state in
            guard let failedAt = state.failedAt else { return true }
            return ContinuousClock.now >= failedAt + DiskHealth.pause
        }
    }

    /// That the bound leaves no room is no failure of the disk.
    func failed(_ failure: StoreFailure) {
        guard case .disk = failure else { return }
        let isNews = state.withLock { state in
            defer { state.failedAt = .now }
            return state.failedAt == nil
        }
        if isNews { onTrouble(.diskFails(failure)) }
    }

    func worked() {
        let isNews = state.withLock { state in
            defer { state.failedAt = nil }
            return state.failedAt != nil
        }
        if isNews { onTrouble(.diskWorksAgain) }
    }
}
