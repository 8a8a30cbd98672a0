import EdgeServer
import FileWatcher
import Foundation
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// The local edge: one Worker and one site behind a socket, until a signal ends it.
public struct Emulator: Sendable {
    /// The application's version, as the version metadata binding tells it.
    public let release: String
    public let console: Console
    private let options: EmulatorOptions
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

    /// Starts, prints `listening app <url>`, and returns after SIGINT, SIGTERM or the end of `parent`.
    ///
    /// - Throws: `StartFailure` or `StateFailure`, before anything listens.
    public func run() async throws {
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
        let listeners: [(String, String)]
        do {
            listeners = try await listen(server, settings, loader, runtime, credentials)
        } catch {
            await runtime.close()
            throw error
        }
        if let services = listeners.first(where: { $0.0 == "services" }) {
            runtime.local?.announce(services: services.1)
        }
        runtime.start()
        let files = loader.live.current.router.bundle.files.count
        let origin = settings.assetsFolder.map { " from \($0)" } ?? ""
        console.say("\(files) files\(origin), started in \(begin.duration(to: .now).milliseconds) ms")
        for (what, url) in listeners { console.listening(what, url) }

        let reloads = Task { [watcher] in
            guard let watcher else { return }
            for await _ in watcher.batches { await loader.reload() }
        }
        await untilStopped(signals, parent: parent)
        reloads.cancel()
        watcher?.stop()
        // Behind `lilypad dev` requests are held meanwhile, so somebody waits for the end.
        let patience = options.unixSocket == nil ? 4000 : 900
        await server.stop(within: .milliseconds(Int64(patience))) {
            await runtime.stop(within: .milliseconds(patience))
        }
        await runtime.close()
    }

    /// - Returns: what listens where, for the terminal.
    private func listen(
        _ server: EdgeServer, _ settings: EmulatorSettings, _ loader: SiteLoader, _ runtime: LocalRuntime,
        _ credentials: Credentials
    ) async throws -> [(String, String)] {
        let doors = LocalDoors(options, runtime.platform(credentials, console, enforcesLimits: options.enforcesLimits))
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
                try await server.listen(on: .unix(path: path), log: console.accessLog) { loop in
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
        let app = Door("app", hosts: hosts, PortPlan(wish: wish), tls: options.tls, handler: handler)
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

    private func untilStopped(_ signals: AsyncStream<Int32>, parent: pid_t) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in signals { return } }
            // The process in front of the socket may be killed without a chance to say so.
            if options.unixSocket != nil {
                group.addTask {
                    while getppid() == parent {
                        guard (try? await Task.sleep(for: .milliseconds(500))) != nil else { return }
                    }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
