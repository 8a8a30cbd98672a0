/// An application: handlers over an environment of its own type.
///
/// ```swift
/// struct Greeter: Worker {
///     struct Env: WorkerEnvironment {
///         let name: String
///         init(_ bindings: Bindings) throws { name = try bindings.text("NAME") }
///     }
///     func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
///         .text("Hello, \(env.name)!")
///     }
/// }
/// ```
public protocol Worker: Sendable {
    associatedtype Env: WorkerEnvironment

    init()

    /// Answers one request. A thrown `Problem` becomes its response; any other error becomes a 500.
    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response
}

/// The bindings of one application as values, made once at start-up.
public protocol WorkerEnvironment: Sendable {
    init(_ bindings: Bindings) throws
}
