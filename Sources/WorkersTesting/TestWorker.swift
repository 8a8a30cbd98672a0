import HTTPTypes
import Synchronization
import Workers

/// A Worker in memory: its handlers are called with a request and asked for a response, without a socket.
///
/// ```swift
/// let worker = try TestWorker(Greeter.self, bindings: ["NAME": .text("Ada")])
/// let response = try await worker.fetch("/")
/// #expect(try await response.text() == "Hello, Ada!")
/// ```
/// It is a `Fetcher`, too, so that it can stand behind another one's service binding. Each test makes its own, so that no
/// test sees what another has stored.
public final class TestWorker<Application: Worker>: Fetcher {
    public let env: Application.Env
    public let clock: TestClock
    /// What stands for the cache in front of the Worker: it keeps nothing, and knows what was purged.
    public let cache = MemoryWorkersCache()
    private let worker: Application
    private let fetcher: any Fetcher
    private let caches: any CacheStorage
    private let background = Mutex<[Task<Void, any Error>]>([])

    /// - Parameters:
    ///   - fetcher: answers the outgoing requests; refuses them all if not given.
    ///   - caches: the Cache API; in memory if not given.
    /// - Throws: `MissingBindings` as the host would at start-up.
    public init(
        _ application: Application.Type = Application.self, bindings values: [String: Bindings.Value] = [:],
        clock: TestClock = TestClock(), fetcher: any Fetcher = RefusingFetcher(), caches: (any CacheStorage)? = nil
    ) throws {
        worker = try Application()
        let bindings = Bindings(values)
        env = try Application.Env(bindings)
        try bindings.verify()
        self.clock = clock
        self.fetcher = fetcher
        self.caches = caches ?? MemoryCaches(now: clock.read)
    }

    /// Asks the `fetch` handler.
    ///
    /// A thrown `Problem` becomes its response, as with a host; any other error is thrown on, so that a test sees it.
    public func fetch(_ request: Request) async throws -> Response {
        do {
            let response = try await worker.fetch(request, env: env, context: makeContext())
            try response.validate()
            return response
        } catch let problem as Problem {
            return problem.response
        } catch let error as BodyTooLarge {
            return Problem(error).response
        }
    }

    /// Asks the `fetch` handler.
    ///
    /// - Parameter target: path and query, as in a request line: `/api/v1/traces?limit=5`.
    public func fetch(
        _ target: String, method: HTTPRequest.Method = .get, headers: Headers = [:], body: Body = .empty
    ) async throws -> Response {
        let url = RequestURL(scheme: "https", authority: "worker.test", target: target)
        return try await fetch(Request(method, url, headers: headers, body: body))
    }

    /// Calls the `scheduled` handler, as a cron trigger does.
    ///
    /// - Parameter time: seconds since 1970; the clock's if not given.
    public func scheduled(_ cron: String = "", time: Double? = nil) async throws {
        let event = ScheduledEvent(cron: cron, scheduledTime: (time ?? clock.now) * 1000)
        try await worker.scheduled(event, env: env, context: makeContext())
    }

    /// Calls the `queue` handler with a batch.
    public func queue(_ batch: MessageBatch) async throws {
        try await worker.queue(batch, env: env, context: makeContext())
    }

    /// Waits for what `waitUntil` was given, also for work that such work adds.
    ///
    /// - Throws: its first failure. A host would log it.
    public func settle() async throws {
        while true {
            let tasks = background.withLock { tasks in
                defer { tasks = [] }
                return tasks
            }
            if tasks.isEmpty { return }
            for task in tasks { try await task.value }
        }
    }

    /// A context as the host gives one to each call.
    public func makeContext(props: JSON = .null) -> ExecutionContext {
        ExecutionContext(
            host: TestHost(now: clock.read, fetcher: fetcher, caches: caches, cache: cache, props: props) {
                self.keep($0)
            })
    }

    private func keep(_ task: Task<Void, any Error>) { background.withLock { $0.append(task) } }
}

/// Refuses every outgoing request: a test that needs one says what the answer is.
public struct RefusingFetcher: Fetcher {
    public init() {}

    public func fetch(_ request: Request) async throws -> Response { throw refusal(of: request) }

    public func fetch(_ request: Request, options: FetchOptions) async throws -> Response {
        throw refusal(of: request)
    }

    private func refusal(of request: Request) -> WorkersError {
        WorkersError(
            .typeError, "The test expects no outgoing request; \(request.method) \(request.url.text) was made.")
    }
}

private final class TestHost: ExecutionHost {
    let fetcher: any Fetcher
    let caches: any CacheStorage
    let cache: any WorkersCache
    let props: JSON
    private let clock: @Sendable () -> Double
    private let keep: @Sendable (Task<Void, any Error>) -> Void

    init(
        now: @escaping @Sendable () -> Double, fetcher: any Fetcher, caches: any CacheStorage,
        cache: any WorkersCache, props: JSON, keep: @escaping @Sendable (Task<Void, any Error>) -> Void
    ) {
        clock = now
        self.fetcher = fetcher
        self.caches = caches
        self.cache = cache
        self.props = props
        self.keep = keep
    }

    var now: Double { clock() }
    func extend(_ work: @escaping @Sendable () async throws -> Void) { keep(Task { try await work() }) }
    func passThrough() {}
}
