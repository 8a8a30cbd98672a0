import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

extension WorkerHost {
    /// Answers one request. Called on the connection's event loop, which also runs the handler until it waits.
    func answer(_ exchange: Exchange, scheme: String, reason: String) {
        guard let state = exchange.loopState else { return }
        exchange.note = AnswerNote(source: "worker", detail: reason)
        let meter = services.meter(for: .fetch)
        exchange.requestBody(limit: services.bodyLimit, meter: meter, on: state.loop) { [self] result in
            switch result {
            case .ready(let body):
                var request = Request(exchange, scheme: scheme, body: body)
                services.edge?.apply(to: &request, client: exchange.remoteAddress)
                run(request, meter, on: exchange, state)
            case .tooLarge:
                let answer = ServerProblem.bodyTooLarge.answer
                exchange.respond(answer.head, body: answer.body)
            case .incomplete: break
            }
        }
    }

    private func run(_ request: Request, _ meter: RequestMeter?, on exchange: Exchange, _ state: LoopState) {
        let sink = ResponseSink(exchange, loop: state.loop)
        guard let meter else {
            let executor: any TaskExecutor = blocking ?? state.executor
            let call = WorkerCall(host: self, executor: executor)
            let work: @Sendable () async -> Void = { await self.handle(request, call, nil, sink) }
            // On the loop the handler begins at once, without a turn through the queue.
            let task =
                blocking == nil
                ? Task.immediate(executorPreference: executor, operation: work)
                : Task(executorPreference: executor, operation: work)
            exchange.onCancel = { task.cancel() }
            return
        }
        let executor = meteringExecutor(meter, state.loop)
        let call = WorkerCall(host: self, executor: executor, meter: meter)
        let work: @Sendable () async -> Void = {
            await RequestMeter.$current.withValue(meter) { await self.handle(request, call, meter, sink) }
        }
        let task =
            blocking == nil
            ? executor.measure { Task.immediate(executorPreference: executor, operation: work) }
            : Task(executorPreference: executor, operation: work)
        meter.onFailure { task.cancel() }
        exchange.onCancel = { task.cancel() }
    }

    private func meteringExecutor(_ meter: RequestMeter, _ loop: any EventLoop) -> MeteringExecutor {
        if let blocking { return MeteringExecutor(meter: meter) { blocking.submit($0) } }
        return MeteringExecutor(meter: meter) { loop.execute($0) }
    }

    private func handle(_ request: Request, _ call: WorkerCall, _ meter: RequestMeter?, _ sink: ResponseSink) async {
        if services.takesLocation, let location = request.headers[WorkerHost.location] {
            await KVLocation.$current.withValue(location) { await handleHere(request, call, meter, sink) }
        } else {
            await handleHere(request, call, meter, sink)
        }
    }

    private static let location = HTTPField.Name("X-Lilypad-Location") ?? .via

    private func handleHere(
        _ request: Request, _ call: WorkerCall, _ meter: RequestMeter?, _ sink: ResponseSink
    ) async {
        var response: Response
        do {
            let answer = try await self.response(to: request, call)
            if meter?.mode == .enforcing {
                // The executor knows how long a job took when it is over: this ends the handler's last one.
                await Task.yield()
                if let failure = meter?.failure { throw failure }
            }
            response = answer
        } catch {
            response = errorPage(for: request, meter?.failure ?? error)
        }
        if services.edge != nil { response.headers[EdgeFields.rayID] = request.headers[EdgeFields.rayID] }
        do {
            try await sink.send(response)
        } catch is CancellationError {
            // The client has gone.
        } catch {
            logger.error("the response broke off", metadata: ["error": "\(error)"])
        }
        call.answered()
        report(meter, "\(request.method.rawValue) \(request.url.path)")
    }

    private func errorPage(for request: Request, _ error: any Error) -> Response {
        let asked = ErrorPage.Asked(request)
        let uncaught = UncaughtError(error)
        if services.showsErrors {
            logger.error("handler failed", metadata: ["error": "\(uncaught.type): \(uncaught.message)"])
            return ErrorPage.response(to: asked, uncaught, for: .developer)
        }
        // The text of an error may quote what a user sent: it stays in the log, the client gets a reference to it.
        let reference = String(UInt64.random(in: .min ... .max), radix: 16)
        if !(error is CancellationError && Task.isCancelled) {
            logger.error("handler failed", metadata: ["reference": "\(reference)", "error": "\(error)"])
        }
        return ErrorPage.response(to: asked, uncaught, for: .everybody(reference: reference))
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
