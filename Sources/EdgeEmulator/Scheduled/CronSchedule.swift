import Workers

/// Fires the cron triggers of a Worker by themselves, each at its minutes.
///
/// A run that takes longer than the time to the next one is joined by it, as in production, where every run is a call of
/// its own. Runs that were missed, because nothing was running or the machine slept, are skipped.
package struct CronSchedule: Sendable {
    private let agenda: CronAgenda
    private let clock: any EmulatorClock
    private let run: ScheduledRun
    private let report: @Sendable (ScheduledRun.Report) -> Void

    /// Fires what becomes due from now on, once it is started.
    ///
    /// - Parameter report: told about each run when it is over, for the log.
    package init(
        _ expressions: [CronExpression], clock: any EmulatorClock, run: ScheduledRun,
        report: @escaping @Sendable (ScheduledRun.Report) -> Void
    ) {
        agenda = CronAgenda(expressions, now: clock.now)
        self.clock = clock
        self.run = run
        self.report = report
    }

    /// Fires until the task is cancelled, which cancels the runs under way and waits for them.
    package func start() async {
        await withDiscardingTaskGroup { group in
            var agenda = agenda
            while let wake = agenda.wake(now: clock.now) {
                do {
                    try await clock.sleep(until: wake)
                } catch {
                    // The only failure of a sleep is that it was cancelled.
                    break
                }
                for due in agenda.due(now: clock.now) {
                    let event = ScheduledEvent(cron: due.expression.text, scheduledTime: due.time * 1000)
                    group.addTask { report(await run.run(event)) }
                }
            }
            group.cancelAll()
        }
    }
}
