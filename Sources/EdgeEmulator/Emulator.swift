import EdgeServer
import FileWatcher
import Foundation
import Logging
import NIOCore
import Workers
import WranglerConfig

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
    /// - Throws: `StartFailure` or `MissingBindings`, before anything listens.
    public func run() async throws {
        // Taken first: a parent that ends during the start is noticed, too.
        let parent = getppid()
        defer { console.flush() }
        let begin = ContinuousClock.now
        let settings = try EmulatorSettings(options)
        for warning in settings.warnings { console.say(warning, level: "warning") }
        let hasWorker = settings.config.main != nil
        // Watched before it is read, so that no change falls between the two.
        let watcher = watch(settings.assetsFolder)
        let loader = try SiteLoader(settings, hasWorker: hasWorker, console: console)
        let live = loader.live
        let now: @Sendable () -> Double = { Date().timeIntervalSince1970 }
        let limits = HTTPLimits()
        let bindings = LocalBindings.make(settings, site: live, release: release, started: now())
        let worker =
            hasWorker
            ? try linked(settings.config).makeHost(
                bindings, HostServices(now: now), Logger(label: "worker") { _ in ConsoleLogHandler(console: console) })
            : nil

        // From here on a signal is a wish to stop cleanly, even one that answers the line `listening`.
        let signals = Shutdown.signals()
        let server = EdgeServer(threads: options.threads ?? System.coreCount, limits: limits)
        let listeners = try await listen(server, settings, loader, worker)
        let files = live.current.router.bundle.files.count
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
        await server.stop(within: options.unixSocket == nil ? .seconds(8) : .milliseconds(1800))
    }

    /// The Worker that a configuration means: the one with its name, or the only one there is.
    private func linked(_ config: WranglerConfig) throws -> LinkedWorker {
        let name = config.topLevelName ?? config.name ?? ""
        if let worker = workers[name] ?? (workers.count == 1 ? workers.first?.value : nil) { return worker }
        let names = workers.keys.sorted().joined(separator: ", ")
        throw StartFailure(
            "\(config.file) names the Worker “\(name)”, which this program does not have. It has: \(names).")
    }

    /// - Returns: what listens where, for the terminal.
    private func listen(
        _ server: EdgeServer, _ settings: EmulatorSettings, _ loader: SiteLoader, _ worker: WorkerHost?
    ) async throws -> [(String, String)] {
        let live = loader.live
        if let path = options.unixSocket {
            guard path.utf8.count <= 107 else {
                throw StartFailure(
                    "The path of the socket is \(path.utf8.count) bytes long; the kernel takes at most 107: \(path)")
            }
            do {
                try await server.listen(on: .unix(path: path), log: console.accessLog) { loop in
                    ReloadGateway(next: Gateway(site: live, worker: worker), loader: loader, loop: loop)
                }
            } catch {
                throw StartFailure("The socket \(path) cannot be opened: \(error).")
            }
            return [("app", "unix:\(path)")]
        }
        let wish = PortPlan.Wish(flag: options.port, configured: settings.config.dev.port, standard: 8787)
        let plan = PortPlan(wish: wish)
        let hosts = (options.host ?? settings.configuredHost).map { [$0] } ?? ["127.0.0.1", "::1"]
        let log = console.accessLog
        for port in plan.candidates {
            guard let bound = try await open(server, hosts, port, log, { _ in Gateway(site: live, worker: worker) })
            else {
                continue
            }
            if let sentence = plan.moved(to: port, holder: PortHolder.find(port: wish.port)), port != 0 {
                console.say(sentence, level: "warning")
            }
            let shown = hosts[0].contains(":") ? "[\(hosts[0])]" : hosts[0]
            return [("app", "http://\(shown):\(bound)")]
        }
        throw StartFailure(plan.refusal(holder: PortHolder.find(port: wish.port)))
    }

    /// Opens one port on every host. A machine without IPv6 has no `::1`: the first host decides.
    ///
    /// - Returns: the port in use; nil when it is taken.
    private func open(
        _ server: EdgeServer, _ hosts: [String], _ port: Int, _ log: AccessLog,
        _ handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> Int? {
        var bound = port
        for (index, host) in hosts.enumerated() {
            do {
                let address = try await server.listen(on: .tcp(host: host, port: bound), log: log, handler: handler)
                bound = address?.port ?? bound
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                if index == 0 { return nil }
                console.say("\(host) port \(bound) is taken; only \(hosts[0]) answers.", level: "warning")
            } catch let error as IOError where index > 0 && [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode) {
                continue
            } catch let error as IOError where error.errnoCode == EACCES {
                throw StartFailure(
                    "Port \(port) needs more rights than this user has; take one above 1023 with --port.")
            } catch {
                throw StartFailure(
                    "The address \(host) cannot be listened on; --host takes one of this machine's own (\(error)).")
            }
        }
        return bound
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

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
