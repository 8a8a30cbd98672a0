import Logging
import Synchronization
import Workers

/// One call of a handler as the host keeps it: what its context reaches, and the work that outlives its answer.
final class WorkerCall: ExecutionHost {
    /// Work that outlives an answer ends after this time (Workers documentation, "Context (ctx)").
    static let backgroundLimit = Duration.seconds(30)

    private struct Background {
        var tasks: [Task<Void, Never>] = []
        var failures = 0
        var deadline: Task<Void, Never>?
        var isAnswered = false
    }

    let props: JSON
    private let host: WorkerHost
    /// `nil` leaves the choice to the runtime.
    private let executor: (any TaskExecutor)?
    private let meter: RequestMeter?
    private let background = Mutex(Background())

    init(host: WorkerHost, executor: (any TaskExecutor)?, meter: RequestMeter? = nil, props: JSON = .null) {
        self.host = host
        self.executor = executor
        self.meter = meter
        self.props = props
    }

    var context: ExecutionContext { ExecutionContext(host: self) }
    var now: Double { host.services.now() }
    var fetcher: any Fetcher { host.services.fetcher }
    var caches: any CacheStorage { host.services.caches }
    var cache: any WorkersCache { host.services.cache ?? NoWorkersCache() }

    /// There is no origin behind this host to pass a request on to.
    func passThrough() {}

    func extend(_ work: @escaping @Sendable () async throws -> Void) {
        host.background.begin()
        meter?.backgroundBegan()
        background.withLock { background in
            // Inside the lock, so that `answered` finds every task that was there before it.
            let task = Task(executorPreference: executor) {
                do {
                    try await work()
                } catch {
                    self.failed(error)
                }
                self.meter?.backgroundEnded(now: self.now)
                self.host.background.end()
            }
            background.tasks.append(task)
            if background.isAnswered { startDeadline(&background) }
        }
    }

    /// The answer is complete, or nobody waits for it any more: from here on the time of the background work counts.
    ///
    /// - Parameter endsRequest: false for the answer of a Worker to another one, whose own answer is still to come.
    func answered(endsRequest: Bool = true) {
        if endsRequest { meter?.responseEnded(now: now) }
        background.withLock { background in
            background.isAnswered = true
            if !background.tasks.isEmpty { startDeadline(&background) }
        }
    }

    /// Waits for the background work, for handlers whose outcome depends on it.
    ///
    /// - Returns: whether all of it succeeded.
    func settled() async -> Bool {
        answered()
        while true {
            let tasks = background.withLock { background in
                defer { background.tasks = [] }
                return background.tasks
            }
            if tasks.isEmpty { return background.withLock { $0.failures == 0 } }
            for task in tasks { await task.value }
        }
    }

    private func failed(_ error: any Error) {
        background.withLock { $0.failures += 1 }
        if error is CancellationError {
            host.logger.warning("waitUntil() work was cancelled: it took longer than 30 s after the response")
        } else {
            host.logger.warning("waitUntil() work failed", metadata: ["error": "\(error)"])
        }
    }

    private func startDeadline(_ background: inout Background) {
        guard background.deadline == nil else { return }
        background.deadline = Task { [weak self] in
            guard (try? await Task.sleep(for: WorkerCall.backgroundLimit)) != nil else { return }
            self?.cancelBackground()
        }
    }

    private func cancelBackground() {
        for task in background.withLock({ $0.tasks }) { task.cancel() }
    }

    deinit {
        // Every task holds the call, so here all have ended.
        background.withLock { $0.deadline?.cancel() }
    }
}

/// Counts the background work of all calls, so that a server that stops can wait for it.
final class BackgroundWork: Sendable {
    private struct State {
        var count = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func begin() { state.withLock { $0.count += 1 } }

    func end() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.count -= 1
            guard state.count == 0 else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when none is under way, or after `limit`.
    func idle(within limit: Duration) async {
        let timer = Task {
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            for waiter in takeWaiters() { waiter.resume() }
        }
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.count > 0 { state.waiters.append(continuation) }
                return state.count == 0
            }
            if isIdle { continuation.resume() }
        }
        timer.cancel()
    }

    private func takeWaiters() -> [CheckedContinuation<Void, Never>] {
        state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
    }
}
