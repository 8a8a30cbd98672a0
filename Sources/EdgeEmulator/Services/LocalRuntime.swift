import EdgeServer
import NIOCore
import Synchronization
import Workers

/// The Workers of one emulator and everything they live on, from before the first request until after the last.
final class LocalRuntime: Sendable {
    /// The Worker that answers requests; `nil` for a site alone.
    let worker: WorkerHost?
    let triggers: LocalTriggers
    let fleet: WorkerFleet?
    let local: LocalServices?
    let crons = CronLog()
    private let fetcher: NetworkFetcher?
    private let events = Mutex<LocalEvents?>(nil)
    private let firesCron: Bool
    private let console: Console

    /// - Parameters:
    ///   - settings: of each Worker, the one that answers requests first; none for a site alone, which keeps no state
    ///     in production.
    ///   - linked: the Workers of this program by name.
    /// - Throws: `StartFailure` or `StateFailure`.
    init(
        _ options: EmulatorOptions, _ settings: [EmulatorSettings], stateFolder: String, site: LiveSite,
        release: String,
        linked: [String: LinkedWorker], group: any EventLoopGroup, console: Console
    ) async throws {
        let movable = options.hasMovableClock ? MovableClock(running: WallClock()) : nil
        let clock: any EmulatorClock = movable ?? WallClock()
        let rule = LocalHostRule(routes: settings.flatMap { ($0.config.routes ?? []).map(\.pattern) })
        self.console = console
        firesCron = options.firesCron
        let isLocal = options.stage == .development
        guard isLocal || !settings.isEmpty else {
            (worker, fleet, local, fetcher) = (nil, nil, nil, nil)
            triggers = LocalTriggers(rule: rule, run: nil, clock: clock, movable: movable)
            return
        }
        var kv = KVBehaviour()
        kv.limitsWrites = options.enforcesLimits
        kv.consistency = options.hasEventualKV ? .eventual : .strong
        let edge = EdgeFields(isLocal ? .madeUp : .unknown, overriding: try options.cfMembers())
        let local = try await LocalServices(
            path: stateFolder, configs: settings.map(\.config), opensAll: isLocal, clock: clock, kv: kv,
            console: console)
        let fetcher = NetworkFetcher(
            group: group, options: NetworkOptions(addresses: isLocal ? .emulator : .production),
            cache: local.responses.fetch)
        self.fetcher = fetcher
        do {
            var services = HostServices(
                now: { clock.now }, fetcher: fetcher, caches: MeteredCaches(local.caches))
            services.showsErrors = isLocal
            services.traces = isLocal
            services.edge = edge
            services.takesLocation = options.hasEventualKV
            if options.measuresLimits {
                services.metering = .init(
                    limits: PlatformLimits(.paid), mode: options.enforcesLimits ? .enforcing : .measuring)
            }
            let started = clock.now
            let fleet = try WorkerFleet(
                settings, linked: linked, services: services,
                responses: .init(caches: local.responses, release: release), console: console
            ) { setting in
                try LocalBindings.make(setting, site: site, local: local, release: release, started: started)
            }
            let run = fleet.members.first.map { LocalEvents.run($0, clock: clock) }
            triggers = LocalTriggers(rule: rule, run: run, clock: clock, movable: movable)
            worker = fleet.primary
            self.fleet = fleet
            self.local = local
        } catch {
            await local.close()
            throw error
        }
    }

    /// Begins what happens without requests.
    func start() {
        guard let fleet, let local else { return }
        local.startUpkeep(console)
        let begun = LocalEvents(fleet, local, firesCron: firesCron, crons: crons, console: console)
        events.withLock { $0 = begun }
    }

    /// Ends queues and triggers; requests may go on.
    func stopEvents(within grace: Duration) async {
        let events = events.withLock { events in
            defer { events = nil }
            return events
        }
        await events?.stop(within: grace)
    }

    /// Ends queues, triggers and background work. The event loops still run.
    func stop(within grace: Duration) async {
        async let stopped: Void = stopEvents(within: grace)
        await fleet?.drained(within: grace)
        await stopped
        await fetcher?.stop()
    }

    /// Closes the stores. Nothing may use them any more.
    func close() async {
        await local?.close()
    }
}
