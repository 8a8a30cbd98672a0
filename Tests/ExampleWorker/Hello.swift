import Workers

/// The least that a Worker can do: what the benchmarks measure the server by.
struct Hello: Worker {
    struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        .text("Hello, World!")
    }
}
