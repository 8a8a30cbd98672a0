import EdgeServer
import Logging
import Workers
import WranglerConfig

/// The Workers of one emulator with everything that calls them: requests, each other, queues, cron triggers.
struct WorkerFleet: Sendable {
    /// One Worker as its configuration describes it.
    struct Member: Sendable {
        var config: WranglerConfig
        var host: WorkerHost
        var crons: [CronExpression]
    }

    let members: [Member]

    /// The Worker that answers requests: that of the first configuration.
    var primary: WorkerHost? { members.first?.host }

    /// - Parameters:
    ///   - settings: of each Worker, the one that answers requests first.
    ///   - linked: the Workers of this program by name.
    ///   - responses: for the cache in front of each Worker whose configuration asks for one.
    ///   - bindings: makes the bindings of one Worker, apart from those to others.
    /// - Throws: `StartFailure`, also for every name that a Worker needs and its configuration lacks.
    init(
        _ settings: [EmulatorSettings], linked: [String: LinkedWorker], services: HostServices,
        responses: FrontCaches, console: Console,
        bindings: (EmulatorSettings) throws -> [String: Bindings.Value]
    ) throws {
        let registry = ServiceRegistry()
        let logger = Logger(label: "worker") { _ in ConsoleLogHandler(console: console) }
        var members: [Member] = []
        var known: Set<String> = []
        let chosen = try settings.map { setting in
            let worker = try WorkerFleet.find(setting.config, in: linked)
            return (setting: setting, worker: worker, name: WorkerFleet.name(setting.config))
        }
        for (_, worker, name) in chosen {
            known.insert(ServiceRegistry.key(name, nil))
            known.formUnion(worker.entrypoints.keys.map { ServiceRegistry.key(name, $0) })
        }
        for (setting, worker, name) in chosen {
            let config = setting.config
            var values = try bindings(setting)
            for (name, service) in try WorkerFleet.services(config, known: known) {
                values[name] = .service(registry.fetcher(service.key, props: service.props))
            }
            var services = services
            services.metering?.limits = WorkerFleet.limits(config)
            services.cache = responses.cache(setting, name: name, entrypoint: nil)
            let host = try WorkerFleet.naming(config) { try worker.makeHost(Bindings(values), services, logger) }
            registry.add(host, as: ServiceRegistry.key(name, nil))
            for (entrypoint, other) in worker.entrypoints {
                services.cache = responses.cache(setting, name: name, entrypoint: entrypoint)
                let host = try WorkerFleet.naming(config) { try other.makeHost(Bindings(values), services, logger) }
                registry.add(host, as: ServiceRegistry.key(name, entrypoint))
            }
            members.append(Member(config: config, host: host, crons: try WorkerFleet.crons(config)))
        }
        self.members = members
    }

    /// The Worker that consumes a queue.
    func consumer(of queue: String) -> WorkerHost? {
        members.first { member in member.config.queueConsumers.contains { $0.queue == queue } }?.host
    }

    /// The Worker that a configuration calls so.
    func worker(named name: String) -> WorkerHost? {
        members.first { WorkerFleet.name($0.config) == name }?.host
    }

    /// Waits for background work of all of them.
    func drained(within limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for member in members { group.addTask { await member.host.drained(within: limit) } }
        }
    }

    // MARK: Reading the configuration

    static func name(_ config: WranglerConfig) -> String { config.topLevelName ?? config.name ?? "" }

    /// Says where the names that a Worker misses should stand.
    private static func naming(_ config: WranglerConfig, _ make: () throws -> WorkerHost) throws -> WorkerHost {
        do {
            return try make()
        } catch let missing as MissingBindings {
            let place = config.environment.map { "\(config.file) (env.\($0))" } ?? config.file
            throw StartFailure(missing.problems.map { "\(place): \($0.sentence)" }.joined(separator: "\n"))
        }
    }

    /// The Worker that a configuration means: the one with its name, or the only one there is.
    private static func find(_ config: WranglerConfig, in linked: [String: LinkedWorker]) throws -> LinkedWorker {
        if let worker = linked[name(config)] ?? (linked.count == 1 ? linked.first?.value : nil) { return worker }
        let names = linked.keys.sorted().joined(separator: ", ")
        throw StartFailure(
            "\(config.file) names the Worker “\(name(config))”, which this program does not have. It has: \(names).")
    }

    private static func services(
        _ config: WranglerConfig, known: Set<String>
    ) throws -> [String: (key: String, props: JSON)] {
        var found: [String: (key: String, props: JSON)] = [:]
        for entry in config.services {
            let key = ServiceRegistry.key(entry.service, entry.entrypoint)
            guard known.contains(key) else {
                let whose = entry.entrypoint.map { "the entry point “\($0)” of the Worker" } ?? "the Worker"
                throw StartFailure(
                    "\(config.file): services.\(entry.binding) is bound to \(whose) “\(entry.service)”, which does not run "
                        + "here; name its wrangler.toml by a further --config.")
            }
            found[entry.binding] = (key, entry.props.map { JSON($0) } ?? .null)
        }
        return found
    }

    private static func crons(_ config: WranglerConfig) throws -> [CronExpression] {
        try (config.crons ?? []).map { text in
            do {
                return try CronExpression(text)
            } catch {
                throw StartFailure("\(config.file): triggers.crons: “\(text)”: \(error)")
            }
        }
    }

    /// The limits of the paid plan, with what `[limits]` says.
    private static func limits(_ config: WranglerConfig) -> PlatformLimits {
        PlatformLimits(.paid).adjusted(
            cpuMilliseconds: config.limits?.cpuMilliseconds, subrequests: config.limits?.subrequests)
    }
}
