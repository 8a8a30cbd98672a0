import Synchronization

/// The one gate of a session, asked from every event loop and moved by whoever looks after the edge.
final class EdgeGate: Sendable {
    private struct Shared {
        var state: GateState
        var wakers: [Int: @Sendable () -> Void] = [:]

        mutating func wakers(of tickets: [Int]) -> [@Sendable () -> Void] {
            tickets.compactMap { wakers.removeValue(forKey: $0) }
        }
    }

    private let shared: Mutex<Shared>

    /// - Parameter limit: requests that may wait at the same time.
    init(limit: Int = 256) { shared = Mutex(Shared(state: GateState(limit: limit))) }

    var isOpen: Bool { shared.withLock { $0.state.isOpen } }
    /// Where requests go at the moment.
    var upstream: GateState.Upstream? { shared.withLock { $0.state.upstream } }
    var waitingCount: Int { shared.withLock { $0.state.waitingCount } }

    /// - Parameter wake: called once, on any thread, when a held request should ask again.
    func enter(_ wake: @escaping @Sendable () -> Void) -> GateState.Admission {
        shared.withLock { shared in
            let admission = shared.state.enter()
            if case .hold(let ticket) = admission { shared.wakers[ticket] = wake }
            return admission
        }
    }

    func leave(ticket: Int) {
        shared.withLock { shared in
            shared.state.leave(ticket: ticket)
            shared.wakers[ticket] = nil
        }
    }

    func hold() { shared.withLock { $0.state.hold() } }

    func open(_ upstream: GateState.Upstream) {
        let wakers = shared.withLock { shared in
            let tickets = shared.state.open(upstream)
            return shared.wakers(of: tickets)
        }
        for wake in wakers { wake() }
    }

    func shut(_ outage: GateState.Outage) {
        let wakers = shared.withLock { shared in
            let tickets = shared.state.shut(outage)
            return shared.wakers(of: tickets)
        }
        for wake in wakers { wake() }
    }

    func lost(_ upstream: GateState.Upstream) { shared.withLock { $0.state.lost(upstream) } }
}
