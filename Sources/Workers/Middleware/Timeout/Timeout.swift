import HTTPTypes
import Synchronization

/// Answers 504 when the handler takes too long, and cancels it.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(Timeout(seconds: 30, sleep: { try await Task.sleep(for: .seconds($0)) }))
///     routes.get("/report") { call in
///         try await call.context.fetch(Request(.get, RequestURL(authority: "reports.example.com", path: "/")))
///     }
/// }
/// ```
/// The time runs until the response is there; a body that streams afterwards is not under it. The client gets its answer
/// at once, whether or not the handler notices that it is cancelled. If the client goes away, the handler is cancelled as
/// ever.
public struct Timeout<Env: Sendable>: Middleware {
    private let seconds: Double
    private let status: HTTPResponse.Status
    private let sleep: @Sendable (Double) async throws -> Void

    /// - Parameters:
    ///   - status: 504 where the handler waits for others; 503 says that the server itself is slow, and that the client
    ///     may try again.
    ///   - sleep: returns after that many seconds, and throws when its task is cancelled.
    public init(
        seconds: Double, status: HTTPResponse.Status = .gatewayTimeout,
        sleep: @escaping @Sendable (Double) async throws -> Void
    ) {
        self.seconds = seconds
        self.status = status
        self.sleep = sleep
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        let race = Race()
        // The handler stays on the threads where the host runs it: a new task would otherwise go to the shared pool.
        let executor = withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
        let handler = Task(executorPreference: executor) {
            do {
                race.end(.success(try await next(call)))
            } catch {
                race.end(.failure(error))
            }
        }
        let timer = Task(executorPreference: executor) { [seconds, sleep, problem] in
            do {
                try await sleep(seconds)
                race.end(.failure(problem))
            } catch {
                // Cancelled: the handler was faster.
            }
        }
        defer {
            handler.cancel()
            timer.cancel()
        }
        return try await withTaskCancellationHandler {
            try await race.result()
        } onCancel: {
            handler.cancel()
            timer.cancel()
        }
    }

    private var problem: Problem {
        Problem(
            status, code: "timeout", "The answer was not ready within \(Self.text(seconds)) seconds.",
            headers: status == .serviceUnavailable ? [.retryAfter: "1"] : [:])
    }

    private static func text(_ seconds: Double) -> String {
        Int(exactly: seconds).map { String($0) } ?? String(seconds)
    }

    /// The first of two results.
    private final class Race: Sendable {
        private struct State {
            var result: Result<Response, any Error>?
            var waiting: CheckedContinuation<Response, any Error>?
        }

        private let state = Mutex(State())

        func end(_ result: Result<Response, any Error>) {
            let (waiting, isLate) = state.withLock { state -> (CheckedContinuation<Response, any Error>?, Bool) in
                guard state.result == nil else { return (nil, true) }
                state.result = result
                defer { state.waiting = nil }
                return (state.waiting, false)
            }
            waiting?.resume(with: result)
            // Nobody will read a response that comes too late.
            if isLate, case .success(let response) = result { response.body.cancel() }
        }

        func result() async throws -> Response {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.waiting = continuation }
                    return state.result
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }
}
