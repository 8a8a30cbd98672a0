import HTTPTypes

/// The rules of a fetch over any transport: which requests there can be, redirects, the time limit, the size limit.
///
/// The network's fetcher and the scripted one of the tests are both this over different transports.
public struct RedirectingFetcher: Fetcher {
    /// A redirect's body of up to this many bytes is read to keep the connection; a longer one closes it.
    private static let drained = 16 * 1024

    private let transport: any FetchTransport
    private let clock: FetchClock

    public init(transport: any FetchTransport, clock: FetchClock) {
        self.transport = transport
        self.clock = clock
    }

    public func fetch(_ request: Request) async throws -> Response {
        try await fetch(request, options: FetchOptions())
    }

    /// - Throws: `WorkersError` for a request that cannot be made, redirects that lead nowhere, a lost connection and the
    ///   limits of `options`; `CancellationError` when the task was cancelled.
    public func fetch(_ request: Request, options: FetchOptions) async throws -> Response {
        let deadline = options.timeout.map { clock.now() + $0.inSeconds }
        var (hop, payload) = try await RedirectingFetcher.start(request)
        var followed = 0
        while true {
            let response = try await send(payload.request(for: hop), options.cache, deadline)
            let decision = RedirectDecision.decide(
                status: response.status.code, location: response.headers[.location], after: hop, followed: followed,
                mode: options.redirect)
            switch decision {
            case .deliver:
                let answer = RedirectingFetcher.received(response, to: hop)
                return try RedirectingFetcher.limited(answer, options.maximumBody, deadline, clock)
            case .fail(let error):
                response.body.cancel()
                throw error
            case .follow(let next):
                try await discard(response.body, deadline)
                hop = next
                followed += 1
                try Task.checkCancellation()
            }
        }
    }

    /// What is sent, kept so that it can be sent again where that is possible.
    private enum Payload {
        case none
        case bytes([UInt8])
        case stream(Body)

        func request(for hop: FetchHop) -> Request {
            var request = Request(hop.method, hop.url, headers: hop.headers)
            switch self {
            case .bytes(let bytes) where hop.content == .replayable: request.body = Body(bytes: bytes)
            case .stream(let body) where hop.content == .stream: request.body = body
            default: break
            }
            return request
        }
    }

    private static func start(_ request: Request) async throws -> (FetchHop, Payload) {
        let url = request.url
        if url.hasCredentials { throw WorkersError.credentialsInURL }
        let scheme = url.scheme.lowercased()
        guard scheme == "http" || scheme == "https", url.origin != nil else { throw WorkersError.cannotLoad(url) }
        if ["CONNECT", "TRACE", "TRACK"].contains(request.method.rawValue.uppercased()) {
            throw WorkersError.methodNotAllowed(request.method.rawValue)
        }
        let payload: Payload
        if request.body.isNull {
            payload = .none
        } else if request.body.buffered != nil {
            // Reading marks the body as used, as a fetch does to the body of its request.
            payload = .bytes(try await request.body.bytes())
        } else {
            payload = .stream(Body(stream: try request.body.stream()))
        }
        let content: FetchHop.Content
        switch payload {
        case .none: content = .none
        case .bytes: content = .replayable
        case .stream: content = .stream
        }
        if request.method == .get || request.method == .head {
            switch payload {
            case .none: break
            case .bytes(let bytes) where bytes.isEmpty: break
            default: throw WorkersError.bodyWithoutMethodForIt
            }
        }
        let hop = FetchHop(
            method: request.method, url: url, headers: FieldRules.outgoing(request.headers), content: content)
        return (hop, payload)
    }

    private func send(_ request: Request, _ cache: FetchCaching?, _ deadline: Double?) async throws -> Response {
        guard let deadline else { return try await transport.send(request, cache: cache) }
        let transport = transport
        return try await clock.limit(deadline) { try await transport.send(request, cache: cache) }
    }

    private func discard(_ body: Body, _ deadline: Double?) async throws {
        guard !body.isNull else { return }
        guard let length = body.length, length <= RedirectingFetcher.drained else { return body.cancel() }
        do {
            if let deadline {
                _ = try await clock.limit(deadline) { try await body.bytes() }
            } else {
                _ = try await body.bytes()
            }
        } catch let error as WorkersError where error == .fetchTimedOut {
            throw error
        } catch {
            // A redirect whose body breaks off is still a redirect.
            body.cancel()
        }
    }

    /// A response as a handler sees it: HEAD and some statuses have no body (Fetch Standard, "main fetch").
    private static func received(_ response: Response, to hop: FetchHop) -> Response {
        var answer = response
        answer.headers = FieldRules.incoming(response.headers)
        if hop.method == .head || [204, 205, 304].contains(response.status.code) {
            response.body.cancel()
            answer.body = .empty
        }
        return answer
    }

    private static func limited(
        _ response: Response, _ most: Int?, _ deadline: Double?, _ clock: FetchClock
    ) throws -> Response {
        guard !response.body.isNull, most != nil || deadline != nil else { return response }
        if let most, let length = response.body.length, length > most {
            response.body.cancel()
            throw WorkersError.bodyTooLarge(limit: most)
        }
        // Bytes in memory are here already: no time can pass before they are.
        if response.body.buffered != nil { return response }
        var stream = try response.body.stream()
        if let deadline { stream = stream.ending(by: deadline, clock) }
        if let most { stream = stream.limited(to: most) }
        var limited = response
        limited.body = Body(stream: stream)
        return limited
    }
}
