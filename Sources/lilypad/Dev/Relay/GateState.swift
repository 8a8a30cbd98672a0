/// Whether requests may go to the edge, with no clock, lock or socket inside.
///
/// While the edge is being swapped requests wait here instead of being refused. Each waiting request holds a ticket; whatever
/// ends the wait hands the tickets back, and their owners ask again.
struct GateState {
    /// Where one life of the edge listens.
    struct Upstream: Sendable, Hashable {
        var path: String
        /// Counts the edges of this session, so that connections to an older one are told apart.
        var generation: Int
    }

    /// Why there is no edge to wait for.
    struct Outage: Sendable, Hashable {
        var code: String
        var message: String
    }

    enum Admission: Equatable {
        case pass(Upstream)
        /// Wait until the ticket is handed back.
        case hold(ticket: Int)
        /// Too many wait already.
        case full
        case down(Outage)
    }

    private enum Phase: Equatable {
        case open(Upstream)
        case holding
        case down(Outage)
    }

    /// Requests that may wait at the same time.
    let limit: Int
    private var phase = Phase.holding
    private var waiting: Set<Int> = []
    private var lastTicket = 0

    init(limit: Int) { self.limit = limit }

    var upstream: Upstream? { if case .open(let upstream) = phase { upstream } else { nil } }
    var isOpen: Bool { upstream != nil }
    var waitingCount: Int { waiting.count }

    mutating func enter() -> Admission {
        switch phase {
        case .open(let upstream): return .pass(upstream)
        case .down(let outage): return .down(outage)
        case .holding:
            guard waiting.count < limit else { return .full }
            lastTicket += 1
            waiting.insert(lastTicket)
            return .hold(ticket: lastTicket)
        }
    }

    /// A waiting request gave up.
    mutating func leave(ticket: Int) { waiting.remove(ticket) }

    mutating func hold() { phase = .holding }

    /// - Returns: the tickets whose owners ask again, oldest first.
    mutating func open(_ upstream: Upstream) -> [Int] {
        phase = .open(upstream)
        return release()
    }

    /// - Returns: the tickets whose owners ask again.
    mutating func shut(_ outage: Outage) -> [Int] {
        phase = .down(outage)
        return release()
    }

    /// Nobody listens there any more. A report about an edge that has been replaced changes nothing.
    mutating func lost(_ upstream: Upstream) {
        if phase == .open(upstream) { phase = .holding }
    }

    private mutating func release() -> [Int] {
        defer { waiting = [] }
        return waiting.sorted()
    }
}
