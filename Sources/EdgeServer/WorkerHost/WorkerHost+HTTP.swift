import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

extension WorkerHost {
    /// Answers one request. Called on the connection's event loop, which also runs the handler until it waits.
    ///
    /// - Parameter site: identifies the assets that the Worker is deployed with.
    package func answer(_ exchange: Exchange, site: String?, reason: String) {
        guard let state = exchange.loopState else { return }
        if let cache = services.cache,
            cache.answer(exchange, from: self, site: site ?? "", reason: reason, state: state)
        {
            return
        }
        exchange.note = AnswerNote(source: services.source, detail: reason)
        let meter = services.meter(for: .fetch)
        guard exchange.summary.hasBody else { return begin(exchange, .empty, meter, state) }
        exchange.requestBody(limit: services.bodyLimit, meter: meter, on: state.loop) { [self] result in
            switch result {
            case .ready(let body): begin(exchange, body, meter, state)
            case .tooLarge:
                let answer = ServerProblem.bodyTooLarge.answer
                exchange.respond(answer.head, body: answer.body)
            case .incomplete: break
            }
        }
    }

    private func begin(_ exchange: Exchange, _ body: Body, _ meter: RequestMeter?, _ state: LoopState) {
        var fields = exchange.fields
        let client = exchange.client
        let told = services.edge?.apply(to: &fields, client: client, number: state.nextRay())
        exchange.ray = told?.ray
        let url = RequestURL(scheme: client.scheme, authority: client.host, target: exchange.head.uri)
        var request = Request(HTTPRequest.Method(exchange.head.method), url, headers: fields, body: body)
        if let told { request.cf = told.cf }
        guard services.traces else { return run(request, told?.ray, meter, to: exchange, state) }
        let trace = RequestTrace()
        exchange.trace = trace
        exchange.meter = meter
        RequestTrace.$current.withValue(trace) { run(request, told?.ray, meter, to: exchange, state) }
    }

    /// Calls the handler, on the event loop of whatever takes its response.
    func run(
        _ request: Request, _ ray: String?, _ meter: RequestMeter?, to destination: any ResponseDestination,
        _ state: LoopState
    ) {
        let sink = ResponseSink(destination, loop: state.loop)
        guard let meter else {
            let executor: any TaskExecutor = blocking ?? state.executor
            let call = WorkerCall(host: self, executor: executor)
            let work: @Sendable () async -> Void = { await self.handle(request, ray, call, nil, sink) }
            // On the loop the handler begins at once, without a turn through the queue.
            let task =
                blocking == nil
                ? Task.immediate(executorPreference: executor, operation: work)
                : Task(executorPreference: executor, operation: work)
            if !destination.isGone { destination.onCancel = { task.cancel() } }
            return
        }
        let loop = state.loop
        let executor = meteringExecutor(meter) { loop.execute($0) }
        let call = WorkerCall(host: self, executor: executor, meter: meter)
        let work: @Sendable () async -> Void = {
            await RequestMeter.$current.withValue(meter) { await self.handle(request, ray, call, meter, sink) }
        }
        let task =
            blocking == nil
            ? executor.measure { Task.immediate(executorPreference: executor, operation: work) }
            : Task(executorPreference: executor, operation: work)
        meter.onFailure { task.cancel() }
        if !destination.isGone { destination.onCancel = { task.cancel() } }
    }

    nonisolated(nonsending) private func handle(
        _ request: Request, _ ray: String?, _ call: WorkerCall, _ meter: RequestMeter?, _ sink: ResponseSink
    ) async {
        if services.takesLocation, let location = request.headers[WorkerHost.location] {
            await KVLocation.$current.withValue(location) { await handleHere(request, ray, call, meter, sink) }
        } else {
            await handleHere(request, ray, call, meter, sink)
        }
    }

    private static let location = HTTPField.Name("X-Lilypad-Location") ?? .via

    nonisolated(nonsending) private func handleHere(
        _ request: Request, _ ray: String?, _ call: WorkerCall, _ meter: RequestMeter?, _ sink: ResponseSink
    ) async {
        let response: Response
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
        do {
            if !sink.sendAtOnce(response, ray: ray) { try await sink.send(response, ray: ray) }
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

extension Exchange {
    /// The fields of the request, with room for what the edge adds.
    var fields: Headers {
        var fields = Headers()
        fields.reserveCapacity(head.headers.count + EdgeFields.count)
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }
}

extension HTTPRequest.Method {
    /// The parser knows the method already; only its name as text would have to be checked again.
    fileprivate init(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST: self = .post
        case .PUT: self = .put
        case .DELETE: self = .delete
        case .PATCH: self = .patch
        case .OPTIONS: self = .options
        default: self = HTTPRequest.Method(rawValue: method.rawValue) ?? .get
        }
    }
}
