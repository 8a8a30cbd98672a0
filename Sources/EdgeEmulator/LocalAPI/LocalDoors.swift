import EdgeServer
import Logging
import Workers

/// The ports beside the app's: services, which is REST and the dashboard, and S3. They listen on loopback alone.
struct LocalDoors {
    private let options: EmulatorOptions
    private let platform: LocalPlatform?
    let dashboard: DashboardService?

    /// - Parameter about: what the dashboard says of the start.
    init(_ options: EmulatorOptions, _ platform: LocalPlatform?, about: DashboardOverview.About) {
        self.options = options
        self.platform = platform
        dashboard = platform.map { platform in
            let calls = platform.state.map { StateCalls($0) }
            return DashboardService(
                platform, about: about, state: { try await calls?.answer($0, $1, $2) })
        }
    }

    /// - Parameter appPort: when the system chooses the app's port, it chooses these, too.
    func all(appPort: Int?) -> [Door] {
        guard let platform, let dashboard else { return [] }
        let chosen: Int? = appPort == 0 ? 0 : nil
        let services = PortPlan(
            wish: .init(flag: options.servicesPort ?? chosen, configured: nil, standard: 8788), flag: "--services-port")
        let rest = RESTService(platform)
        let restHost = host("rest", platform) { request, _ in await rest.fetch(request) }
        let pages = host("dashboard", platform) { request, _ in await dashboard.fetch(request) }
        let files = DashboardFiles(environment: options.process, program: CommandLine.arguments[0])
        let s3Port = PortPlan(
            wish: .init(flag: options.s3Port ?? chosen, configured: nil, standard: 8789), flag: "--s3-port")
        let s3 = S3Service(platform)
        let s3Host = host("s3", platform) { request, _ in await s3.fetch(request) }
        var servicesDoor = Door("services", services) { _ in
            ServicesHandler(rest: restHost, dashboard: pages, session: dashboard.session, files: files)
        }
        // An open page of the dashboard asks all the time.
        servicesDoor.log = platform.console.accessLog.withoutQueries { $0.source != "dashboard" || $0.status >= 500 }
        return [
            servicesDoor,
            Door("s3", s3Port) { _ in LocalHostHandler(host: s3Host) },
        ]
    }

    private func host(
        _ source: String, _ platform: LocalPlatform,
        fetch: nonisolated(nonsending) @escaping @Sendable (Request, ExecutionContext) async throws -> Response
    ) -> WorkerHost {
        let clock = platform.clock
        var services = HostServices(now: { clock.now })
        services.source = source
        // Each call has a limit of its own.
        services.bodyLimit = .max
        services.showsErrors = true
        let console = platform.console
        return WorkerHost(
            services: services, logger: Logger(label: source) { _ in ConsoleLogHandler(console: console) }, fetch: fetch
        )
    }
}
