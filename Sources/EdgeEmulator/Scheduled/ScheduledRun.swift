import Workers

/// One run of a `scheduled` handler, kept within the limit of 15 minutes that Workers have for it
/// (Workers documentation, "Limits", "Duration").
package struct ScheduledRun: Sendable {
    /// What is known when the run is over.
    package struct Report: Sendable {
        package var cron: String
        /// Milliseconds since 1970.
        package var scheduledTime: Double
        package var result: ScheduledResult
        /// Why it failed, for the log.
        package var failure: (any Error)?
        /// Seconds.
        package var duration: Double
    }

    /// Seconds.
    package static let limit = 900.0

    private let clock: any EmulatorClock
    private let handler: @Sendable (ScheduledEvent) async throws -> Void

    /// - Parameter handler: calls the Worker and returns when its `waitUntil` work is done, too: the run is not over
    ///   before.
    package init(clock: any EmulatorClock, handler: @escaping @Sendable (ScheduledEvent) async throws -> Void) {
        self.clock = clock
        self.handler = handler
    }

    /// Runs the handler. At the limit, or when the calling task is cancelled, its task is cancelled; the call returns
    /// when it has ended.
    package func run(_ event: ScheduledEvent) async -> Report {
        let start = clock.now
        let (outcome, failure) = await withTaskGroup(of: Ending.self) { group in
            group.addTask {
                do {
                    try await handler(event)
                    return .returned
                } catch {
                    return .failed(error)
                }
            }
            group.addTask {
                do {
                    try await clock.sleep(until: start + ScheduledRun.limit)
                    return .overdue
                } catch {
                    return .stopped
                }
            }
            var ending = await group.next() ?? .stopped
            // The edge stops: how the run ended is for the handler to say.
            if case .stopped = ending { ending = await group.next() ?? .stopped }
            group.cancelAll()
            return ScheduledRun.outcome(ending)
        }
        // There is nobody to call again.
        if failure is MissingHandler { event.noRetry() }
        return Report(
            cron: event.cron, scheduledTime: event.scheduledTime,
            result: ScheduledResult(outcome: outcome, noRetry: event.isRetryRefused), failure: failure,
            duration: clock.now - start)
    }

    private enum Ending: Sendable {
        case returned
        case failed(any Error)
        case overdue
        /// The wait for the limit was cancelled.
        case stopped
    }

    private static func outcome(_ ending: Ending) -> (ScheduledOutcome, (any Error)?) {
        switch ending {
        case .returned: (.ok, nil)
        case .failed(let error) where error is CancellationError && Task.isCancelled: (.canceled, error)
        case .stopped: (.canceled, CancellationError())
        case .failed(let error): (.exception, error)
        case .overdue: (.canceled, ScheduledRunOverdue())
        }
    }
}

/// A `scheduled` handler ran for too long.
package struct ScheduledRunOverdue: Error, CustomStringConvertible {
    package var description: String { "The scheduled handler did not return within 15 minutes and was cancelled." }
}
