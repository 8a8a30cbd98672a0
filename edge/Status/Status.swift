import Workers

/// What runs here: `GET /api/v1/status`.
struct Status {
    let env: LilypadWorker.Env
    /// Seconds since 1970.
    let now: Double

    var response: Response {
        let version = env.deployment.current
        let bindings = env.bindings.map { binding in
            JSON.object([.init("name", .string(binding.name)), .init("kind", .string(binding.kind))])
        }
        return .json(
            .object([
                .init("version", .string(LilypadWorker.version)),
                .init("bundle", version.id.isEmpty ? .null : .string(version.id)),
                // A clock set back must not show a negative uptime.
                .init("uptimeSeconds", .number((max(0, now - version.timestamp) * 1000).rounded() / 1000)),
                .init("environment", .string(env.environment)),
                .init("bindings", .array(bindings)),
            ]))
    }
}
