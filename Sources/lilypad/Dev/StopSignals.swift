import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Ctrl-C, SIGTERM and a closed terminal. The first asks for an orderly end, the second ends everything at once.
final class StopSignals: Sendable {
    private struct State {
        var isStopping = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// - Parameter kill: called before the process ends hard.
    init(kill: @escaping @Sendable () -> Void) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in
                guard let self, self.stop() else {
                    kill()
                    _exit(128 + number)
                }
            }
            source.resume()
            // The source lives as long as the process: nobody cancels it.
            _ = Unmanaged.passRetained(source as AnyObject)
        }
    }

    /// Returns at the first signal.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isStopping = state.withLock { state in
                if !state.isStopping { state.waiting = continuation }
                return state.isStopping
            }
            if isStopping { continuation.resume() }
        }
    }

    /// - Returns: false when it was asked for before.
    private func stop() -> Bool {
        let (isFirst, waiting) = state.withLock { state in
            defer {
                state.isStopping = true
                state.waiting = nil
            }
            return (!state.isStopping, state.waiting)
        }
        waiting?.resume()
        return isFirst
    }
}
