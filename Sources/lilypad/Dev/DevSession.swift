import EdgeEmulator
import EdgeServer
import Foundation
import NIOCore
import SiteBuilder
import WranglerConfig

/// `lilypad dev`: one server, one site, one edge, until a signal ends it.
final class DevSession: Sendable {
    struct Options: Sendable {
        /// Holds `wrangler.toml`, `Package.swift` and `.lilypad/`; absolute.
        var root: String
        /// The configuration file, absolute.
        var configuration: String
        var site: String
        var port: Int?
        var watchesEdge: Bool
        var environment: [String: String]
    }

    private let options: Options
    private let terminal: DevTerminal
    private let hub: EventHub
    private let board: ProblemBoard
    private let gate = EdgeGate()
    private let children = ChildList()
    private let site: LiveSite
    private let session: SiteSession
    private let supervisor: EdgeSupervisor
    private let firstBuild: Task<Duration, Never>
    private let sockets: String
    private let began: ContinuousClock.Instant

    /// - Throws: `BuildFailure` or `Diagnostic` when the project is not in a state to begin with.
    init(_ options: Options, terminal: DevTerminal) throws {
        let began = ContinuousClock.now
        self.began = began
        self.options = options
        self.terminal = terminal
        let name = String(UInt32.random(in: .min ... .max), radix: 36)
        let hub = EventHub(session: name)
        self.hub = hub
        let board = ProblemBoard { hub.send($0) }
        self.board = board
        let project = try SiteProject.load(root: options.root, site: options.site)
        let toolchain = try Toolchain.locate(projectRoot: options.root, environment: options.environment)
        let site = try LiveSite(project, toolchain: toolchain, environment: options.environment) { hub.position }
        self.site = site
        let sockets = try DevSession.makeSocketFolder(options.environment)
        self.sockets = sockets

        let gate = gate
        let session = SiteSession(
            workshop: site, board: board, send: { hub.send($0) },
            reloadEdge: {
                guard let upstream = gate.upstream else { return false }
                return await EdgeControl.reloadAssets(socket: upstream.path)
            },
            report: { terminal.report($0) })
        self.session = session
        let firstBuild = Task { await DevSession.buildSite(site, session, terminal, since: began) }
        self.firstBuild = firstBuild

        let build = SwiftBuild(
            root: options.root, configuration: DevSession.buildConfiguration, environment: options.environment,
            children: children)
        let hasPackage = FileManager.default.fileExists(atPath: options.root + "/Package.swift")
        let command = EdgeCommand(
            binary: hasPackage ? build.binary : DevSession.neighbour("lilypad-edge"), directory: options.root,
            configuration: options.configuration, assets: LiveSite.output(root: options.root) + "/public",
            environment: options.environment, choosesPorts: options.port == 0)
        let children = children
        let workshop = EdgeWorkshop(
            build: { hasPackage ? try await build.run() : .built(stamp: command.binary) },
            launch: { generation in
                // The edge reads the bundle when it starts.
                _ = await firstBuild.value
                let upstream = GateState.Upstream(path: "\(sockets)/edge-\(generation)", generation: generation)
                return try await EdgeProcess.launch(command, upstream: upstream, children: children) {
                    terminal.edgeSaid($0)
                }
            })
        let reports = EdgeReports(terminal: terminal, hub: hub, board: board) { Task { await session.edgeStarted() } }
        supervisor = EdgeSupervisor(workshop: workshop, gate: gate) { reports.receive($0) }
    }

    /// Runs until a signal comes.
    ///
    /// - Throws: `DevFailure` when the port is taken, before anything was started that would have to be ended.
    func run() async throws {
        let signals = StopSignals { [children] in children.kill() }
        let server = EdgeServer(threads: 2)
        let (gate, hub, site) = (gate, hub, site)
        let port: DevPort
        do {
            port = try await server.listenForDevelopment(portPlan()) { loop in
                DevHandler(loop: loop, gate: gate, hub: hub) { try await site.resource($0) }
            }
        } catch {
            await end(server, [])
            throw error
        }
        for remark in port.remarks { terminal.say(remark) }
        await supervisor.request(.build)
        let watches = watch()
        let keys = keys(port).make()
        let hasKeys = keys.start()
        let greeting = Task { await greet(port, hasKeys: hasKeys) }
        await signals.wait()
        keys.stop()
        greeting.cancel()
        terminal.say("")
        terminal.log("stopping")
        await end(server, watches)
    }

    private func end(_ server: EdgeServer, _ watches: [DevWatch]) async {
        for watch in watches { watch.stop() }
        hub.closeAll()
        async let edge: Void = supervisor.stop()
        async let site: Void = session.stop()
        _ = await (edge, site)
        await server.stop(within: .seconds(2))
        await self.site.close()
        try? FileManager.default.removeItem(atPath: sockets)
    }

    // MARK: Start

    private func greet(_ port: DevPort, hasKeys: Bool) async {
        let siteTime = await firstBuild.value
        await supervisor.settled()
        guard !Task.isCancelled else { return }
        let state = gate.isOpen ? "running" : "not running, see above"
        terminal.say(
            """

              site   \(options.site) → .lilypad/dev, built in \(DevTerminal.short(siteTime))
              edge   \(state)\(options.watchesEdge ? ", rebuilt when Swift changes" : "")
              state  .lilypad/

              ready in \(DevTerminal.short(began.duration(to: .now))); Ctrl-C ends it

            """)
        if hasKeys { terminal.say("  \(Hotkeys.line)\n") }
        terminal.say("listening site \(port.url)")
    }

    private func keys(_ port: DevPort) -> DevKeys {
        let (gate, supervisor) = (gate, supervisor)
        let report = try? WranglerConfig.load(
            config: options.configuration, from: options.root, process: options.environment)
        return DevKeys(
            terminal: terminal, page: { port.url }, credentials: options.root + "/.lilypad/credentials.json",
            environment: options.environment, crons: report?.config?.crons ?? [],
            socket: { gate.upstream?.path }, restart: { await supervisor.request(.restart) })
    }

    /// - Returns: how long it took.
    private static func buildSite(
        _ site: LiveSite, _ session: SiteSession, _ terminal: DevTerminal, since began: ContinuousClock.Instant
    ) async -> Duration {
        let problems = await session.start()
        if !problems.isEmpty {
            terminal.show(problems, title: "site: \(DevTerminal.count(problems))")
            if !site.hasBundle { try? await site.writeStandIn() }
        }
        return began.duration(to: .now)
    }

    private func portPlan() -> PortPlan {
        let report = try? WranglerConfig.load(
            config: options.configuration, from: options.root, process: options.environment)
        return PortPlan(wish: .init(flag: options.port, configured: report?.config?.dev.port, standard: 8787))
    }

    private func watch() -> [DevWatch] {
        var watches: [DevWatch] = []
        let (session, supervisor, terminal) = (session, supervisor, terminal)
        let folder = options.site.hasPrefix("/") ? options.site : "\(options.root)/\(options.site)"
        do {
            watches.append(
                try DevWatch(folder: folder, ignores: DevSession.isNoSource) { paths, saved in
                    await session.changed(paths, saved: saved)
                })
            guard options.watchesEdge else { return watches }
            let configuration = String(options.configuration.split(separator: "/").last ?? "")
            watches.append(
                try DevWatch(folder: options.root, ignores: { !DevSession.belongsToEdge($0, configuration) }) {
                    paths, _ in
                    let change = paths.map { EdgeChange.of($0, configuration: configuration) }.max() ?? .nothing
                    switch change {
                    case .build: await supervisor.request(.build)
                    case .restart: await supervisor.request(.restart)
                    case .ourselves:
                        terminal.log("\(DevTerminal.list(paths)) belongs to this program: restart lilypad dev")
                    case .nothing: break
                    }
                })
        } catch {
            terminal.log("Changes are not noticed: \(error)")
        }
        return watches
    }

    /// Folders of the site that tools fill.
    static func isNoSource(_ path: String) -> Bool {
        let first = path.prefix { $0 != "/" }
        return first == "node_modules" || first == "dist" || first == ".lilypad" || first == ".toolchain"
    }

    /// Top-level entries of the project that the edge is made from.
    static func belongsToEdge(_ path: String, _ configuration: String) -> Bool {
        let first = path.prefix { $0 != "/" }
        return first == "edge" || first == "Sources" || first == "Package.swift" || first == configuration
            || first == ".dev.vars" || first.hasPrefix(".dev.vars.")
    }

    /// The edge is compiled as this program was: a mixed set would compile everything twice.
    private static var buildConfiguration: String {
        let own = Bundle.main.executablePath ?? ""
        return own.contains("/release/") ? "release" : "debug"
    }

    /// A program that lies beside this one.
    private static func neighbour(_ name: String) -> String {
        let own = Bundle.main.executablePath ?? CommandLine.arguments[0]
        return (own as NSString).deletingLastPathComponent + "/" + name
    }

    /// A folder of our own, with a short name: the path of a socket ends at 107 bytes.
    private static func makeSocketFolder(_ environment: [String: String]) throws -> String {
        let base = environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty || $0.utf8.count > 60 ? nil : $0 } ?? "/tmp"
        for base in [base, "/tmp"] {
            var template = Array("\(base)/lilypad-XXXXXX".utf8CString)
            if mkdtemp(&template) != nil {
                return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
        throw Diagnostic(file: "/tmp", message: "No folder can be made there: \(String(cString: strerror(errno))).")
    }
}

/// Passes on what happens to the edge: to the terminal, to the badge in the pages, to the overlay.
struct EdgeReports: Sendable {
    var terminal: DevTerminal
    var hub: EventHub
    var board: ProblemBoard
    var started: @Sendable () -> Void

    func receive(_ report: EdgeReport) {
        terminal.report(report)
        switch report {
        case .building: hub.send(.edge(.building, "Building the edge …"))
        case .buildFailed(let diagnostics, _):
            hub.send(.edge(.failed, "The edge does not compile"))
            board.set(diagnostics, from: .edge)
        case .unchanged:
            board.set([], from: .edge)
            hub.send(.edge(.ready, "The edge is up to date"))
        case .swapping: hub.send(.edge(.swapping, "Swapping the edge …"))
        case .ready(let generation, let duration):
            board.set([], from: .edge)
            hub.send(
                .edge(
                    .ready, generation == 1 ? "The edge is running" : "Edge swapped in \(DevTerminal.short(duration))"))
            started()
        case .startFailed(let message):
            hub.send(.edge(.failed, "The edge does not start"))
            board.set([Diagnostic(file: "edge", message: "The edge does not start.\n\(message)")], from: .edge)
        case .crashed(let how, let restarts):
            hub.send(.edge(restarts ? .swapping : .failed, "The edge ended by itself"))
            guard !restarts else { return }
            board.set(
                [Diagnostic(file: "edge", message: "The edge ended right after its start (\(how)).")], from: .edge)
        }
    }
}
