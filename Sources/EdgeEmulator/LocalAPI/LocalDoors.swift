import EdgeServer
import Logging
import Workers

/// The ports beside the app's: services, which is REST. They listen on loopback alone.
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
        let rest = RESTService(platform)
        let state = platform.state.map { StateDoor(StateCalls($0), token: platform.credentials.apiToken) }
        let restHost = host("rest", platform) { request, _ in
            if let state, let response = await state.answer(request) { return response }
            return await rest.fetch(request)
        }
        return [Door("services", services) { _ in LocalHostHandler(host: restHost) }]
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
