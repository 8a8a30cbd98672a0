/// What one call of a Worker may use, as the platform's plans have it.
///
/// Numbers: Workers documentation, "Limits". All of them can be changed one by one; `[limits]` of the configuration sets
/// the CPU time and the subrequests.
public struct PlatformLimits: Sendable, Hashable {
    /// The plans that differ in what a call may use.
    public enum Plan: String, Sendable, Hashable, CaseIterable {
        case free
        case paid
    }

    /// What is called; the CPU time of events depends on it.
    public enum Event: Sendable, Hashable {
        case fetch
        case queue
        /// A cron trigger, with the shortest time between two of its runs in seconds.
        case scheduled(interval: Double)
    }

    /// CPU milliseconds of one call.
    public var cpuMilliseconds: Double
    /// CPU milliseconds of a cron trigger that fires at most once an hour.
    public var rareCronCPUMilliseconds: Double
    /// Bytes of memory of one instance.
    public var memory: Int
    /// Outgoing requests of one call, each redirect counted.
    public var subrequests: Int
    /// Subrequests and calls to the platform's services (KV, R2, queues, cache), taken together.
    public var serviceCalls: Int
    /// Connections that wait for their response's head at one time; further ones wait for their turn.
    public var connections: Int
    /// Bytes of the body of a request.
    public var requestBody: Int
    /// Bytes of a URL.
    public var url: Int
    /// Bytes of all header fields of a request.
    public var requestHeaders: Int
    /// Bytes of all header fields of a response.
    public var responseHeaders: Int
    /// Workers that one request may call, one after the other or in each other, the first included.
    public var invocations: Int
    /// Seconds that all work handed to `waitUntil` may go on after the response.
    public var background: Double
    /// Seconds that a cron trigger or a batch of a queue may take.
    public var eventTime: Double
    /// Bytes of log of one call.
    public var log: Int

    /// The most CPU time that can be configured: five minutes.
    public static let mostCPUMilliseconds: Double = 300_000

    /// Workers that one request may call, on every plan.
    public static let mostInvocations = 32

    /// The table of a plan.
    public init(_ plan: Plan) {
        switch plan {
        case .free:
            cpuMilliseconds = 10
            rareCronCPUMilliseconds = 10
            subrequests = 50
            serviceCalls = 1000
        case .paid:
            cpuMilliseconds = 30_000
            rareCronCPUMilliseconds = 900_000
            subrequests = 10_000
            serviceCalls = 10_000
        }
        memory = 128 * 1024 * 1024
        connections = 6
        requestBody = 100_000_000
        url = 16 * 1024
        requestHeaders = 128 * 1024
        responseHeaders = 128 * 1024
        invocations = PlatformLimits.mostInvocations
        background = 30
        eventTime = 900
        log = 128 * 1024
    }

    /// The limits with what `[limits]` of the configuration says.
    ///
    /// - Parameters:
    ///   - cpuMilliseconds: `cpu_ms`; at most five minutes.
    ///   - subrequests: counts for calls to the platform's services as well, which are never fewer than the plan's.
    /// - Returns: values below 1 are none, and change nothing.
    public func adjusted(cpuMilliseconds: Double? = nil, subrequests: Double? = nil) -> PlatformLimits {
        var limits = self
        if let cpuMilliseconds, cpuMilliseconds >= 1 {
            let value = min(cpuMilliseconds, PlatformLimits.mostCPUMilliseconds)
            limits.cpuMilliseconds = value
            limits.rareCronCPUMilliseconds = value
        }
        if let subrequests, subrequests >= 1 {
            let count = Int(min(subrequests, 1_000_000_000))
            limits.subrequests = count
            limits.serviceCalls = max(count, serviceCalls)
        }
        return limits
    }

    /// CPU milliseconds of one call for `event`.
    public func cpuMilliseconds(for event: Event) -> Double {
        switch event {
        case .fetch, .queue: cpuMilliseconds
        case .scheduled(let interval): interval < 3600 ? cpuMilliseconds : rareCronCPUMilliseconds
        }
    }
}
