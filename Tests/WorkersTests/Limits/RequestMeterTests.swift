import Synchronization
import Testing

@testable import Workers

@Suite struct RequestMeterTests {
    private func meter(
        _ mode: RequestMeter.Mode = .enforcing, _ change: (inout PlatformLimits) -> Void = { _ in }
    ) -> RequestMeter {
        var limits = PlatformLimits(.free)
        change(&limits)
        return RequestMeter(limits: limits, mode: mode)
    }

    private func used(_ meter: RequestMeter, _ name: LimitReport.Use.Name) -> Double? {
        meter.report(now: 0)[name]?.used
    }

    // MARK: Calls

    @Test func `a fetch too many is refused in the platform's words, and other services go on`() async throws {
        let meter = meter { $0.subrequests = 2 }
        for _ in 0..<2 { try await meter.call(.fetch) {} }
        let error = await #expect(throws: WorkersError.self) { try await meter.call(.fetch) {} }
        #expect(error?.message.hasPrefix("Too many subrequests by single Worker invocation.") == true)
        try await meter.call(.kv) {}
        #expect(used(meter, .subrequests) == 2)
        #expect(used(meter, .serviceCalls) == 3)
    }

    @Test func `calls to services are counted with the fetches`() async throws {
        let meter = meter { $0.serviceCalls = 3 }
        try await meter.call(.fetch) {}
        try await meter.call(.r2) {}
        try await meter.call(.cache) {}
        let service = await #expect(throws: WorkersError.self) { try await meter.call(.kv) {} }
        #expect(service?.message.hasPrefix("Too many API requests by single Worker invocation.") == true)
        let fetch = await #expect(throws: WorkersError.self) { try await meter.call(.fetch) {} }
        #expect(fetch?.message.hasPrefix("Too many subrequests") == true)
    }

    @Test func `where limits are only measured nothing is refused`() async throws {
        let meter = meter(.measuring) { $0.subrequests = 1 }
        for _ in 0..<10 { try await meter.call(.fetch) {} }
        meter.spent(cpuNanoseconds: 1_000_000_000_000)
        meter.hold(bytes: 1 << 40)
        try meter.received(requestBytes: 1 << 40)
        #expect(meter.failure == nil)
        #expect(used(meter, .subrequests) == 10)
    }

    @Test func `bindings find the meter of their call, and none outside of one`() async throws {
        let meter = meter()
        try await RequestMeter.during(.kv) {}
        try await RequestMeter.$current.withValue(meter) {
            try await RequestMeter.during(.kv) {}
            async let child: Void = RequestMeter.during(.queue) {}
            try await child
        }
        #expect(used(meter, .serviceCalls) == 2)
    }

    @Test func `Workers that call each other in circles are stopped, also when limits are only measured`() async throws
    {
        struct Endless: Fetcher {
            func fetch(_ request: Request) async throws -> Response {
                try await MeteredFetcher(Endless()).fetch(request)
            }
        }
        for mode in [RequestMeter.Mode.enforcing, .measuring] {
            let meter = meter(mode)
            let request = Request(.get, RequestURL(authority: "self", path: "/"))
            let error = await #expect(throws: WorkersError.self) {
                try await RequestMeter.$current.withValue(meter) { try await Endless().fetch(request) }
            }
            #expect(error?.message.hasPrefix("Subrequest depth limit exceeded.") == true)
            #expect(used(meter, .invocations) == 32)
        }
    }

    @Test func `also where nothing is measured`() async throws {
        let calls = Counter()
        func again() async throws {
            calls.add()
            try await RequestMeter.invoking { try await again() }
        }
        await #expect(throws: WorkersError.tooManyInvocations) { try await again() }
        #expect(calls.value == 32)
    }

    // MARK: Connections

    @Test func `a seventh connection waits for its turn and is never refused`() async throws {
        let meter = meter()
        let gate = Gate()
        let inside = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<9 {
                group.addTask {
                    try await meter.call(.fetch) {
                        inside.add()
                        await gate.pass()
                    }
                }
            }
            try await until { gate.waiting == 6 && used(meter, .connections) == 9 }
            #expect(inside.value == 6)
            gate.letOneThrough()
            try await until { gate.waiting == 6 && inside.value == 7 }
            gate.open()
            try await group.waitForAll()
        }
        #expect(inside.value == 9)
    }

    @Test func `a cancelled call leaves the queue, and keeps nobody else waiting`() async throws {
        let meter = meter { $0.connections = 1 }
        let gate = Gate()
        let first = Task { try await meter.call(.kv) { await gate.pass() } }
        try await until { gate.waiting == 1 }
        let second = Task { try await meter.call(.kv) {} }
        try await until { used(meter, .connections) == 2 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        let third = Task { try await meter.call(.kv) {} }
        gate.open()
        try await first.value
        try await third.value
    }

    @Test func `a call that fails gives its connection back, and other Workers need none`() async throws {
        struct Broken: Error {}
        let meter = meter { $0.connections = 1 }
        for _ in 0..<3 {
            await #expect(throws: Broken.self) { try await meter.call(.kv) { throw Broken() } }
        }
        try await meter.call(.kv) {
            try await meter.call(.worker) {}
            try await meter.call(.assets) {}
        }
    }

    // MARK: Time and bytes

    @Test func `CPU time beyond the limit ends the call once`() async throws {
        let meter = meter()
        let ended = Counter()
        meter.onFailure { ended.add() }
        meter.spent(cpuNanoseconds: 10_000_000)
        #expect(meter.failure == nil)
        meter.spent(cpuNanoseconds: 1)
        meter.spent(cpuNanoseconds: 1)
        #expect(ended.value == 1)
        #expect(meter.failure == .cpu)
        #expect(meter.failure?.code == 1102)
        #expect(meter.failure?.status == .serviceUnavailable)
        await #expect(throws: LimitFailure.cpu) { try await meter.call(.kv) {} }
        meter.onFailure { ended.add() }
        #expect(ended.value == 2)
    }

    @Test func `memory is what is held at one time`() throws {
        let meter = meter { $0.memory = 100 }
        var held: HeldMemory? = HeldMemory(meter)
        held?.add(60)
        held?.add(-20)
        #expect(used(meter, .memory) == 60)
        held = nil
        let others = HeldMemory(meter)
        others.add(90)
        #expect(meter.failure == nil)
        others.add(11)
        #expect(meter.failure == .memory)
        #expect(used(meter, .memory) == 101)
        _ = held
    }

    @Test func `what the slower reader of a cloned body has not read is memory of the call`() async throws {
        let meter = meter()
        try await RequestMeter.$current.withValue(meter) {
            let body = Body(
                stream: BodyStream(chunks: [[UInt8](repeating: 1, count: 70), [UInt8](repeating: 2, count: 30)]))
            let slow = try body.clone()
            #expect(try await body.bytes().count == 100)
            #expect((70...170).contains(used(meter, .memory) ?? 0))
            #expect(try await slow.bytes().count == 100)
        }
        meter.hold(bytes: 1000)
        #expect(used(meter, .memory) == 1000)
    }

    @Test func `a request's body that is too large is 413`() throws {
        let meter = meter { $0.requestBody = 10 }
        try meter.received(requestBytes: 10)
        #expect(throws: BodyTooLarge(limit: 10)) { try meter.received(requestBytes: 1) }
    }

    @Test func `background work has one span from the end of the response`() {
        let meter = meter()
        meter.backgroundBegan()
        #expect(meter.backgroundDeadline == nil)
        meter.responseEnded(now: 100)
        meter.responseEnded(now: 105)
        #expect(meter.backgroundDeadline == 130)
        #expect(meter.report(now: 110)[.background]?.used == 10)
        meter.backgroundEnded(now: 120)
        #expect(meter.report(now: 200)[.background]?.used == 20)
    }

    // MARK: Report

    @Test func `the log hears of limits that are nearly used up, the nearest first`() async throws {
        let meter = meter { $0.subrequests = 10 }
        for _ in 0..<7 { try await meter.call(.fetch) {} }
        #expect(meter.report(now: 0).approached.isEmpty)
        try await meter.call(.fetch) {}
        meter.spent(cpuNanoseconds: 9_500_000)
        #expect(meter.report(now: 0).approached.map(\.description) == ["cpu 9.5 ms of 10 ms", "subrequests 8 of 10"])
    }
}

/// Holds callers until a test lets them pass.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var waiting: Int { state.withLock { $0.waiting.count } }

    func pass() async {
        await withCheckedContinuation { continuation in
            let passes = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if passes { continuation.resume() }
        }
    }

    func letOneThrough() { state.withLock { state in state.waiting.removeFirst() }.resume() }

    func open() {
        let all = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in all { continuation.resume() }
    }
}

private struct TooLate: Error {}

private func until(_ condition: () -> Bool) async throws {
    for _ in 0..<2000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw TooLate()
}
