import EdgeServer
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// The production server: one Worker and one site behind a proxy, until a signal ends it.
package struct Origin: Sendable {
    private let options: OriginOptions
    private let release: String
    private let workers: [String: LinkedWorker]
    private let console: Console
    private let log: AccessLog?

    /// - Parameters:
    ///   - release: the application's version, as the version metadata binding tells it.
    ///   - workers: those that are linked in, by the name that their configuration gives them.
    ///   - log: gets the requests, without those for `/health` and `/ready` if it leaves them out.
    package init(
        _ options: OriginOptions, release: String, workers: [String: LinkedWorker], console: Console, log: AccessLog?
    ) {
        self.options = options
        self.release = release
        self.workers = workers
        self.console = console
        self.log = log
    }

    /// Starts, prints `listening serve <url>`, and returns after SIGINT or SIGTERM.
    ///
    /// - Throws: `StartFailure` or `StateFailure`, before anything listens.
    package func run() async throws {
        defer { console.flush() }
        let begin = ContinuousClock.now
        let engine = options.engine
        let activation = try SocketActivation(engine.process, process: getpid())
        try activation.take()
        let settings = try EmulatorSettings(engine)
        let others = try engine.furtherConfigs.map { try EmulatorSettings(engine.forConfig($0)) }
        for warning in settings.warnings + others.flatMap(\.warnings) { console.say(warning, level: "warning") }
        let loader = try SiteLoader(settings, hasWorker: settings.config.main != nil, console: console)
        let server = EdgeServer(threads: engine.threads ?? System.coreCount)
        let runtime = try await LocalRuntime(
            engine, ([settings] + others).filter { $0.config.main != nil }, stateFolder: settings.stateFolder,
            site: loader.live, release: release, linked: workers, group: server.eventLoopGroup, console: console)
        let signals = Shutdown.signals()
        let readiness = Readiness()
        let urls: [String]
        do {
            let doors = OriginListener(
                server: server, tls: options.tls, clients: options.clients, log: log, console: console,
                handler: { [live = loader.live] _ in
                    HealthHandler(next: Gateway(site: live, worker: runtime.worker), readiness: readiness)
                })
            urls = try await doors.open(activation, host: engine.host, port: engine.port)
        } catch {
            await runtime.close()
            throw error
        }
        runtime.start()
        readiness.become(.ready)
        let files = loader.live.current.router.bundle.files.count
        console.say("\(files) files, started in \(begin.duration(to: .now).milliseconds) ms")
        for url in urls { console.listening("serve", url) }
        let manager = ServiceManager(engine.process)
        manager.tell(.ready)

        for await _ in signals { break }
        readiness.become(.draining)
        manager.tell(.stopping)
        await stop(server, runtime)
    }

    /// Ends within the time that the process has: most of it is for answers, the rest for work that outlives them.
    private func stop(_ server: EdgeServer, _ runtime: LocalRuntime) async {
        console.say("stopping: no new connections, at most \(options.grace.milliseconds) ms for what is under way")
        let grace = options.grace
        let end = ContinuousClock.now + grace * 0.97
        let console = console
        // What does not end by itself must not keep the process from ending.
        let watch = Task.detached {
            guard (try? await Task.sleep(until: end + grace * 0.03)) != nil else { return }
            console.say("some work did not end in time and was cut off", level: "warning")
            console.flush()
            _exit(0)
        }
        let answers = grace * 0.85
        async let events: Void = runtime.stopEvents(within: answers)
        // A proxy that keeps connections uses each of them soon; a second finds nearly all of them in use once more.
        let patience = min(grace * 0.25, .seconds(1))
        await server.stop(within: TimeAmount(answers), patience: TimeAmount(patience)) {
            await runtime.stop(within: max(.zero, end - .now))
        }
        await events
        await runtime.close()
        watch.cancel()
    }
}
