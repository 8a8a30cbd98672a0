import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import EdgeServer

/// A pool on an event loop, for tests that are not on one.
final class UpstreamClient: Sendable {
    let loop: any EventLoop
    private let pool: NIOLoopBound<UpstreamPool>
    /// Lives as long as its client.
    private let server: (any AnyObject & Sendable)?

    init(
        _ origin: UpstreamOrigin, server: (any AnyObject & Sendable)? = nil,
        _ change: (inout UpstreamOptions) -> Void = { _ in }
    ) async throws {
        self.server = server
        var options = UpstreamOptions()
        change(&options)
        let upstream = try Upstream(origin, options: options)
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        self.loop = loop
        pool = try await loop.submit { NIOLoopBound(upstream.pool(on: loop), eventLoop: loop) }.get()
    }

    convenience init(_ origin: ScriptedOrigin, _ change: (inout UpstreamOptions) -> Void = { _ in }) async throws {
        try await self.init(UpstreamOrigin(scheme: .http, host: "127.0.0.1", port: origin.port), server: origin, change)
    }

    /// Runs something on the loop.
    func on<Result: Sendable>(_ body: @escaping @Sendable (UpstreamPool) -> Result) async throws -> Result {
        try await loop.submit { [pool] in body(pool.value) }.get()
    }

    var counters: UpstreamPool.Counters { get async throws { try await on { $0.counters } } }

    func start(
        _ method: HTTPMethod = .GET, _ target: String = "/", _ headers: HTTPHeaders = ["Host": "a.example"],
        body: UpstreamRequest.Body = .none, isRepeatable: Bool? = nil, isPaused: Bool = false
    ) async throws -> RunningCall {
        let running = RunningCall(loop)
        nonisolated(unsafe) let request = UpstreamRequest(
            method: method, target: target, headers: headers, body: body, isRepeatable: isRepeatable)
        try await on { running.start(request, on: $0, isPaused: isPaused) }
        return running
    }

    /// Sends a request and waits for its end.
    func fetch(
        _ method: HTTPMethod = .GET, _ target: String = "/", _ headers: HTTPHeaders = ["Host": "a.example"],
        body: UpstreamRequest.Body = .none, isRepeatable: Bool? = nil
    ) async throws -> RunningCall.Outcome {
        try await start(method, target, headers, body: body, isRepeatable: isRepeatable).finished()
    }
}

/// A request under way, and what has come of it so far.
final class RunningCall: Sendable {
    struct Outcome: Sendable {
        var interim: [HTTPResponseHead] = []
        var head: HTTPResponseHead?
        var body = ""
        var trailers: HTTPHeaders?
        var failure: UpstreamFailure?
        var isEnded = false
        var isReused = false
        var isRetried = false
        var writableCount = 0

        var status: Int { Int(head?.status.code ?? 0) }
        var isComplete: Bool { isEnded && failure == nil }
    }

    private let outcome = Mutex(Outcome())
    private let call: NIOLoopBoundBox<UpstreamCall?>
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
        call = NIOLoopBoundBox.makeEmptyBox(valueType: UpstreamCall.self, eventLoop: loop)
    }

    fileprivate func start(_ request: UpstreamRequest, on pool: UpstreamPool, isPaused: Bool) {
        let call = pool.send(request) { [self] in note($0) }
        call.onWritable = { [self] in outcome.withLock { $0.writableCount += 1 } }
        call.isPaused = isPaused
        self.call.value = call
    }

    private func note(_ event: UpstreamEvent) {
        let isReused = call.value?.isReused ?? false
        let isRetried = call.value?.isRetried ?? false
        outcome.withLock { outcome in
            outcome.isReused = isReused
            outcome.isRetried = isRetried
            switch event {
            case .interim(let head): outcome.interim.append(head)
            case .head(let head): outcome.head = head
            case .body(let bytes): outcome.body += String(buffer: bytes)
            case .end(let trailers):
                outcome.trailers = trailers
                outcome.isEnded = true
            case .failed(let failure):
                outcome.failure = failure
                outcome.isEnded = true
            }
        }
        if so.isEnded { call.value?.onWritable = nil }
    }

    var so: Outcome { outcome.withLock { $0 } }

    /// Runs something with the call on its loop.
    func on<Result: Sendable>(_ body: @escaping @Sendable (UpstreamCall) -> Result) async throws -> Result {
        try await loop.submit { [call] in
            guard let call = call.value else { throw TooLate() }
            return body(call)
        }.get()
    }

    func write(_ text: String) async throws { try await on { $0.write(ByteBuffer(string: text)) } }
    func end(_ trailers: HTTPHeaders? = nil) async throws { try await on { $0.end(trailers: trailers) } }

    func until(_ condition: @escaping @Sendable (Outcome) -> Bool) async throws -> Outcome {
        try await eventually { condition(self.so) }
        return so
    }

    func finished() async throws -> Outcome { try await until { $0.isEnded } }
}
