import Testing

@testable import EdgeEmulator

@Suite struct CallLimitTests {
    @Test func `calls are counted in windows that begin with the first`() {
        var limit = CallLimit()
        #expect(limit.take(now: 1000) == .init(isAdmitted: true, remaining: 1199, reset: 300))
        for _ in 0..<1198 { #expect(limit.take(now: 1100).isAdmitted) }
        #expect(limit.take(now: 1299.5) == .init(isAdmitted: true, remaining: 0, reset: 1))
        #expect(limit.take(now: 1299.9) == .init(isAdmitted: false, remaining: 0, reset: 1))
        #expect(limit.take(now: 1300) == .init(isAdmitted: true, remaining: 1199, reset: 300))
        // A clock that was set back.
        #expect(limit.take(now: 10).remaining == 1199)
    }
}
