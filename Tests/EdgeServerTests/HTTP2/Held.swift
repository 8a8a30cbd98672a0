import NIOCore
import Synchronization

@testable import EdgeServer

/// Exchanges that a test keeps for later. They are touched on their event loop alone.
final class Held: Sendable {
    private let list = Mutex<[NIOLoopBound<Exchange>]>([])

    var count: Int { list.withLock { $0.count } }

    /// On the loop of the exchange.
    func add(_ exchange: Exchange) {
        guard let loop = exchange.loopState?.loop else { return }
        let bound = NIOLoopBound(exchange, eventLoop: loop)
        list.withLock { $0.append(bound) }
    }

    /// On their loop.
    func takeAll() -> [Exchange] {
        let all = list.withLock { list in
            defer { list = [] }
            return list
        }
        return all.map(\.value)
    }

    /// On their loop.
    func resumeAll() { for exchange in takeAll() { exchange.isBodyPaused = false } }

    /// From any thread.
    func answerAll(_ text: String) {
        for bound in list.withLock({ $0 }) { bound.eventLoop.execute { bound.value.answer(text) } }
    }

    /// Whether no answer can be sent to anybody any more.
    var allGone: Bool {
        list.withLock { $0 }.allSatisfy { bound in (try? bound.eventLoop.submit { bound.value.isGone }.wait()) ?? true }
    }
}
