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
/// A Worker may have any of the handlers; calling one it lacks throws `MissingHandler`. One value serves many calls at once.
public protocol Worker: Sendable {
    associatedtype Env: WorkerEnvironment

    /// Made once. What it throws, such as the conflicts of a `Router`, keeps the host from starting.
    init() throws

    /// Where the handlers run; see `HandlerExecution`.
    static var execution: HandlerExecution { get }

    /// Answers one request. A thrown `Problem` becomes its response; any other error becomes a 500.
    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response

    /// A cron trigger fired. The run succeeds when this and its `waitUntil` work do.
    func scheduled(_ event: ScheduledEvent, env: Env, context: ExecutionContext) async throws

    /// A batch of messages has arrived. Messages about which nothing was decided are acknowledged when this returns, and
    /// retried when it throws; see `MessageBatch`.
    func queue(_ batch: MessageBatch, env: Env, context: ExecutionContext) async throws
}

extension Worker {
    public static var execution: HandlerExecution { .connectionLoop }

    public func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        throw MissingHandler(name: "fetch")
    }

    public func scheduled(_ event: ScheduledEvent, env: Env, context: ExecutionContext) async throws {
        throw MissingHandler(name: "scheduled")
    }

    public func queue(_ batch: MessageBatch, env: Env, context: ExecutionContext) async throws {
        throw MissingHandler(name: "queue")
    }
}

/// The threads on which the handlers of a Worker run.
public enum HandlerExecution: Sendable {
    /// The event loop of the connection, without a change of threads. Right for handlers that only wait by `await`.
    case connectionLoop
    /// A pool of threads of its own, for handlers that compute for long or call functions that block: on an event loop
    /// they would hold up every other connection.
    case blockingThreads
}

/// The bindings of one application as values, made once at start-up.
public protocol WorkerEnvironment: Sendable {
    init(_ bindings: Bindings) throws
}

/// A handler was called that the Worker does not have.
public struct MissingHandler: Error, Sendable, Hashable, CustomStringConvertible {
    public var name: String

    public init(name: String) { self.name = name }

    public var description: String { "Handler does not export a \(name)() function." }
}
