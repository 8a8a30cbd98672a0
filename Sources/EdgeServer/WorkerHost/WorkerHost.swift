import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Workers

/// Runs one Worker: builds its environment once, and calls its handlers on the event loops of the connections.
public final class WorkerHost: Sendable {
    /// Handlers that block at the same time.
    private static let blockingThreads = 64

    private let handle: @Sendable (Request, ExecutionContext) async throws -> Response
    let services: HostServices
    let logger: Logger
    let background = BackgroundWork()
    private let blocking: BlockingExecutor?
    public let bindings: [Bindings.Description]

    /// - Throws: `MissingBindings` naming everything the Worker needs and the configuration lacks.
    public init<Application: Worker>(
        _ application: Application.Type, bindings: Bindings, services: HostServices, logger: Logger
    ) throws {
        let worker = Application()
        let env = try Application.Env(bindings)
        try bindings.verify()
        handle = { request, context in try await worker.fetch(request, env: env, context: context) }
        switch Application.execution {
        case .connectionLoop: blocking = nil
        case .blockingThreads: blocking = BlockingExecutor(threads: WorkerHost.blockingThreads)
        }
        self.services = services
        self.logger = logger
        self.bindings = bindings.descriptions
    }

    /// Answers one request. Called on the connection's event loop, which also runs the handler until it waits.
    func answer(_ exchange: Exchange, scheme: String, reason: String) {
        guard let state = exchange.loopState else { return }
        exchange.note = AnswerNote(source: "worker", detail: reason)
        exchange.requestBody(limit: services.bodyLimit, on: state.loop) { [self] result in
            switch result {
            case .ready(let body):
                run(Request(exchange, scheme: scheme, body: body), on: exchange, state)
            case .tooLarge:
                let answer = ServerProblem.bodyTooLarge.answer
                exchange.respond(answer.head, body: answer.body)
            case .incomplete: break
            }
        }
    }

    /// Returns once no work of `waitUntil` is under way.
    public func drained() async { await background.idle() }

    private func run(_ request: Request, on exchange: Exchange, _ state: LoopState) {
        let sink = ResponseSink(exchange, loop: state.loop)
        let executor: any TaskExecutor = blocking ?? state.executor
        let call = WorkerCall(host: self, executor: executor)
        let work: @Sendable () async -> Void = {
            let response = await self.respond(to: request, call)
            do {
                try await sink.send(response)
            } catch is CancellationError {
                // The client has gone.
            } catch {
                self.logger.error("the response broke off", metadata: ["error": "\(error)"])
            }
            call.answered()
        }
        // On the loop the handler begins at once, without a turn through the queue.
        let task =
            blocking == nil
            ? Task.immediate(executorPreference: executor, operation: work)
            : Task(executorPreference: executor, operation: work)
        exchange.onCancel = { task.cancel() }
    }

    private func respond(to request: Request, _ call: WorkerCall) async -> Response {
        do {
            let response = try await handle(request, call.context)
            try response.validate()
            return response
        } catch let problem as Problem {
            return problem.response
        } catch let error as BodyTooLarge {
            return Problem(.contentTooLarge, code: "body_too_large", error.description).response
        } catch {
            // The text of an error may quote what a user sent: it stays in the log, the client gets a reference to it.
            let reference = String(UInt64.random(in: .min ... .max), radix: 16)
            if !(error is CancellationError && Task.isCancelled) {
                logger.error("handler failed", metadata: ["reference": "\(reference)", "error": "\(error)"])
            }
            return Problem(
                .internalServerError, code: "internal_error", "The request could not be answered.",
                hint: "Quote the reference \(reference) when you report this."
            ).response
        }
    }
}

extension Request {
    init(_ exchange: Exchange, scheme: String, body: Body) {
        var headers = Headers()
        headers.reserveCapacity(exchange.head.headers.count)
        for (name, value) in exchange.head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        self.init(
            HTTPRequest.Method(rawValue: exchange.head.method.rawValue) ?? .get,
            RequestURL(scheme: scheme, authority: exchange.summary.host ?? "", target: exchange.head.uri),
            headers: headers, body: body)
    }
}
