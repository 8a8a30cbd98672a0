import EdgeEmulator
import Foundation
import Testing
import Workers
import WorkersTesting

/// Where counters are kept. Both must count alike.
enum RateLimitImplementation: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case memory
    case durable

    var testDescription: String { rawValue }

    typealias Make = @Sendable (_ namespace: String, _ limit: Int, _ period: Int) throws -> any RateLimiter

    /// A way to make limiters that count together, for the length of `body`.
    func with(clock: TestClock, capacity: Int = 100_000, _ body: (Make) async throws -> Void) async throws {
        switch self {
        case .memory:
            let limits = MemoryRateLimits(now: clock.read, capacity: capacity)
            try await body { try limits.limiter(namespace: $0, limit: $1, period: $2) }
        case .durable:
            try await withCacheState { folder in
                let limits = try await DurableRateLimits(folder, now: clock.read, capacity: capacity) { _ in }
                try await body { limits.limiter(try RateLimitRule(namespace: $0, limit: $1, period: $2)) }
                await limits.close()
            }
        }
    }
}

@Suite struct RateLimitContractTests {
    /// The answers to so many calls in a row.
    private func calls(_ count: Int, _ limiter: any RateLimiter, key: String = "ada") async throws -> [Bool] {
        var answers: [Bool] = []
        for _ in 0..<count { answers.append(try await limiter.limit(key: key).success) }
        return answers
    }

    /// One call for each of these answers.
    private func expect(
        _ answers: [Bool], _ limiter: any RateLimiter, key: String = "ada",
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let given = try await calls(answers.count, limiter, key: key)
        #expect(given == answers, sourceLocation: location)
    }

    @Test("three in a minute", arguments: RateLimitImplementation.allCases)
    func window(_ implementation: RateLimitImplementation) async throws {
        let clock = TestClock(now: 120)
        try await implementation.with(clock: clock) { make in
            let limiter = try make("1001", 3, 60)
            #expect(try await calls(4, limiter) == [true, true, true, false])
            #expect(try await calls(1, limiter, key: "grace") == [true])
            clock.set(179)
            #expect(try await calls(1, limiter) == [false])
            clock.set(180)
            #expect(try await calls(4, limiter) == [true, true, true, false])
        }
    }

    @Test("namespace and period are shared, limits are not", arguments: RateLimitImplementation.allCases)
    func sharing(_ implementation: RateLimitImplementation) async throws {
        let clock = TestClock(now: 120)
        try await implementation.with(clock: clock) { make in
            try await expect([true, true, true, false], make("1001", 3, 60))
            try await expect([false], make("1001", 3, 60))
            try await expect([true], make("1001", 3, 10))
            try await expect([true], make("1002", 3, 60))
            try await expect([true, true, false], make("1001", 5, 60))
        }
    }

    @Test("calls that fail do not count", arguments: RateLimitImplementation.allCases)
    func failures(_ implementation: RateLimitImplementation) async throws {
        let clock = TestClock(now: 120)
        try await implementation.with(clock: clock) { make in
            _ = try await calls(50, make("1001", 3, 60))
            try await expect([true, false], make("1001", 4, 60))
            try await expect([false], make("1001", 0, 60), key: "new")
        }
    }

    @Test("keys are any text, and only themselves", arguments: RateLimitImplementation.allCases)
    func keys(_ implementation: RateLimitImplementation) async throws {
        let clock = TestClock(now: 120)
        try await implementation.with(clock: clock) { make in
            let limiter = try make("1001", 1, 60)
            let long = String(repeating: "k", count: 5000)
            for key in ["", " ", "\0", "é", "\u{65}\u{301}", long, long + "k", "'; DROP TABLE counters; --"] {
                #expect(try await calls(2, limiter, key: key) == [true, false], "\(key.prefix(20))")
            }
        }
    }

    @Test("many tasks at once get exactly the limit", arguments: RateLimitImplementation.allCases)
    func concurrency(_ implementation: RateLimitImplementation) async throws {
        let clock = TestClock(now: 120)
        try await implementation.with(clock: clock) { make in
            let limiter = try make("1001", 100, 60)
            let successes = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await calls(50, limiter).count { $0 } } }
                return try await group.reduce(0, +)
            }
            #expect(successes == 100)
        }
    }

    @Test("a flood of keys frees nobody from the limit", arguments: RateLimitImplementation.allCases)
    func flood(_ implementation: RateLimitImplementation) async throws {
        let clock = TestClock(now: 120)
        try await implementation.with(clock: clock, capacity: 100) { make in
            let limiter = try make("1001", 1, 60)
            #expect(try await calls(2, limiter) == [true, false])
            for number in 0..<1000 { #expect(try await calls(1, limiter, key: "\(number)") == [true]) }
            #expect(try await calls(1, limiter) == [false])
            // In the next window there is room again.
            clock.set(180)
            #expect(try await calls(2, limiter, key: "late") == [true, false])
        }
    }

    @Test("a period is 10 or 60 seconds", arguments: RateLimitImplementation.allCases)
    func periods(_ implementation: RateLimitImplementation) async throws {
        try await implementation.with(clock: TestClock()) { make in
            #expect(throws: WorkersError(.error, "unsupported period: 30")) { try make("1001", 1, 30) }
        }
    }
}

@Suite struct DurableRateLimitTests {
    private func successes(_ count: Int, _ limits: DurableRateLimits, _ rule: RateLimitRule) async throws -> Int {
        var successes = 0
        for _ in 0..<count where try await limits.limiter(rule).limit(key: "ada").success { successes += 1 }
        return successes
    }

    @Test func `an open window is as full after a restart`() async throws {
        let clock = TestClock(now: 120)
        let rule = try RateLimitRule(namespace: "1001", limit: 5, period: 60)
        try await withCacheState { folder in
            var limits = try await DurableRateLimits(folder, now: clock.read) { _ in }
            #expect(try await successes(3, limits, rule) == 3)
            await limits.close()
            clock.set(150)
            limits = try await DurableRateLimits(folder, now: clock.read) { _ in }
            #expect(try await successes(9, limits, rule) == 2)
            await limits.close()
            clock.set(180)
            limits = try await DurableRateLimits(folder, now: clock.read) { _ in }
            #expect(try await successes(9, limits, rule) == 5)
            await limits.close()
        }
    }

    @Test func `limiting goes on when the file cannot be written, and says so once a write`() async throws {
        let clock = TestClock(now: 120)
        let rule = try RateLimitRule(namespace: "1001", limit: 5, period: 60)
        try await withCacheState { folder in
            let (failures, continuation) = AsyncStream<any Error>.makeStream()
            let limits = try await DurableRateLimits(folder, now: clock.read) { continuation.yield($0) }
            await limits.close()
            #expect(try await successes(9, limits, rule) == 5)
            let first = await failures.first { _ in true }
            #expect(first is StateFailure)
        }
    }
}
