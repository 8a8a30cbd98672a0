import Synchronization

/// The platform's services that a binding reaches.
public enum PlatformService: String, Sendable, Hashable, CaseIterable {
    /// An outgoing request over the network, each redirect on its own.
    case fetch
    /// A call of another Worker by a service binding.
    case worker
    case kv
    case r2
    case queue
    case cache
    case assets

    /// Whether a call needs one of the six connections (Workers documentation, "Limits", "Simultaneous open connections").
    var needsConnection: Bool {
        switch self {
        case .fetch, .kv, .r2, .queue, .cache: true
        case .worker, .assets: false
        }
    }

    /// Whether a call is a subrequest; the others are calls to a service. Both together are limited, too.
    var isSubrequest: Bool {
        switch self {
        case .fetch, .worker: true
        case .kv, .r2, .queue, .cache, .assets: false
        }
    }
}

/// Counts what one call of a Worker uses; Workers joined by service bindings share one meter.
///
/// Bindings are built once for all calls and find the meter of theirs as `RequestMeter.current`:
///
/// ```swift
/// func get(_ key: String) async throws -> String? {
///     try await RequestMeter.during(.kv) { try await store.get(key) }
/// }
/// ```
/// What it knows is what it is told. CPU time is that of the handler's own jobs, from the executor that runs them; what the
/// sockets beneath take is not in it. Memory is what the halves of cloned bodies hold for the slower reader; what a handler
/// allocates is invisible here, and so is what other calls of the same process hold. A handler that computes without ever waiting cannot be
/// stopped in the process it shares with others: its CPU limit is noticed when it waits or returns.
public final class RequestMeter: Sendable {
    /// Whether limits are only measured, or end calls.
    public enum Mode: Sendable, Hashable {
        case measuring
        case enforcing
    }

    /// The meter of the call that this task belongs to.
    @TaskLocal public static var current: RequestMeter?

    public let limits: PlatformLimits
    public let mode: Mode
    private let cpuLimit: Double
    private let state: Mutex<State>

    private struct State: Sendable {
        var slots: ConnectionSlots
        var waiters: [Int: CheckedContinuation<Void, any Error>] = [:]
        var nextWaiter = 0
        var subrequests = 0
        var calls = 0
        var invocations = 1
        var requestBody = 0
        var cpuNanoseconds: Int64 = 0
        var memory = 0
        var memoryPeak = 0
        var background: BackgroundTime
        var failure: LimitFailure?
        var onFailure: (@Sendable () -> Void)?
    }

    public init(limits: PlatformLimits, mode: Mode, event: PlatformLimits.Event = .fetch) {
        self.limits = limits
        self.mode = mode
        cpuLimit = limits.cpuMilliseconds(for: event)
        state = Mutex(
            State(
                slots: ConnectionSlots(most: limits.connections), background: BackgroundTime(limit: limits.background)))
    }

    // MARK: Calls

    /// Runs one call to a service on the account of the current meter; just runs it where there is none.
    public static func during<Value>(
        _ service: PlatformService, isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Value
    ) async throws -> Value {
        guard let meter = current else { return try await call() }
        return try await meter.call(service, call)
    }

    /// Counts one call to a service, waits for a connection where the service needs one, and runs it.
    ///
    /// - Throws: when enforcing, `WorkersError` for a call that is one too many, and `LimitFailure` in a call that was ended.
    public func call<Value>(
        _ service: PlatformService, isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Value
    ) async throws -> Value {
        try count(service)
        guard service.needsConnection else { return try await call() }
        try await takeConnection()
        defer { releaseConnection() }
        return try await call()
    }

    /// Runs the call of another Worker on the account of the current meter. Where there is none the depth alone is limited:
    /// nothing else would end Workers that call each other in circles.
    public static func invoking<Value>(
        isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Value
    ) async throws -> Value {
        if let meter = current { return try await meter.invoke(call) }
        let deeper = depth + 1
        guard deeper < PlatformLimits.mostInvocations else { throw WorkersError.tooManyInvocations }
        return try await $depth.withValue(deeper) { try await call() }
    }

    /// Workers that stand between this task and its request, where nothing is measured.
    @TaskLocal private static var depth = 0

    /// Counts the call of another Worker, which is the same request's, and may not go round in circles.
    ///
    /// - Throws: `WorkersError.tooManyInvocations`, also when limits are only measured: nothing else ends a recursion.
    public func invoke<Value>(
        isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Value
    ) async throws -> Value {
        try count(.worker)
        try state.withLock { state in
            guard state.invocations < limits.invocations else { throw WorkersError.tooManyInvocations }
            state.invocations += 1
        }
        return try await call()
    }

    private func count(_ service: PlatformService) throws {
        try state.withLock { state in
            if mode == .enforcing {
                if let failure = state.failure { throw failure }
                if service.isSubrequest, state.subrequests >= limits.subrequests {
                    throw WorkersError.tooManySubrequests
                }
                if state.calls >= limits.serviceCalls {
                    throw service.isSubrequest ? WorkersError.tooManySubrequests : .tooManyServiceCalls
                }
            }
            state.calls += 1
            if service.isSubrequest { state.subrequests += 1 }
        }
    }

    // MARK: Connections

    private func takeConnection() async throws {
        if mode == .measuring {
            state.withLock { $0.slots.takeAnyway() }
            return
        }
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let answer = state.withLock { state -> Result<Void, any Error>? in
                    // A cancellation before this point found nobody to wake; one after it finds the waiter.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    switch state.slots.ask(id) {
                    case .go: return .success(())
                    case .wait:
                        state.waiters[id] = continuation
                        return nil
                    }
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.slots.leave(id) ? $0.waiters.removeValue(forKey: id) : nil }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func releaseConnection() {
        let next = state.withLock { state in
            state.slots.release().flatMap { state.waiters.removeValue(forKey: $0) }
        }
        next?.resume()
    }

    // MARK: Bytes and time

    /// Bytes of the request's body have arrived.
    ///
    /// - Throws: `BodyTooLarge` when enforcing and they are too many; unless a handler catches it that is a 413.
    public func received(requestBytes count: Int) throws {
        let total = state.withLock { state in
            state.requestBody += count
            return state.requestBody
        }
        guard mode == .enforcing, total > limits.requestBody else { return }
        throw BodyTooLarge(limit: limits.requestBody)
    }

    /// CPU time that a job of the call took.
    public func spent(cpuNanoseconds nanoseconds: Int64) {
        let limit = Int64(cpuLimit * 1_000_000)
        change { state in
            state.cpuNanoseconds += nanoseconds
            if state.cpuNanoseconds > limit { return .cpu }
            return nil
        }
    }

    /// Bytes that a body or a copy of one holds from now on; a negative count gives them back.
    public func hold(bytes count: Int) {
        change { state in
            state.memory += count
            state.memoryPeak = max(state.memoryPeak, state.memory)
            return state.memory > limits.memory ? .memory : nil
        }
    }

    /// Called once, when the call has used up a limit that ends it; at once if it has already. Only when enforcing.
    public func onFailure(_ act: @escaping @Sendable () -> Void) {
        let hasFailed = state.withLock { state in
            if state.failure == nil { state.onFailure = act }
            return state.failure != nil
        }
        if hasFailed { act() }
    }

    /// The limit that ended the call; always `nil` when limits are only measured.
    public var failure: LimitFailure? { state.withLock { $0.failure } }

    private func change(_ body: (inout State) -> LimitFailure?) {
        let act = state.withLock { state -> (@Sendable () -> Void)? in
            let failure = body(&state)
            guard mode == .enforcing, let failure, state.failure == nil else { return nil }
            state.failure = failure
            defer { state.onFailure = nil }
            return state.onFailure
        }
        act?()
    }

    // MARK: Background work

    /// Work was handed to `waitUntil`.
    public func backgroundBegan() { state.withLock { $0.background.workBegan() } }

    /// - Parameter now: seconds of the host's clock, as in all of these.
    public func backgroundEnded(now: Double) { state.withLock { $0.background.workEnded(now: now) } }

    public func responseEnded(now: Double) { state.withLock { $0.background.responseEnded(now: now) } }

    /// When background work has to be cancelled; `nil` while the response is not complete.
    public var backgroundDeadline: Double? { state.withLock { $0.background.deadline } }

    // MARK: Report

    /// What the call used until now.
    public func report(now: Double) -> LimitReport {
        state.withLock { state in
            var uses: [LimitReport.Use] = []
            func add(_ name: LimitReport.Use.Name, _ used: Double, _ limit: Double) {
                uses.append(LimitReport.Use(name: name, used: used, limit: limit))
            }
            add(.subrequests, Double(state.subrequests), Double(limits.subrequests))
            add(.serviceCalls, Double(state.calls), Double(limits.serviceCalls))
            add(.connections, Double(state.slots.peak), Double(limits.connections))
            add(.requestBody, Double(state.requestBody), Double(limits.requestBody))
            add(.cpu, Double(state.cpuNanoseconds) / 1_000_000, cpuLimit)
            add(.memory, Double(state.memoryPeak), Double(limits.memory))
            add(.background, state.background.used(now: now), limits.background)
            add(.invocations, Double(state.invocations), Double(limits.invocations))
            return LimitReport(uses: uses)
        }
    }
}
