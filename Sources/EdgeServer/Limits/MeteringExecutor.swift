import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// Runs the tasks of one call and measures the CPU time of each of their jobs. Made for each call, and only where limits
/// are measured: reading a thread's CPU clock is a system call.
final class MeteringExecutor: TaskExecutor {
    private let meter: RequestMeter
    private let submit: @Sendable (@escaping @Sendable () -> Void) -> Void

    /// - Parameter submit: runs a closure where the call's handlers run: on its event loop, or on threads that may block.
    init(meter: RequestMeter, submit: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) {
        self.meter = meter
        self.submit = submit
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        submit { [self] in measure { job.runSynchronously(on: asUnownedTaskExecutor()) } }
    }

    /// Counts the CPU time of what runs at once on the caller's thread, as the first part of a `Task.immediate` does.
    func measure<Result>(_ body: () throws -> Result) rethrows -> Result {
        let start = ThreadCPU.nanoseconds
        defer { meter.spent(cpuNanoseconds: ThreadCPU.nanoseconds - start) }
        return try body()
    }
}

/// The CPU time of the calling thread.
enum ThreadCPU {
    static var nanoseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
