import EdgeServer
import Logging
import Workers

/// The ports beside the app's: services (REST and the dashboard) and S3. They listen on loopback alone.
struct LocalDoors {
    private let options: EmulatorOptions
    private let platform: LocalPlatform?

    init(_ options: EmulatorOptions, _ platform: LocalPlatform?) {
        self.options = options
        self.platform = platform
    }

    /// - Parameter appPort: when the system chooses the app's port, it chooses these, too.
    func all(appPort: Int?) -> [Door] {
        guard let platform else { return [] }
        let chosen: Int? = appPort == 0 ? 0 : nil
        let services = PortPlan(
            wish: .init(flag: options.servicesPort ?? chosen, configured: nil, standard: 8788), flag: "--services-port")
        let s3 = PortPlan(
            wish: .init(flag: options.s3Port ?? chosen, configured: nil, standard: 8789), flag: "--s3-port")
        let rest = RESTService(platform)
        let restHost = host("rest", platform) { request, _ in await rest.fetch(request) }
        let objects = S3Service(platform)
        let s3Host = host("s3", platform) { request, context in try await objects.fetch(request, context: context) }
        return [
            Door("services", services) { _ in ServicesHandler(rest: restHost) },
            Door("s3", s3) { _ in LocalHostHandler(host: s3Host) },
        ]
    }

    private func host(
        _ source: String, _ platform: LocalPlatform,
        fetch: nonisolated(nonsending) @escaping @Sendable (Request, ExecutionContext) async throws -> Response
    ) -> WorkerHost {
        let clock = platform.clock
        var services = HostServices(now: { clock.now })
        services.source = source
        // Bodies are streamed, and each interface has limits of its own.
        services.bodyLimit = .max
        services.showsErrors = true
        let console = platform.console
        return WorkerHost(
            services: services, logger: Logger(label: source) { _ in ConsoleLogHandler(console: console) }, fetch: fetch
        )
    }
}
