import NIOCore
import NIOHTTP1
import Synchronization

/// Whether a server should get requests, for load balancers and process managers.
package final class Readiness: Sendable {
    package enum State: String, Sendable { case starting, ready, draining }

    private let state = Mutex(State.starting)

    package init() {}

    package var current: State { state.withLock { $0 } }

    /// What has begun to drain does not become ready again.
    package func become(_ new: State) { state.withLock { if $0 != .draining { $0 = new } } }
}

/// Answers `/health` (the process is alive) and `/ready` (send it requests) by itself, everything else with `next`.
///
/// Neither asks anything else, so that a store that is down does not make somebody restart the server in front of it.
package final class HealthHandler: RequestHandler {
    /// The source of these answers in the request log.
    package static let source = "health"

    private let next: any RequestHandler
    private let readiness: Readiness

    package init(next: any RequestHandler, readiness: Readiness) {
        self.next = next
        self.readiness = readiness
    }

    package func receive(_ exchange: Exchange) {
        let target = exchange.head.uri
        if HealthHandler.isPath("/health", target) {
            answer(exchange, 200, "alive")
        } else if HealthHandler.isPath("/ready", target) {
            let state = readiness.current
            answer(exchange, state == .ready ? 200 : 503, state.rawValue)
        } else {
            next.receive(exchange)
        }
    }

    private static func isPath(_ path: StaticString, _ target: String) -> Bool {
        let length = path.utf8CodeUnitCount
        guard target.utf8.count >= length,
            path.withUTF8Buffer({ target.utf8.prefix(length).elementsEqual($0) })
        else { return false }
        let rest = target.utf8.dropFirst(length)
        return rest.isEmpty || rest.first == 0x3F
    }

    private func answer(_ exchange: Exchange, _ status: Int, _ state: String) {
        exchange.note = AnswerNote(source: HealthHandler.source, detail: state)
        guard exchange.head.method == .GET || exchange.head.method == .HEAD else {
            let head = ResponseHead(status: 405, headers: [("allow", "GET, HEAD")], contentLength: 0)
            return exchange.respond(head, body: nil)
        }
        let body = ByteBuffer(string: "{\"status\":\"\(state)\"}\n")
        let fields = [("content-type", "application/json"), ("cache-control", "no-store")]
        exchange.respond(
            ResponseHead(status: status, headers: fields, contentLength: body.readableBytes), body: body)
    }
}
