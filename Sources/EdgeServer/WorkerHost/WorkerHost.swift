import HTTPTypes
import Logging
import NIOCore
import Workers

/// Runs one Worker: builds its environment once, and calls its handlers.
///
/// Requests that come in over HTTP run on the event loop of their connection (`WorkerHost+HTTP`), everything else where it
/// is called (`WorkerHost+Events`, `WorkerHost+Service`).
public final class WorkerHost: Sendable {
    /// Handlers that block at the same time.
    private static let blockingThreads = 64

    let handlers: Handlers
    let services: HostServices
    let logger: Logger
    let background = BackgroundWork()
    /// Threads for handlers that block; `nil` for a Worker that runs on the event loops.
    let blocking: BlockingExecutor?
    public let bindings: [Bindings.Description]

    /// The handlers of one Worker with its environment, without its type.
    struct Handlers: Sendable {
        let fetch: nonisolated(nonsending) @Sendable (Request, ExecutionContext) async throws -> Response
        let scheduled: @Sendable (ScheduledEvent, ExecutionContext) async throws -> Void
        let queue: @Sendable (MessageBatch, ExecutionContext) async throws -> Void
    }

    /// - Throws: `MissingBindings` naming everything the Worker needs and the configuration lacks.
    public init<Application: Worker>(
        _ application: Application.Type, bindings: Bindings, services: HostServices, logger: Logger
    ) throws {
        let worker = try Application()
        let env = try Application.Env(bindings)
        try bindings.verify()
        handlers = Handlers(
            fetch: { request, context in try await worker.fetch(request, env: env, context: context) },
            scheduled: { event, context in try await worker.scheduled(event, env: env, context: context) },
            queue: { batch, context in try await worker.queue(batch, env: env, context: context) })
        switch Application.execution {
        case .connectionLoop: blocking = nil
        case .blockingThreads: blocking = BlockingExecutor(threads: WorkerHost.blockingThreads)
        }
        self.services = services
        self.logger = logger
        self.bindings = bindings.descriptions
    }

    /// A host of handlers that are part of the server itself: they run on the event loops and have no bindings.
    ///
    /// - Parameter fetch: answers one request.
    package init(
        services: HostServices, logger: Logger,
        fetch: nonisolated(nonsending) @escaping @Sendable (Request, ExecutionContext) async throws -> Response
    ) {
        handlers = Handlers(
            fetch: fetch, scheduled: { _, _ in throw MissingHandler(name: "scheduled") },
            queue: { _, _ in throw MissingHandler(name: "queue") })
        blocking = nil
        self.services = services
        self.logger = logger
        bindings = []
    }

    /// Returns once no work of `waitUntil` is under way, or after `limit`.
    public func drained(within limit: Duration) async { await background.idle(within: limit) }

    /// Calls `fetch`; a thrown `Problem` is its response. Everything else that is thrown is thrown on.
    nonisolated(nonsending) func response(to request: Request, _ call: WorkerCall) async throws -> Response {
        do {
            let response = try await handlers.fetch(request, call.context)
            try response.validate()
            return response
        } catch let problem as Problem {
            return problem.response
        } catch let error as BodyTooLarge {
            return Problem(error).response
        }
    }

    /// Measures the jobs of one call.
    ///
    /// - Parameter elsewhere: runs them for a Worker that has no threads of its own.
    func meteringExecutor(
        _ meter: RequestMeter, elsewhere: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) -> MeteringExecutor {
        MeteringExecutor(meter: meter, submit: blocking?.submit ?? elsewhere)
    }

    /// Says in the log which limits a call came near to.
    func report(_ meter: RequestMeter?, _ what: @autoclosure () -> String) {
        guard let approached = meter?.report(now: services.now()).approached, !approached.isEmpty else { return }
        let text = approached.map(\.description).joined(separator: ", ")
        logger.warning("\(what()) came near to its limits: \(text)")
    }
}
