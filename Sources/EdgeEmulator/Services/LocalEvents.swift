import EdgeServer
import Workers

/// What calls Workers without a request: queues deliver, cron triggers fire.
final class LocalEvents: Sendable {
    private let local: LocalServices
    private let schedules: [Task<Void, Never>]

    /// Begins.
    ///
    /// - Parameter firesCron: whether triggers fire by themselves.
    init(_ fleet: WorkerFleet, _ local: LocalServices, firesCron: Bool, crons: CronLog, console: Console) {
        self.local = local
        let queues = local.queues
        queues?.start { [weak queues] batch in
            let script = queues?.catalogue.script(of: batch.queue)
            guard let host = fleet.consumer(of: batch.queue) ?? script.flatMap(fleet.worker) else {
                throw MissingHandler(name: "queue")
            }
            try await host.queue(batch)
        }
        guard firesCron else {
            schedules = []
            return
        }
        schedules = fleet.members.filter { !$0.crons.isEmpty }.map { member in
            let run = LocalEvents.run(member, clock: local.clock)
            let (clock, worker) = (local.clock, WorkerFleet.name(member.config))
            let schedule = CronSchedule(member.crons, clock: clock, run: run) { report in
                crons.note(.init(worker: worker, report: report, time: clock.now, isManual: false))
                LocalEvents.log(report, console)
            }
            return Task { await schedule.start() }
        }
    }

    /// Runs the `scheduled` handler of a Worker, with the CPU time that the pace of its trigger gives it.
    static func run(_ member: WorkerFleet.Member, clock: any EmulatorClock) -> ScheduledRun {
        let (host, crons) = (member.host, member.crons)
        return ScheduledRun(clock: clock) { event in
            try await host.scheduled(event, interval: interval(event.cron, crons, after: event.scheduledTime / 1000))
        }
    }

    /// Stops the triggers, then the queues: handlers get their time, what they leave undecided waits again.
    func stop(within grace: Duration) async {
        for schedule in schedules { schedule.cancel() }
        await local.queues?.stop(within: grace)
        for schedule in schedules { await schedule.value }
    }

    /// Seconds between this run and the next of the same trigger.
    private static func interval(_ text: String, _ crons: [CronExpression], after time: Double) -> Double {
        guard let cron = crons.first(where: { $0.text == text }), let next = cron.next(after: time) else { return 60 }
        return next - time
    }

    private static func log(_ report: ScheduledRun.Report, _ console: Console) {
        let milliseconds = Int((report.duration * 1000).rounded())
        let line = "CRON \"\(report.cron)\" \(report.result.outcome.rawValue) (\(milliseconds)ms)"
        guard let failure = report.failure else { return console.say(line) }
        console.say("\(line): \(failure)", level: "error")
    }
}
