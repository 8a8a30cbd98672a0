import NIOPosix

/// Runs tasks on threads that may block.
final class BlockingExecutor: TaskExecutor {
    private let pool: NIOThreadPool

    /// - Parameter threads: handlers that run at the same time; further ones wait.
    init(threads: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// Runs a closure on one of the threads.
    func submit(_ body: @escaping @Sendable () -> Void) { pool.submit { _ in body() } }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        submit { job.runSynchronously(on: executor) }
    }
}
