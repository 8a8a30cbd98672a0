import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import Workers

/// Runs one Worker: builds its environment once, and calls its handlers on the event loops of the connections.
public final class WorkerHost: Sendable {
    /// Work that outlives a response ends after this time (Workers documentation, "Context (ctx)").
    private static let backgroundLimit = Duration.seconds(30)

    private let handle: @Sendable (Request, ExecutionContext) async throws -> Response
    private let now: @Sendable () -> Double
    private let bodyLimit: Int
    private let logger: Logger
    public let bindings: [Bindings.Description]

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - bodyLimit: bytes of a request body; beyond it 413.
    /// - Throws: `MissingBindings` naming everything the Worker needs and the configuration lacks.
    public init<Application: Worker>(
        _ application: Application.Type, bindings: Bindings, now: @escaping @Sendable () -> Double, bodyLimit: Int,
        logger: Logger
    ) throws {
        let worker = Application()
        let env = try Application.Env(bindings)
        try bindings.verify()
        handle = { request, context in try await worker.fetch(request, env: env, context: context) }
        self.now = now
        self.bodyLimit = bodyLimit
        self.logger = logger
        self.bindings = bindings.descriptions
    }

    /// Answers one request. Called on the connection's event loop, which also runs the handler until it waits.
    func answer(_ exchange: Exchange, scheme: String, reason: String) {
        guard let state = exchange.loopState else { return }
        exchange.note = AnswerNote(source: "worker", detail: reason)
        let bound = NIOLoopBound(exchange, eventLoop: state.loop)
        exchange.collectBody(limit: bodyLimit) { result in
            let exchange = bound.value
            switch result {
            case .failure(.tooLarge):
                let answer = ServerProblem.bodyTooLarge.answer
                exchange.respond(answer.head, body: answer.body)
            case .failure(.incomplete):
                break
            case .success(let body):
                let request = Request(exchange, scheme: scheme, body: body)
                let context = self.makeContext(executor: state.executor)
                let task = Task.immediate(executorPreference: state.executor) {
                    let response = await self.run(request, context)
                    bound.value.send(response)
                }
                exchange.onCancel = { task.cancel() }
            }
        }
    }

    private func run(_ request: Request, _ context: ExecutionContext) async -> Response {
        do {
            let response = try await handle(request, context)
            // As in Fetch: anything else is no answer to a request, and an interim status would leave the client waiting.
            guard (200...599).contains(response.status.code) else { throw UnsendableStatus(code: response.status.code) }
            return response
        } catch let problem as Problem {
            return problem.response
        } catch {
            // The text of an error may quote what a user sent: it stays in the log, the client gets a reference to it.
            let reference = String(UInt64.random(in: .min ... .max), radix: 16)
            logger.error("handler failed", metadata: ["reference": "\(reference)", "error": "\(error)"])
            return Problem(
                .internalServerError, code: "internal_error", "The request could not be answered.",
                hint: "Quote the reference \(reference) when you report this."
            ).response
        }
    }

    private func makeContext(executor: EventLoopExecutor) -> ExecutionContext {
        let logger = logger
        return ExecutionContext(now: now) { work in
            Task(executorPreference: executor) {
                do {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await work() }
                        group.addTask {
                            try await Task.sleep(for: WorkerHost.backgroundLimit)
                            throw CancellationError()
                        }
                        try await group.next()
                        group.cancelAll()
                    }
                } catch {
                    logger.warning("background work failed", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}

/// A handler answered with a status that cannot end an exchange.
private struct UnsendableStatus: Error {
    var code: Int
}

extension Request {
    init(_ exchange: Exchange, scheme: String, body: ByteBuffer) {
        var headers = Headers()
        headers.reserveCapacity(exchange.head.headers.count)
        for (name, value) in exchange.head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        self.init(
            HTTPRequest.Method(rawValue: exchange.head.method.rawValue) ?? .get,
            RequestURL(scheme: scheme, authority: exchange.summary.host ?? "", target: exchange.head.uri),
            headers: headers, body: Body(bytes: Array(body.readableBytesView)))
    }
}

extension Exchange {
    /// Sends a Worker's response.
    func send(_ response: Response) {
        let status = response.status.code
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(response.headers.count)
        for field in response.headers where !ResponseHead.isFraming(field.name.canonicalName) {
            fields.append((field.name.rawName.lowercased(), field.value))
        }
        let length = response.body.bytes.count
        // A handler that answers HEAD without content has not said how long the content of a GET is (RFC 9110 §8.6).
        let isUnknown = head.method == .HEAD && length == 0
        let hasContent = ResponseHead.hasContent(status)
        respond(
            ResponseHead(status: status, headers: fields, contentLength: hasContent && !isUnknown ? length : nil),
            body: hasContent && length > 0 ? ByteBuffer(bytes: response.body.bytes) : nil)
    }
}
