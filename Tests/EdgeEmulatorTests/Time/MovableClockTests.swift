import EdgeEmulator
import Testing

@Suite struct MovableClockTests {
    @Test func `a sleeper wakes when the clock is moved past its instant`() async throws {
        let clock = MovableClock(at: 1000)
        async let woken: Void = clock.sleep(until: 1060)
        clock.move(by: 30)
        #expect(clock.now == 1030)
        clock.move(to: 1060)
        try await woken
        #expect(clock.now == 1060)
    }

    @Test func `an instant that has passed is not waited for`() async throws {
        let clock = MovableClock(at: 1000)
        try await clock.sleep(until: 1000)
        try await clock.sleep(until: 5)
    }

    @Test func `time does not go back`() {
        let clock = MovableClock(at: 1000)
        clock.move(by: -10)
        clock.move(to: 10)
        #expect(clock.now == 1000)
    }

    @Test func `a cancelled sleeper stops waiting`() async {
        let clock = MovableClock(at: 1000)
        let sleeper = Task { try await clock.sleep(until: 2000) }
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    @Test func `a running clock wakes its sleepers by itself and when it is moved`() async throws {
        let clock = MovableClock(running: WallClock())
        try await clock.sleep(until: clock.now + 0.01)
        let far = clock.now + 86_400
        async let woken: Void = clock.sleep(until: far)
        clock.move(by: 86_401)
        try await woken
        #expect(clock.now >= far)
    }

    @Test func `many sleepers each wake at their own instant`() async throws {
        let clock = MovableClock(at: 0)
        try await withThrowingTaskGroup(of: Double.self) { group in
            for second in 1...50 {
                group.addTask {
                    try await clock.sleep(until: Double(second))
                    return clock.now - Double(second)
                }
            }
            for _ in 1...50 { clock.move(by: 1) }
            for try await late in group { #expect(late >= 0) }
        }
    }
}
