import EdgeServer
import HTTPTypes
import Synchronization
import Workers

/// The part of Cloudflare's REST API that administers and uses KV, Queues, R2 and the cache, under `/client/v4`.
struct RESTService: Sendable {
    private let platform: LocalPlatform
    private let authentication: Authentication
    private let namespaces: KVNamespaces
    private let values: KVValues
    private let bulk: KVBulk
    private let queues: QueueAdministration
    private let messages: QueueMessages
    private let consumers: QueueConsumers
    private let calls = CallCount()

    init(_ platform: LocalPlatform) {
        self.platform = platform
        authentication = Authentication(token: platform.credentials.apiToken)
        let directory = KVDirectory(platform)
        namespaces = KVNamespaces(directory)
        values = KVValues(directory)
        bulk = KVBulk(directory)
        let register = QueueRegister(platform)
        queues = QueueAdministration(register)
        messages = QueueMessages(register)
        consumers = QueueConsumers(register)
    }

    /// Answers one request; whatever goes wrong is an answer, too.
    func fetch(_ request: Request) async -> Response {
        var verdict: CallLimit.Verdict?
        var response: Response
        do {
            switch try await answer(request, &verdict) {
            case .result(let result, let info): response = Envelope.success(result, info: info)
            case .raw(let raw): response = raw
            }
        } catch {
            response = Envelope.failure(RESTService.refusal(error))
        }
        for field in verdict?.fields ?? [] {
            guard let name = HTTPField.Name(field.name) else { continue }
            response.headers[name] = field.value
        }
        return response
    }

    /// - Parameter verdict: what the limit of calls says, where it holds.
    private func answer(_ request: Request, _ verdict: inout CallLimit.Verdict?) async throws -> RESTAnswer {
        try authentication.check(request.headers)
        let router: RESTRouter
        do {
            router = try RESTRouter(request.url.path)
        } catch {
            // Wrong paths count as well.
            try count(&verdict)
            throw error
        }
        if !router.route.isExempt { try count(&verdict) }
        if let account = router.account, account != platform.credentials.accountId { throw RESTError.wrongCredentials }
        let method = request.method.rawValue
        let allowed = router.route.methods
        guard allowed.contains(method) else { throw RESTError.method(method, allowed: allowed) }
        return try await answer(router.route, request)
    }

    private func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        switch route {
        case .namespaces, .namespace: try await namespaces.answer(route, request)
        case .keys, .value, .metadata: try await values.answer(route, request)
        case .bulk, .bulkGet, .bulkDelete: try await bulk.answer(route, request)
        case .queues, .queue, .queueMetrics, .queuePurge: try await queues.answer(route, request)
        case .messages, .batch, .pull, .settle, .peek, .purgeMessages: try await messages.answer(route, request)
        case .consumers, .consumer: try await consumers.answer(route, request)
        case .buckets, .bucket: try await R2BucketCalls(platform.r2.buckets).answer(route, request)
        case .purgeCache: try await CachePurgeCall.answer(request, platform.responses)
        }
    }

    private func count(_ verdict: inout CallLimit.Verdict?) throws(RESTError) {
        guard platform.enforcesLimits else { return }
        let taken = calls.take(now: platform.clock.now)
        verdict = taken
        guard taken.isAdmitted else { throw .tooManyCalls(retryAfter: taken.reset) }
    }

    private static func refusal(_ error: any Error) -> RESTError {
        switch error {
        case let error as RESTError: error
        case let error as BodyTooLarge: .bodyTooLarge(error.limit)
        case let error as Problem: RESTError(error.status, 10001, error.message)
        case let error as WorkersError: .argument(error.message)
        default: .storeFailed("\(error)")
        }
    }
}

/// The calls of the one user that there is.
private final class CallCount: Sendable {
    private let limit = Mutex(CallLimit())

    func take(now: Double) -> CallLimit.Verdict { limit.withLock { $0.take(now: now) } }
}

extension Request {
    /// The body as JSON.
    ///
    /// - Parameter code: of the error that says it is none.
    func restJSON(limit: Int, code: Int) async throws -> JSON {
        let bytes: [UInt8]
        do {
            bytes = try await self.bytes(limit: limit)
        } catch is BodyTooLarge {
            throw RESTError.bodyTooLarge(limit, code: code)
        }
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw RESTError(.badRequest, code, "The body has to be JSON. \(error)")
        }
    }
}
