import EdgeServer
import FileWatcher
import Foundation
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The local edge: one Worker and one site behind a socket, until a signal ends it.
public struct Emulator: Sendable {
    /// The application's version, as the version metadata binding tells it.
    public let release: String
    public let console: Console
    let options: EmulatorOptions
    private let workers: [String: LinkedWorker]

    /// - Parameter workers: those that are linked in, by the name that their configuration gives them.
    public init(
        _ options: EmulatorOptions, release: String, workers: [String: LinkedWorker], console: Console
    ) {
        self.options = options
        self.release = release
        self.workers = workers
        self.console = console
    }

    /// Starts, prints `listening app <url>`, and returns after SIGINT, SIGTERM, the end of `parent`, or a key that asks for it.
    ///
    /// - Throws: `StartFailure` or `StateFailure`, before anything listens.
    @discardableResult
    public func run() async throws -> EmulatorEnding {
        // Taken first: a parent that ends during the start is noticed, too.
        let parent = getppid()
        defer { console.flush() }
        let begin = ContinuousClock.now
        let settings = try EmulatorSettings(options)
        let others = try options.furtherConfigs.map { try EmulatorSettings(options.forConfig($0)) }
        for warning in settings.warnings + others.flatMap(\.warnings) { console.say(warning, level: "warning") }
        let workers = ([settings] + others).filter { $0.config.main != nil }
        // Watched before it is read, so that no change falls between the two.
        let watcher = watch(settings.assetsFolder)
        let loader = try SiteLoader(settings, hasWorker: settings.config.main != nil, console: console)
        let server = EdgeServer(threads: options.threads ?? System.coreCount)
        var generator = SystemRandomNumberGenerator()
        let credentials = try Credentials.load(
            settings.config.folder + "/.lilypad/credentials.json", environment: options.process, using: &generator)
        let runtime = try await LocalRuntime(
            options, workers, stateFolder: settings.stateFolder, site: loader.live, release: release,
            linked: self.workers,
            group: server.eventLoopGroup, console: console)

        // From here on a signal is a wish to stop cleanly, even one that answers the line `listening`.
        let signals = Shutdown.signals()
        let addresses = Addresses()
        let about = DashboardOverview.About(
            version: release, started: WallClock().now, stateFolder: settings.stateFolder, urls: { addresses.all })
        let doors = LocalDoors(
            options, runtime.platform(credentials, console, enforcesLimits: options.enforcesLimits), about: about)
        let listeners: [(String, String)]
        do {
            listeners = try await listen(server, settings, loader, runtime, doors)
            addresses.all = listeners.map { (name: $0.0, url: $0.1) }
        } catch {
            await runtime.close()
            throw error
        }
        runtime.start()
        let wish = KeyboardWish()
        let hotkeys = options.unixSocket == nil ? hotkeys(runtime, doors.dashboard, listeners, wish) : nil
        let hasKeys = hotkeys?.start() ?? false
        defer { hotkeys?.stop() }
        let milliseconds = begin.duration(to: .now).milliseconds
        greet(settings, runtime, loader, milliseconds, hasKeys: hasKeys)
        for (what, url) in listeners { console.listening(what, url) }
        if let dashboard = doors.dashboard, let services = listeners.first(where: { $0.0 == "services" })?.1 {
            // For eyes alone: a log is read by others, too.
            console.show("dashboard \(dashboard.session.url(services: services) ?? services)")
        }
        let queues = Task { await doors.dashboard?.watchQueues() }

        let reloads = Task { [watcher] in
            guard let watcher else { return }
            for await _ in watcher.batches { await loader.reload() }
        }
        let ending = await untilStopped(signals, wish, parent: parent)
        hotkeys?.stop()
        reloads.cancel()
        queues.cancel()
        doors.dashboard?.close()
        watcher?.stop()
        // Behind `lilypad dev` requests are held meanwhile, so somebody waits for the end.
        let patience = options.unixSocket == nil ? 4000 : 900
        await server.stop(within: .milliseconds(Int64(patience))) {
            await runtime.stop(within: .milliseconds(patience))
        }
        await runtime.close()
        return ending
    }

    private func greet(
        _ settings: EmulatorSettings, _ runtime: LocalRuntime, _ loader: SiteLoader, _ milliseconds: Int64,
        hasKeys: Bool
    ) {
        let router = loader.live.current.router
        let files = router.bundle.files.count
        let origin = settings.assetsFolder.map { " from \($0)" } ?? ""
        let workers = (runtime.fleet?.members ?? []).map { member in
            StartSummary.Worker(
                name: WorkerFleet.name(member.config), bindings: member.host.bindings.map { ($0.kind, $0.name) },
                crons: member.crons.map(\.text))
        }
        let summary = StartSummary(
            version: release, workers: workers, files: files, folder: settings.assetsFolder,
            headerRules: router.headerRules.rules.count, redirectRules: router.redirectRules.rules.count,
            stateFolder: settings.stateFolder, milliseconds: milliseconds, hasKeys: hasKeys)
        console.greet(summary.lines, otherwise: "\(files) files\(origin), started in \(milliseconds) ms")
    }

    /// - Returns: what listens where, for the terminal.
    private func listen(
        _ server: EdgeServer, _ settings: EmulatorSettings, _ loader: SiteLoader, _ runtime: LocalRuntime,
        _ doors: LocalDoors
    ) async throws -> [(String, String)] {
        let log = doors.dashboard.map { console.accessLog.joined($0.journal.accessLog) } ?? console.accessLog
        let live = loader.live
        let handler: @Sendable (any EventLoop) -> any RequestHandler = { loop in
            LocalGateway(next: Gateway(site: live, worker: runtime.worker), triggers: runtime.triggers, loop: loop)
        }
        if let path = options.unixSocket {
            guard path.utf8.count <= 107 else {
                throw StartFailure(
                    "The path of the socket is \(path.utf8.count) bytes long; the kernel takes at most 107: \(path)")
            }
            do {
                try await server.listen(on: .unix(path: path), log: log) { loop in
                    ReloadGateway(next: handler(loop), loader: loader, loop: loop)
                }
            } catch {
                throw StartFailure("The socket \(path) cannot be opened: \(error).")
            }
            let others = try await server.listen(doors.all(appPort: nil), console: console)
            return [("app", "unix:\(path)")] + others
        }
        let wish = PortPlan.Wish(flag: options.port, configured: settings.config.dev.port, standard: 8787)
        let hosts = (options.host ?? settings.configuredHost).map { [$0] } ?? ["127.0.0.1", "::1"]
        var app = Door("app", hosts: hosts, PortPlan(wish: wish), tls: options.tls, handler: handler)
        app.log = log
        return try await server.listen([app] + doors.all(appPort: options.port), console: console)
    }

    /// Behind `lilypad dev` the folder is reloaded when it says so.
    private func watch(_ folder: String?) -> FileWatcher? {
        guard let folder, options.unixSocket == nil else { return nil }
        let scope = WatchScope(folder: (folder as NSString).standardizingPath)
        let ignores: @Sendable (String) -> Bool = { !scope.contains($0) }
        if let watcher = try? FileWatcher(roots: [scope.root], ignores: ignores, quiet: 50) { return watcher }
        do {
            return try FileWatcher(roots: [scope.output], ignores: ignores, quiet: 50)
        } catch {
            console.say("Changes of \(folder) will not be noticed. \(error)", level: "warning")
            return nil
        }
    }

    private func untilStopped(
        _ signals: AsyncStream<Int32>, _ wish: KeyboardWish, parent: pid_t
    ) async -> EmulatorEnding {
        await withTaskGroup(of: EmulatorEnding?.self) { group in
            group.addTask {
                for await _ in signals { return .stopped }
                return nil
            }
            group.addTask {
                for await ending in wish.wishes { return ending }
                return nil
            }
            // The process in front of the socket may be killed without a chance to say so.
            if options.unixSocket != nil {
                group.addTask {
                    while getppid() == parent {
                        guard (try? await Task.sleep(for: .milliseconds(500))) != nil else { return nil }
                    }
                    return .stopped
                }
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .stopped
        }
    }
}

/// What listens where, once it does.
private final class Addresses: Sendable {
    private let list = Mutex<[(name: String, url: String)]>([])

    var all: [(name: String, url: String)] {
        get { list.withLock { $0 } }
        set { list.withLock { $0 = newValue } }
    }
}
