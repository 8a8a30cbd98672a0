import EdgeServer
import Synchronization

/// The edge's lines on their way to the terminal: narrowed by what the person has typed, and kept back meanwhile.
final class EdgeLines: Sendable {
    /// Lines that may wait.
    private static let most = 500

    private struct State {
        var filter = RequestFilter("")
        /// `nil` while lines go out at once.
        var held: [String]?
        /// Where the dashboard is, once the edge has said so.
        var services: String?
    }

    private let state = Mutex(State())

    var services: String? { state.withLock { $0.services } }

    func setFilter(_ filter: RequestFilter) { state.withLock { $0.filter = filter } }

    func pause() { state.withLock { $0.held = $0.held ?? [] } }

    /// - Returns: the lines that have waited.
    func resume() -> [String] {
        state.withLock { state in
            defer { state.held = nil }
            return state.held ?? []
        }
    }

    /// Notices what a line says of the edge's addresses.
    func notice(_ line: String) {
        let start = "listening services "
        guard line.utf8.starts(with: start.utf8) else { return }
        let url = String(line.dropFirst(start.count))
        state.withLock { $0.services = url }
    }

    /// - Returns: whether a request is to be shown.
    func shows(_ record: EdgeLogLine) -> Bool {
        guard record.event == "request" else { return true }
        let filter = state.withLock { $0.filter }
        return filter.isEmpty
            || filter.matches(
                method: record.method ?? "", target: record.target ?? "", status: record.status ?? 0,
                source: record.source ?? "")
    }

    /// - Returns: whether a line goes out now; otherwise it waits.
    func passes(_ line: String) -> Bool {
        state.withLock { state in
            guard let held = state.held else { return true }
            if held.count < EdgeLines.most { state.held?.append(line) }
            return false
        }
    }
}
