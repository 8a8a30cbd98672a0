import NIOCore

/// Runs tasks on one event loop, so that a handler stays on the thread of its connection.
/// SwiftNIO has serial executors for its loops but no task executor.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        loop.execute { job.runSynchronously(on: executor) }
    }
}
