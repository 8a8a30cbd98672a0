import Testing
import WorkersTesting

@Suite struct TestClockTests {
    @Test func `a sleeper wakes when the clock passes its instant, not before`() async throws {
        let clock = TestClock(now: 100)
        let woken = Counter()
        let task = Task {
            try await clock.sleep(until: 110)
            woken.add()
        }
        await clock.waitForSleepers()
        clock.advance(by: 9)
        #expect(woken.value == 0)
        clock.set(110)
        try await task.value
        #expect(woken.value == 1)
    }

    @Test func `an instant that has passed is no sleep, and a cancelled sleeper wakes`() async throws {
        let clock = TestClock(now: 100)
        try await clock.sleep(until: 100)
        let task = Task { try await clock.sleep(until: 1000) }
        await clock.waitForSleepers()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
