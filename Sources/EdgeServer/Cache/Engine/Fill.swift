import HTTPCaching
import NIOCore
import Synchronization

/// A request to the origin that others wait for: of a hundred that miss the same key at once, one asks and all answer.
final class Fill: Sendable {
    /// What those who wait find out, as soon as the head of the response is there.
    enum Outcome: Sendable {
        /// A response that may answer others, too, while its content is still arriving.
        case shared(SharedResponse)
        /// The store has something better now: look again.
        case stored
        /// Each has to ask for itself.
        case notShared
        case failed(GatewayFailure)
    }

    private struct State {
        var outcome: Outcome?
        var waiters: [Waiter] = []
    }

    private struct Waiter {
        let loop: any EventLoop
        let resume: NIOLoopBound<(Outcome) -> Void>
    }

    private let state = Mutex(State())

    /// Whether it only makes sure that a stored response still holds, which nobody waits for.
    let isRefresh: Bool

    init(isRefresh: Bool) { self.isRefresh = isRefresh }

    /// - Parameter resume: called once, on `loop`, which this is called on: now or later.
    func wait(on loop: any EventLoop, _ resume: @escaping (Outcome) -> Void) {
        let waiter = Waiter(loop: loop, resume: NIOLoopBound(resume, eventLoop: loop))
        let outcome = state.withLock { state in
            if state.outcome == nil { state.waiters.append(waiter) }
            return state.outcome
        }
        if let outcome { resume(outcome) }
    }

    func settle(_ outcome: Outcome) {
        let waiters = state.withLock { state -> [Waiter] in
            guard state.outcome == nil else { return [] }
            state.outcome = outcome
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.loop.execute { waiter.resume.value(outcome) } }
    }
}

/// A response of the origin that is being stored.
struct SharedResponse: Sendable {
    var head: CachedResponse
    var writer: EntryWriter
}

/// The requests to the origin that are under way, by key. Shared by all event loops.
final class FillTable: Sendable {
    /// Keys whose responses cannot be shared are remembered for so many seconds, so that nobody waits in vain.
    private static let memory = 10.0
    private static let mostRemembered = 10_000

    private struct State {
        var fills: [StoreKey: Fill] = [:]
        var unshared: [StoreKey: Double] = [:]
    }

    private let shards: [Shard]

    private final class Shard: Sendable {
        let state = Mutex(State())
    }

    init() { shards = (0..<16).map { _ in Shard() } }

    enum Turn {
        /// Nobody asks yet: do, and settle the fill.
        case lead(Fill)
        case wait(Fill)
        /// Responses to this key cannot be shared.
        case alone
    }

    /// - Parameter now: seconds since 1970.
    func turn(_ key: StoreKey, isRefresh: Bool, now: Double) -> Turn {
        shard(key).state.withLock { state in
            if let fill = state.fills[key] { return .wait(fill) }
            if let until = state.unshared[key] {
                if until > now { return .alone }
                state.unshared[key] = nil
            }
            let fill = Fill(isRefresh: isRefresh)
            state.fills[key] = fill
            return .lead(fill)
        }
    }

    /// The fill is over: whoever comes next looks into the store.
    func end(_ key: StoreKey, _ fill: Fill) {
        shard(key).state.withLock { state in
            if state.fills[key] === fill { state.fills[key] = nil }
        }
    }

    /// Those who wait get what they wait for; whoever comes now asks anew.
    func forget(_ key: StoreKey) { shard(key).state.withLock { $0.fills[key] = nil } }

    func forgetAll() {
        for shard in shards { shard.state.withLock { $0.fills = [:] } }
    }

    func rememberUnshared(_ key: StoreKey, now: Double) {
        shard(key).state.withLock { state in
            if state.unshared.count >= FillTable.mostRemembered / 16 { state.unshared = [:] }
            state.unshared[key] = now + FillTable.memory
        }
    }

    private func shard(_ key: StoreKey) -> Shard { shards[Int(truncatingIfNeeded: key.hash >> 8) & 15] }
}
