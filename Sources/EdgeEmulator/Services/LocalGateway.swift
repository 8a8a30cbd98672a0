import EdgeServer
import NIOCore
import Workers

/// The paths under `/cdn-cgi/` that Cloudflare's own tools have locally, in front of everything else: they run a cron
/// trigger now and, where that is allowed, move the clock. Paths that it does not know go on to the Worker.
final class LocalGateway: RequestHandler {
    private let next: any RequestHandler
    private let triggers: LocalTriggers
    private let loop: any EventLoop

    init(next: any RequestHandler, triggers: LocalTriggers, loop: any EventLoop) {
        self.next = next
        self.triggers = triggers
        self.loop = loop
    }

    func receive(_ exchange: Exchange) {
        guard exchange.head.uri.utf8.starts(with: "/cdn-cgi/".utf8) else { return next.receive(exchange) }
        let url = RequestURL(scheme: "http", authority: exchange.host, target: exchange.head.uri)
        let origin = exchange.head.headers.first(name: "origin")
        if let refusal = triggers.rule.refusal(path: url.path, authority: exchange.host, origin: origin) {
            return exchange.respond(refusal, from: "cdn-cgi")
        }
        let method = exchange.head.method.rawValue
        guard triggers.handles(url.path) else { return next.receive(exchange) }
        let bound = NIOLoopBound(exchange, eventLoop: loop)
        let (loop, triggers) = (loop, triggers)
        exchange.collectBody(limit: 4096) { result in
            guard case .success(let body) = result else { return }
            let bytes = Array(body.readableBytesView)
            Task {
                let response = await triggers.answer(method, url, body: bytes)
                loop.execute { bound.value.respond(response, from: "cdn-cgi") }
            }
        }
    }
}

/// What the local paths do.
struct LocalTriggers: Sendable {
    static let clockPath = "/cdn-cgi/local/clock"

    let rule: LocalHostRule
    /// Runs a `scheduled` handler; `nil` without a Worker.
    let run: ScheduledRun?
    let clock: any EmulatorClock
    /// `nil` unless the clock may be moved.
    let movable: MovableClock?

    func handles(_ path: String) -> Bool {
        (run != nil && ScheduledTrigger.paths.contains(path)) || (movable != nil && path == LocalTriggers.clockPath)
    }

    func answer(_ method: String, _ url: RequestURL, body: [UInt8]) async -> Response {
        if url.path == LocalTriggers.clockPath { return moveClock(method, body) }
        do {
            guard let trigger = try ScheduledTrigger(path: url.path, query: url.query), let run else {
                return Response(.notFound)
            }
            let report = await run.run(trigger.event(now: clock.now))
            return trigger.answer(report.result)
        } catch {
            return error.response
        }
    }

    /// `POST {"advanceSeconds": 60}` moves the clock; `GET` tells what it is. Both answer `{"now": seconds since 1970}`.
    private func moveClock(_ method: String, _ body: [UInt8]) -> Response {
        if method == "POST" {
            guard let seconds = (try? JSON(parsing: body))?["advanceSeconds"]?.number, seconds >= 0, seconds <= 1e9
            else {
                return Problem(
                    .badRequest, code: "invalid_clock",
                    "The body has to be {\"advanceSeconds\": number}, from 0 to 1e9."
                ).response
            }
            movable?.move(by: seconds)
        } else if method != "GET" {
            return Problem(
                .methodNotAllowed, code: "method_not_allowed", "The clock takes GET and POST.",
                headers: [.allow: "GET, POST"]
            ).response
        }
        return .json(.object([.init("now", .number(clock.now))]))
    }
}
