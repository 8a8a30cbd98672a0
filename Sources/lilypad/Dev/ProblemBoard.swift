import SiteBuilder
import Synchronization

/// What is wrong at the moment, from every side, as one list for the overlay.
final class ProblemBoard: Sendable {
    enum Source: Int, CaseIterable, Sendable { case configuration, modules, bundle, styles, types, edge }

    private struct State {
        var problems: [Source: [Diagnostic]] = [:]

        var all: [Diagnostic] {
            var places: Set<String> = []
            var all: [Diagnostic] = []
            for source in Source.allCases {
                // Bundler and type checker see the same mistakes; at one place one of them is enough.
                let new = (problems[source] ?? []).filter { $0.line == nil || !places.contains($0.place) }
                places.formUnion(new.map(\.place))
                all += new
            }
            return all
        }
    }

    private let state = Mutex(State())
    private let publish: @Sendable (DevMessage) -> Void

    /// - Parameter publish: told the whole list whenever it changes.
    init(publish: @escaping @Sendable (DevMessage) -> Void) { self.publish = publish }

    var all: [Diagnostic] { state.withLock { $0.all } }

    /// Replaces what one side had to say.
    ///
    /// - Returns: whether that changed anything.
    @discardableResult
    func set(_ problems: [Diagnostic], from source: Source) -> Bool {
        let message: DevMessage? = state.withLock { state in
            let before = state.all
            state.problems[source] = problems.filter { $0.severity == .error }
            let after = state.all
            if after == before { return nil }
            return after.isEmpty ? .ok : .problems(after)
        }
        if let message { publish(message) }
        return message != nil
    }
}
