import EdgeServer
import Workers

/// What the emulator's own interfaces (REST, S3, the dashboard) work on: the same stores that the bindings do.
struct LocalPlatform: Sendable {
    let credentials: Credentials
    let clock: any EmulatorClock
    let kv: KVDatabase
    let r2: R2State
    let queues: QueueBroker
    let responses: WorkerCaches
    let fleet: WorkerFleet
    let crons: CronLog
    let console: Console
    /// Whether calls are counted and refused as in production.
    var enforcesLimits = false
    /// All stores as a whole.
    var state: LocalState?
}

extension LocalRuntime {
    /// - Returns: `nil` for a runtime without stores, as a site alone has in production.
    func platform(
        _ credentials: Credentials, _ console: Console, enforcesLimits: Bool = false
    ) -> LocalPlatform? {
        guard let local, let fleet, let kv = local.kv, let r2 = local.r2, let queues = local.queues else { return nil }
        return LocalPlatform(
            credentials: credentials, clock: local.clock, kv: kv, r2: r2, queues: queues, responses: local.responses,
            fleet: fleet, crons: crons, console: console, enforcesLimits: enforcesLimits, state: local.state)
    }
}
