import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The keyboard of the terminal that this process was started from: each key comes at once, and none is shown.
///
/// The terminal gets its old manners back when the process ends, in whatever orderly way, and while it is suspended.
/// Ctrl-C, Ctrl-\ and Ctrl-Z stay what they are.
package final class KeyTerminal: Sendable {
    /// What reads and listens. Dispatch's sources may be used from any thread.
    private final class Sources: @unchecked Sendable {
        let all: [any DispatchSourceProtocol]
        init(_ all: [any DispatchSourceProtocol]) { self.all = all }
    }

    private let before: termios
    private let parser = Mutex(KeyParser())
    private let sources = Mutex<Sources?>(nil)

    /// The one that an exit has to undo: `atexit` takes no context.
    private static let current = Mutex<termios?>(nil)

    /// - Returns: `nil` when standard input is no terminal, or this process is not in front.
    package init?(receive: @escaping @Sendable ([Key]) -> Void) {
        var found = termios()
        guard isatty(STDIN_FILENO) == 1, tcgetpgrp(STDIN_FILENO) == getpgrp(), tcgetattr(STDIN_FILENO, &found) == 0
        else { return nil }
        before = found
        KeyTerminal.current.withLock { $0 = found }
        atexit { KeyTerminal.restore() }
        apply()
        let queue = DispatchQueue(label: "lilypad.keys")
        let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        source.setEventHandler { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            guard count > 0 else {
                self?.close()
                return
            }
            let keys = self?.parser.withLock { $0.take(Array(buffer[..<count])) } ?? []
            if !keys.isEmpty { receive(keys) }
        }
        source.resume()
        let held = Sources([source, suspended(queue), resumed(queue)])
        sources.withLock { $0 = held }
    }

    /// Ctrl-Z: the shell gets its terminal as it was, then the process stops as it would have.
    private func suspended(_ queue: DispatchQueue) -> any DispatchSourceSignal {
        signal(SIGTSTP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTSTP, queue: queue)
        source.setEventHandler {
            KeyTerminal.restore()
            kill(getpid(), SIGSTOP)
        }
        source.resume()
        return source
    }

    private func resumed(_ queue: DispatchQueue) -> any DispatchSourceSignal {
        let source = DispatchSource.makeSignalSource(signal: SIGCONT, queue: queue)
        source.setEventHandler { [weak self] in self?.apply() }
        source.resume()
        return source
    }

    private func apply() {
        // In the background a change of the terminal would stop the process.
        guard tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
        var raw = before
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw)
    }

    private static func restore() {
        guard var before = current.withLock({ $0 }), tcgetpgrp(STDIN_FILENO) == getpgrp() else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &before)
    }

    /// Gives the terminal back.
    package func close() {
        KeyTerminal.restore()
        let held = sources.withLock { sources in
            defer { sources = nil }
            return sources
        }
        for source in held?.all ?? [] { source.cancel() }
        signal(SIGTSTP, SIG_DFL)
        KeyTerminal.current.withLock { $0 = nil }
    }
}
