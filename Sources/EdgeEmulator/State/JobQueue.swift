import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Jobs on their way to threads that block while there are none.
///
/// It needs no bound: each job belongs to a suspended task, which brings no second job before its first is done.
final class JobQueue<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var sleepers = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let alarm = DispatchSemaphore(value: 0)

    /// Adds a job; false once the queue is closed.
    func submit(_ job: Job) -> Bool {
        let (accepted, wake) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.jobs.append(job)
            // A thread that is at work will look again by itself; waking costs a system call.
            guard state.sleepers > 0 else { return (true, false) }
            state.sleepers -= 1
            return (true, true)
        }
        if wake { alarm.signal() }
        return accepted
    }

    /// Waits for jobs and takes as many of the waiting ones as `share` says; nil once the queue is closed and empty.
    func take(_ share: (_ waiting: [Job]) -> Int) -> [Job]? {
        while true {
            let taken: [Job]?? = state.withLock { state in
                if state.jobs.isEmpty {
                    if state.isClosed { return .some(nil) }
                    state.sleepers += 1
                    return nil
                }
                let count = share(state.jobs)
                if count >= state.jobs.count {
                    defer { state.jobs = [] }
                    return state.jobs
                }
                let taken = Array(state.jobs[..<count])
                state.jobs.removeFirst(count)
                return taken
            }
            if let taken { return taken }
            alarm.wait()
            // Whoever has brought the first job after a pause often has more. On a busy core the kernel would let us run at
            // once, and a transaction would hold two or three writes where it could hold fifty.
            sched_yield()
        }
    }

    /// Refuses new jobs; those that wait are still served.
    func close() {
        let sleepers = state.withLock { state in
            defer { state.sleepers = 0 }
            state.isClosed = true
            return state.sleepers
        }
        for _ in 0..<sleepers { alarm.signal() }
    }
}
