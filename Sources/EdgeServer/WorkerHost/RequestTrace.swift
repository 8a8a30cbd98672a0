import Synchronization

/// The lines that a host logs while it answers one request, for whoever explains the request afterwards. Bounded.
package final class RequestTrace: Sendable {
    package struct Line: Sendable, Hashable {
        /// `info`, `warning`, `error`.
        package var level: String
        package var message: String
    }

    /// That of the request which this task works for.
    @TaskLocal package static var current: RequestTrace?

    private static let mostLines = 50
    private static let mostBytes = 8192

    private struct State {
        var lines: [Line] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    init() {}

    package var lines: [Line] { state.withLock { $0.lines } }

    func note(_ level: String, _ message: String) {
        state.withLock { state in
            guard state.lines.count < RequestTrace.mostLines, state.bytes < RequestTrace.mostBytes else { return }
            let left = RequestTrace.mostBytes - state.bytes
            let kept = String(decoding: message.utf8.prefix(left), as: UTF8.self)
            state.bytes += kept.utf8.count
            state.lines.append(Line(level: level, message: kept))
        }
    }
}
