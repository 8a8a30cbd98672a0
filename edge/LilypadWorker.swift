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

    public init() {}

    public func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        switch request.url.path {
        case "/api/v1/status":
            guard request.method == .get || request.method == .head else {
                throw Problem(
                    .methodNotAllowed, code: "method_not_allowed", "The status can only be read.",
                    headers: [.allow: "GET, HEAD"])
            }
            return Status(env: env, now: context.now).response
        default:
            throw Problem(
                .notFound, code: "not_found", "Nothing answers at this path.",
                hint: "The documentation lists what there is: /docs/.")
        }
    }
}
