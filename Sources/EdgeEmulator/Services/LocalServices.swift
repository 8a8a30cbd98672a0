import EdgeServer
import Synchronization
import Workers
import WranglerConfig

/// What the Workers of one emulator share: the state folder, the stores in it, the time.
///
/// A store is opened when the configuration of some Worker names it; the Cache API, which needs no binding, always is.
final class LocalServices: Sendable {
    /// How often expired entries give their space back, in seconds.
    private static let sweepInterval = 600.0

    let clock: any EmulatorClock
    /// The Cache API.
    let caches: DurableCaches
    /// In front of Workers, and behind their `fetch`.
    let responses: WorkerCaches
    let queues: QueueBroker?
    private let kvBehaviour: KVBehaviour
    private let folder: StateFolder
    let kv: KVDatabase?
    let r2: R2State?
    private let rateLimits: DurableRateLimits?
    /// All of it as a whole.
    let state: LocalState
    private let upkeep = Mutex<[Task<Void, Never>]>([])

    /// - Parameters:
    ///   - path: the state folder.
    ///   - configs: of all Workers.
    ///   - opensAll: opens every store, for interfaces that make namespaces, buckets and queues of their own.
    ///   - kv: whether writes are limited and seen everywhere at once.
    /// - Throws: `StateFailure` and `StartFailure`, each one sentence.
    init(
        path: String, configs: [WranglerConfig], opensAll: Bool, clock: any EmulatorClock, kv behaviour: KVBehaviour,
        console: Console
    ) async throws {
        let folder = try StateFolder(path: path)
        self.folder = folder
        self.clock = clock
        kvBehaviour = behaviour
        let now: @Sendable () -> Double = { clock.now }
        let configurations = try LocalQueues.configurations(configs)
        // A start that fails leaves the files as a clean end would.
        var opened: [() -> Void] = []
        do {
            let caches = try await DurableCaches(folder, now: now)
            opened.append(caches.close)
            self.caches = caches
            responses = try LocalServices.responses(folder, now: now, console)
            kv = try opensAll || configs.contains { !$0.kvNamespaces.isEmpty } ? KVDatabase(folder) : nil
            if let kv { opened.append(kv.close) }
            r2 = try opensAll || configs.contains { !$0.r2Buckets.isEmpty } ? R2State(folder, clock: clock) : nil
            if let r2 {
                opened.append(r2.close)
                for entry in configs.flatMap(\.r2Buckets) { try await r2.buckets.ensure(entry.localName) }
            }
            queues =
                configurations.isEmpty && !opensAll
                ? nil
                : try await QueueBroker(
                    folder, configurations: configurations, scripts: Set(configs.map(WorkerFleet.name)), clock: clock
                ) { note in
                    console.say(note.description, level: note.level)
                }
            if let queues { opened.append(queues.close) }
            rateLimits =
                configs.contains { !$0.rateLimits.isEmpty }
                ? try await DurableRateLimits(folder, now: now) { error in
                    console.say("Rate limits were not stored: \(error)", level: "warning")
                } : nil
            let state = LocalState(
                folder, kv: kv, r2: r2, queues: queues, caches: caches, responses: responses, rateLimits: rateLimits,
                names: StateNames(configs), clock: clock)
            if try await state.finishRestore() {
                console.say("A snapshot that was being restored when the last process ended is restored now.")
            }
            self.state = state
        } catch {
            for close in opened { close() }
            throw error
        }
    }

    /// Without its folder it goes on in memory: nothing is lost that a Worker could not answer again.
    private static func responses(
        _ folder: StateFolder, now: @escaping @Sendable () -> Double, _ console: Console
    ) throws -> WorkerCaches {
        var options = WorkerCaches.Options(folder: folder.path + "/edge-cache")
        options.onTrouble = { console.say("The cache of responses: \($0)", level: "warning") }
        do {
            return try WorkerCaches(options, now: now)
        } catch {
            console.say("Responses are cached in memory alone: \(error)", level: "warning")
            options.folder = nil
            return try WorkerCaches(options, now: now)
        }
    }

    /// The bindings of one Worker that live in the stores.
    ///
    /// - Throws: `StartFailure` for a setting that the binding refuses.
    func bindings(_ config: WranglerConfig) throws -> [String: Bindings.Value] {
        var values: [String: Bindings.Value] = [:]
        let clock = clock
        for entry in config.kvNamespaces {
            guard let kv else { continue }
            values[entry.binding] = .kv(
                MeteredKV(kv.namespace(entry.localName, behaviour: kvBehaviour, now: { clock.now })))
        }
        for entry in config.r2Buckets {
            guard let r2 else { continue }
            values[entry.binding] = .r2(MeteredR2(r2.bucket(entry.localName)))
        }
        for entry in config.queueProducers {
            guard let queues else { continue }
            values[entry.binding] = .queue(MeteredQueue(queues.queue(entry.localName)))
        }
        for entry in config.rateLimits {
            guard let rateLimits else { continue }
            do {
                let rule = try RateLimitRule(
                    namespace: entry.namespaceID, limit: Int(entry.limit.rounded(.down)), period: entry.period)
                values[entry.name] = .rateLimit(rateLimits.limiter(rule))
            } catch {
                throw StartFailure("\(config.file): ratelimits.\(entry.name): \(error.message)")
            }
        }
        for entry in config.hyperdrive {
            guard let text = entry.localConnectionString?.reveal() else {
                throw StartFailure(
                    "\(config.file): hyperdrive.\(entry.binding) has no localConnectionString; write one there, or set "
                        + "CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_\(entry.binding).")
            }
            do {
                values[entry.binding] = .hyperdrive(try Hyperdrive(text))
            } catch let error as WorkersError {
                throw StartFailure("\(config.file): hyperdrive.\(entry.binding): \(error.message)")
            }
        }
        return values
    }

    /// Tells whoever finds the folder taken where the services of this process are.
    func announce(services: String) { folder.announce(services: services) }

    /// Begins to sweep what has expired and what nothing needs any more.
    func startUpkeep(_ console: Console) {
        var tasks: [Task<Void, Never>] = []
        if let r2 { tasks.append(keepUp("R2", console) { try await r2.maintain() }) }
        if let kv {
            let clock = clock
            tasks.append(
                keepUp("KV", console) {
                    while true {
                        try await kv.sweep(now: Int(clock.now))
                        try await clock.sleep(until: clock.now + LocalServices.sweepInterval)
                    }
                })
        }
        upkeep.withLock { $0 = tasks }
    }

    /// Work that goes on for ever. It is begun again a minute after a failure: a disk that is full may have room then.
    private func keepUp(
        _ name: String, _ console: Console, _ work: @escaping @Sendable () async throws -> Void
    ) -> Task<Void, Never> {
        Task {
            while true {
                do {
                    return try await work()
                } catch is CancellationError {
                    return
                } catch {
                    console.say("\(name) was not swept: \(error)", level: "warning")
                    guard (try? await Task.sleep(for: .seconds(60))) != nil else { return }
                }
            }
        }
    }

    /// Finishes what is under way and gives the folder back.
    func close() async {
        let tasks = upkeep.withLock { $0 }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        state.close()
        await rateLimits?.close()
        queues?.close()
        r2?.close()
        kv?.close()
        caches.close()
        await responses.close()
        folder.close()
    }
}
