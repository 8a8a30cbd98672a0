import Foundation
import Synchronization

/// A few threads for calls that block: reading and writing files, and hashing on the way.
///
/// Callers are suspended meanwhile, so that no event loop ever waits for a disk.
final class FileThreads: Sendable {
    private let queue = JobQueue<@Sendable () -> Void>()
    private let threads = DispatchGroup()

    init(count: Int = 4, name: String) {
        for number in 1...count {
            threads.enter()
            let (queue, threads) = (queue, threads)
            let thread = Thread {
                while let jobs = queue.take({ _ in 1 }) {
                    for job in jobs { job() }
                }
                threads.leave()
            }
            thread.name = "\(name) \(number)"
            thread.start()
        }
    }

    deinit { queue.close() }

    /// Runs a call beside the caller; false, and it does not run, once the threads are closed.
    func submit(_ call: @escaping @Sendable () -> Void) -> Bool { queue.submit(call) }

    /// Runs a call and waits for it. It is not cancelled: files are always left in order.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await start(body).value()
    }

    /// Runs a call beside the caller, who asks for its outcome later, or never.
    @discardableResult
    func start<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) -> FileJob<Value> {
        let job = FileJob<Value>()
        let accepted = submit { job.finish(Result(catching: body)) }
        // Only closing a file can come so late, and that does not wait for anything.
        if !accepted { job.finish(Result(catching: body)) }
        return job
    }

    /// Finishes what waits. Blocks for as long as that takes.
    func close() {
        queue.close()
        threads.wait()
    }
}

/// The outcome of a call on another thread.
final class FileJob<Value: Sendable>: Sendable {
    private enum State {
        case running
        case awaited(CheckedContinuation<Value, any Error>)
        case done(Result<Value, any Error>)
    }

    private let state = Mutex(State.running)

    fileprivate func finish(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            defer { state = .done(result) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(with: result)
    }

    /// Waits for the outcome; for one waiter.
    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Value, any Error>? in
                if case .done(let result) = state { return result }
                state = .awaited(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
