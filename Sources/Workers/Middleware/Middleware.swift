/// Something around handlers: it sees the call before them and the response after them.
///
/// ```swift
/// struct Greeting<Env: Sendable>: Middleware {
///     func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
///         var response = try await next(call)
///         response.headers[.init("X-Greeting")!] = "hello"
///         return response
///     }
/// }
/// ```
/// Chains are put together once, at start-up. The first middleware that a group `use`s is the outermost.
public protocol Middleware<Env>: Sendable {
    associatedtype Env: Sendable

    /// Answers the call, by asking `next` or by itself.
    ///
    /// A `Problem` that is thrown becomes a response before the middleware further out sees it, so that fields such as
    /// those of CORS are on errors, too. Other errors pass through and reach the host.
    func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response
}

/// What a middleware surrounds: the next one, or the handler.
public struct Next<Env: Sendable>: Sendable {
    private let handler: Handler<Env>

    public init(_ handler: @escaping Handler<Env>) { self.handler = handler }

    /// Never throws a `Problem`: it is a response by now.
    public func callAsFunction(_ call: Call<Env>) async throws -> Response { try await handler(call) }
}

/// A function that answers a call.
public typealias Handler<Env: Sendable> = @Sendable (Call<Env>) async throws -> Response

/// A middleware in the form in which chains are built: from what it surrounds to the whole.
typealias Wrap<Env: Sendable> = @Sendable (@escaping Handler<Env>) -> Handler<Env>

/// What a middleware needs was not configured rightly; thrown at start-up.
public struct MiddlewareProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public var message: String

    public init(_ message: String) { self.message = message }

    public var description: String { message }
}
