import EdgeServer
import Workers
import WranglerConfig

/// How a run of the emulator ended.
public enum EmulatorEnding: Sendable {
    case stopped
    /// It is to begin again, with the same command and whatever the files say by then.
    case restart
}

/// The wish of the person at the keyboard.
final class KeyboardWish: Sendable {
    let wishes: AsyncStream<EmulatorEnding>
    private let continuation: AsyncStream<EmulatorEnding>.Continuation

    init() { (wishes, continuation) = AsyncStream.makeStream() }

    func make(_ ending: EmulatorEnding) {
        continuation.yield(ending)
        continuation.finish()
    }
}

extension Emulator {
    /// The keys of this run.
    ///
    /// - Parameter urls: what listens where.
    func hotkeys(
        _ runtime: LocalRuntime, _ dashboard: DashboardService?, _ urls: [(String, String)], _ wish: KeyboardWish
    ) -> Hotkeys {
        var actions = Hotkeys.Actions()
        let app = urls.first { $0.0 == "app" }?.1
        let services = urls.first { $0.0 == "services" }?.1
        let triggers = runtime.fleet?.triggers ?? []
        let console = console
        actions.page = { app }
        actions.dashboard = { dashboard.flatMap { $0.session.url(services: services) } }
        actions.crons = triggers.map { "\($0.cron.text)  \(WorkerFleet.name($0.member.config))" }
        actions.runCron = { number in
            guard let platform = dashboard?.platform, triggers.indices.contains(number) else { return }
            Task {
                let run = await platform.runCron(triggers[number].member, triggers[number].cron)
                let failure = run.report.failure.map { ": \($0)" } ?? ""
                console.say(
                    "CRON \"\(run.report.cron)\" \(run.report.result.outcome.rawValue)\(failure)",
                    level: failure.isEmpty ? "info" : "error")
            }
        }
        actions.restart = { wish.make(.restart) }
        actions.quit = { wish.make(.stopped) }
        actions.filter = { console.setFilter($0) }
        actions.pause = { console.pause() }
        actions.resume = { console.resume() }
        actions.write = { console.writeNow($0) }
        return Hotkeys(actions)
    }
}

extension WorkerFleet {
    /// Each trigger with its Worker, in the order of the configurations.
    var triggers: [(member: Member, cron: CronExpression)] {
        members.flatMap { member in member.crons.map { (member: member, cron: $0) } }
    }
}

extension LocalPlatform {
    /// Runs the `scheduled` handler now, as a trigger that has fired, and notes it.
    func runCron(_ member: WorkerFleet.Member, _ cron: CronExpression) async -> CronLog.Run {
        let event = ScheduledEvent(cron: cron.text, scheduledTime: (clock.now * 1000).rounded())
        let report = await LocalEvents.run(member, clock: clock).run(event)
        let run = CronLog.Run(
            worker: WorkerFleet.name(member.config), report: report, time: clock.now, isManual: true)
        crons.note(run)
        return run
    }
}

extension DashboardSession {
    /// The address that lets a browser in.
    func url(services: String?) -> String? { services.map { "\($0)/?token=\(token)" } }
}
