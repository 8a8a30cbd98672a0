import NIOPosix
import Testing
import Workers

@testable import EdgeServer

@Suite struct MeteringExecutorTests {
    private func burn(_ nanoseconds: Int64) {
        let end = ThreadCPU.nanoseconds + nanoseconds
        while ThreadCPU.nanoseconds < end {}
    }

    @Test func `the CPU time of every job counts, waiting does not`() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let meter = RequestMeter(limits: PlatformLimits(.paid), mode: .measuring)
        let executor = MeteringExecutor(meter: meter) { work in loop.execute(work) }
        let task = Task(executorPreference: executor) {
            burn(20_000_000)
            try await Task.sleep(for: .milliseconds(200))
            burn(20_000_000)
        }
        try await task.value
        // The last job is counted when it has left the loop.
        try await loop.submit {}.get()
        let used = try #require(meter.report(now: 0)[.cpu]).used
        #expect(used >= 40)
        #expect(used < 190)
    }

    @Test func `a call beyond its CPU time is ended when it waits`() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let meter = RequestMeter(limits: PlatformLimits(.free), mode: .enforcing)
        let executor = MeteringExecutor(meter: meter) { work in loop.execute(work) }
        let task = Task(executorPreference: executor) {
            burn(30_000_000)
            try await Task.sleep(for: .seconds(600))
        }
        meter.onFailure { task.cancel() }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(meter.failure == .cpu)
    }
}
