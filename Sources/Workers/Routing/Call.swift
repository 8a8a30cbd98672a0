/// One call of a route: the request and everything that belongs to it.
///
/// Handlers get it as their only argument, so that a handler is a plain function, and what a middleware found out (who is
/// calling, the request's id) travels with it.
/// ```swift
/// func showTrace(_ call: Call<Env>, trace: TraceID) async throws -> Response {
///     let user = try call.principal(User.self)
///     …
/// }
/// routes.get("/traces/:trace", TraceID.self, handler: showTrace)
/// ```
public struct Call<Env: Sendable>: Sendable {
    public var request: Request
    public let env: Env
    public let context: ExecutionContext
    public internal(set) var parameters: RouteParameters
    /// What the middleware around the handler has put there; see `CallKey`.
    public var values = CallValues()
    private let entry: RouteEntry?

    /// For tests of one handler or one middleware; the router makes its own.
    public init(
        _ request: Request, env: Env, context: ExecutionContext, parameters: RouteParameters = RouteParameters()
    ) {
        self.init(request, env: env, context: context, parameters: parameters, entry: nil)
    }

    init(_ request: Request, env: Env, context: ExecutionContext, parameters: RouteParameters, entry: RouteEntry?) {
        self.request = request
        self.env = env
        self.context = context
        self.parameters = parameters
        self.entry = entry
    }

    /// The route that answers; `nil` when no route has the path. For a method that the path does not have, it is the first
    /// route there.
    public var route: RouteDescription? { entry?.description }

    /// The same call with another environment, for a router that was mounted.
    func with<Other: Sendable>(env: Other) -> Call<Other> {
        var call = Call<Other>(request, env: env, context: context, parameters: parameters, entry: entry)
        call.values = values
        return call
    }
}

/// One shared description per route: a call carries a reference instead of a copy of lists.
final class RouteEntry: Sendable {
    let description: RouteDescription

    init(_ description: RouteDescription) { self.description = description }
}

/// Names a value that travels with a call.
///
/// ```swift
/// enum TenantKey: CallKey { typealias Value = Tenant }
/// extension Call { var tenant: Tenant? { values[TenantKey.self] } }
/// ```
public protocol CallKey {
    associatedtype Value: Sendable
}

/// Values that middleware adds to a call, each under the type of its key. A middleware passes a changed copy on; what it
/// added is not seen by those around it.
public struct CallValues: Sendable {
    private var entries: [(key: ObjectIdentifier, value: any Sendable)] = []

    public init() {}

    public subscript<Key: CallKey>(_ key: Key.Type) -> Key.Value? {
        get {
            let id = ObjectIdentifier(key)
            for entry in entries where entry.key == id { return entry.value as? Key.Value }
            return nil
        }
        set {
            let id = ObjectIdentifier(key)
            entries.removeAll { $0.key == id }
            if let newValue { entries.append((id, newValue)) }
        }
    }
}
