import HTTPTypes
import Synchronization
import Testing
import Workers

@Suite struct TimeoutTests {
    /// Sleeps until its task is cancelled.
    private static let forever: @Sendable (Double) async throws -> Void = { _ in
        try await Task.sleep(for: .seconds(3600))
    }

    @Test func `a handler in time answers, and the timer ends`() async throws {
        let ended = Flag()
        let router = try Router<Env> { routes in
            routes.use(
                Timeout(seconds: 5) { seconds in
                    defer { ended.raise() }
                    try await Self.forever(seconds)
                })
            routes.get("/") { _ in .text("in time") }
            routes.get("/problem") { _ in throw Problem(.conflict, code: "taken", "Taken.") }
        }
        #expect(try await router.text("/") == "in time")
        #expect(try await router.get("/problem").status == .conflict)
        while !ended.isRaised { await Task.yield() }
    }

    @Test func `a handler that is late is cancelled, and the client hears 504`() async throws {
        let cancelled = Flag()
        let router = try Router<Env> { routes in
            routes.use(Timeout(seconds: 2.5, sleep: { _ in }))
            routes.get("/") { _ in
                defer { cancelled.raise() }
                try await Self.forever(0)
                return .text("never")
            }
        }
        let response = try await router.get("/")
        #expect(response.status == .gatewayTimeout && response.problemCode == "timeout")
        #expect(response.problemDetail == "The answer was not ready within 2.5 seconds.")
        while !cancelled.isRaised { await Task.yield() }
    }

    @Test func `503 says when to try again`() async throws {
        let router = try Router<Env> { routes in
            routes.use(Timeout(seconds: 3, status: .serviceUnavailable, sleep: { _ in }))
            routes.get("/") { _ in
                try await Self.forever(0)
                return .text("never")
            }
        }
        let response = try await router.get("/")
        #expect(response.status == .serviceUnavailable && response.headers[.retryAfter] == "1")
    }

    @Test func `the client need not wait for a handler that does not notice, whose answer is let go`() async throws {
        let gate = Gate()
        let dropped = Flag()
        let router = try Router<Env> { routes in
            routes.use(Timeout(seconds: 1, sleep: { _ in }))
            routes.get("/") { _ in
                await gate.wait()
                return Response(body: Body(stream: BodyStream(onCancel: { dropped.raise() }) { [1] }))
            }
        }
        #expect(try await router.get("/").status == .gatewayTimeout)
        gate.open()
        while !dropped.isRaised { await Task.yield() }
    }

    @Test func `a client that goes away cancels the handler`() async throws {
        let started = Flag()
        let cancelled = Flag()
        let router = try Router<Env> { routes in
            routes.use(Timeout(seconds: 1, sleep: Self.forever))
            routes.get("/") { _ in
                started.raise()
                defer { cancelled.raise() }
                try await Self.forever(0)
                return .text("never")
            }
        }
        let client = Task { try await router.get("/") }
        while !started.isRaised { await Task.yield() }
        client.cancel()
        await #expect(throws: CancellationError.self) { _ = try await client.value }
        #expect(cancelled.isRaised)
    }
}

/// Holds whoever waits, cancelled or not, until it is opened.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
