import Dispatch
import Glibc
import Synchronization

/// Turns Ctrl-C and SIGTERM into a cancellation. The second one ends the process at once.
final class Interruption: Sendable {
    private struct State {
        var signal: Int32?
        var sources: [any DispatchSourceSignal] = []
    }

    private let state = Mutex(State())

    init(_ cancel: @escaping @Sendable () -> Void) {
        for number in [SIGINT, SIGTERM] {
            // The default action would end the process before the source hears of the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [weak self] in
                let isSecond = self?.state.withLock { state in
                    defer { state.signal = number }
                    return state.signal != nil
                }
                if isSecond != false { _exit(128 + number) }
                cancel()
            }
            source.resume()
            state.withLock { [source = UncheckedSource(source)] in $0.sources.append(source.value) }
        }
    }

    /// As shells count: 128 and the number of the signal.
    var exitCode: Int32 { 128 + (state.withLock { $0.signal } ?? SIGINT) }
}

/// Dispatch sources may be used from any thread, which their protocol does not say.
private struct UncheckedSource: @unchecked Sendable {
    let value: any DispatchSourceSignal
    init(_ value: any DispatchSourceSignal) { self.value = value }
}
