import Workers

/// Lilypad's application. Each capability has a folder of its own beside this file.
public struct LilypadWorker: Worker {
    /// The version of the application, as `GET /api/v1/status` reports it.
    public static let version = "0.1.0"

    /// The bindings of `wrangler.toml` that the handlers use.
    public struct Env: WorkerEnvironment {
        let deployment: VersionMetadata
        let environment: String
        let bindings: [Bindings.Description]

        public init(_ bindings: Bindings) throws {
            deployment = try bindings.versionMetadata("CF_VERSION_METADATA")
            environment = try bindings.text("ENVIRONMENT")
            self.bindings = bindings.descriptions
        }
    }

    private let router: Router<Env>

    public init() throws {
        router = try Router(requiringAccess: true) { routes in
            routes.get(
                "/api/v1/status",
                about: RouteDetails(
                    "What runs here", access: [.anonymous], tags: ["status"],
                    answers: [.init(.ok, "Status")])
            ) { call in
                Status(env: call.env, now: call.context.now).response
            }
        }
    }

    public func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        try await router.handle(request, env: env, context: context)
    }

    /// Every route with what it takes, what it answers, and who may call it.
    public var routes: [RouteDescription] { router.descriptions }
}
