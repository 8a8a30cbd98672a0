import HTTPTypes

/// Collects routes while a router is built: the whole router, or the part under a prefix.
///
/// A group's middleware surrounds all of its routes and the groups in it, whichever was written first.
public final class RouteGroup<Env: Sendable> {
    let prefix: String
    var middleware: [Wrap<Env>] = []
    var items: [Item] = []
    let access: [Access]?
    let tags: [String]

    enum Item {
        case route(Draft)
        case group(RouteGroup)
        case mounted([RouteRecord<Env>], prefix: String)
    }

    /// A route as it was written.
    struct Draft {
        var method: HTTPRequest.Method?
        var pattern: String
        var details: RouteDetails
        /// The types that the handler asks for; `nil` when it takes its parameters as text.
        var types: [ValueType]
        var handler: Handler<Env>
    }

    init(prefix: String, access: [Access]?, tags: [String]) {
        self.prefix = prefix
        self.access = access
        self.tags = tags
    }

    // MARK: Structure

    /// Puts a middleware around the group's routes. The first one is the outermost.
    public func use(_ layer: some Middleware<Env>) {
        middleware.append { next in
            let next = Next(next)
            return { call in try await layer.handle(call, next: next) }
        }
    }

    /// Puts a function around the group's routes, for what is too small to be a type.
    public func use(_ layer: @escaping @Sendable (Call<Env>, Next<Env>) async throws -> Response) {
        middleware.append { next in
            let next = Next(next)
            return { call in try await layer(call, next) }
        }
    }

    /// Routes that share a prefix and middleware.
    ///
    /// - Parameters:
    ///   - prefix: begins with a slash and does not end with one; may have parameters. `""` for a group that only shares
    ///     middleware.
    ///   - access: for routes that say nothing themselves.
    ///   - tags: added to those of its routes.
    public func group(
        _ prefix: String, access: [Access]? = nil, tags: [String] = [], _ build: (RouteGroup<Env>) throws -> Void
    ) rethrows {
        let group = RouteGroup(prefix: prefix, access: access, tags: tags)
        try build(group)
        items.append(.group(group))
    }

    /// The routes of another router, under a prefix, with its middleware inside this group's.
    public func mount(_ prefix: String, _ router: Router<Env>) {
        items.append(.mounted(router.records, prefix: prefix))
    }

    /// The routes of a router that knows only a part of the environment.
    ///
    /// ```swift
    /// routes.mount("/billing", Billing.router) { $0.billing }
    /// ```
    public func mount<Part: Sendable>(
        _ prefix: String, _ router: Router<Part>, env: @escaping @Sendable (Env) -> Part
    ) {
        items.append(.mounted(router.records.map { $0.lifted(env) }, prefix: prefix))
    }

    /// Everything under a prefix, and the prefix itself, goes to another Worker, which sees the path without the prefix.
    public func mount<Application: Worker>(
        _ prefix: String, worker: Application, about details: RouteDetails = RouteDetails(),
        env: @escaping @Sendable (Env) -> Application.Env
    ) {
        let handler: Handler<Env> = { call in
            var request = call.request
            // The prefix may have been sent escaped, so segments are counted, not bytes.
            request.url.path = Self.path(request.url.path, behind: call.route?.pattern ?? "")
            return try await worker.fetch(request, env: env(call.env), context: call.context)
        }
        for pattern in prefix.isEmpty ? ["/*"] : [prefix, prefix + "/*"] {
            items.append(.route(Draft(method: nil, pattern: pattern, details: details, types: [], handler: handler)))
        }
    }

    private static func path(_ path: String, behind pattern: String) -> String {
        let isWhole = !pattern.hasSuffix("/*")
        guard !isWhole else { return "/" }
        let depth = pattern.utf8.count { $0 == UInt8(ascii: "/") }
        var slashes = 0
        for index in path.utf8.indices where path.utf8[index] == UInt8(ascii: "/") {
            slashes += 1
            if slashes == depth { return String(path[index...]) }
        }
        return "/"
    }

    // MARK: Routes

    /// A route of any method. See `get`.
    public func on<each Value: ParameterValue>(
        _ method: HTTPRequest.Method, _ pattern: String, _ types: repeat (each Value).Type,
        about details: RouteDetails = RouteDetails(),
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        add(method, pattern, repeat each types, about: details, handler: handler)
    }

    /// A route for whatever method a request has. Routes with a method of their own at the same path come first.
    public func any<each Value: ParameterValue>(
        _ pattern: String, _ types: repeat (each Value).Type, about details: RouteDetails = RouteDetails(),
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        add(nil, pattern, repeat each types, about: details, handler: handler)
    }

    /// A route for GET, which HEAD also takes.
    ///
    /// ```swift
    /// routes.get("/status") { call in .text("well") }
    /// routes.get("/projects/:project/traces/:trace", ProjectSlug.self, TraceID.self) { call, project, trace in
    ///     try .json(await find(trace, in: project, call.env))
    /// }
    /// ```
    /// - Parameters:
    ///   - pattern: `/literal/:parameter/*tail`, behind the group's prefix. The empty text is the prefix itself.
    ///   - types: either none, and the handler reads `call.parameters` itself; or one for every parameter of the whole
    ///     pattern, the group's included. A text that is not of its type is answered with 400.
    ///   - details: what the route says about itself.
    public func get<each Value: ParameterValue>(
        _ pattern: String, _ types: repeat (each Value).Type, about details: RouteDetails = RouteDetails(),
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        add(.get, pattern, repeat each types, about: details, handler: handler)
    }

    /// A route for POST. See `get`.
    public func post<each Value: ParameterValue>(
        _ pattern: String, _ types: repeat (each Value).Type, about details: RouteDetails = RouteDetails(),
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        add(.post, pattern, repeat each types, about: details, handler: handler)
    }

    /// A route for PUT. See `get`.
    public func put<each Value: ParameterValue>(
        _ pattern: String, _ types: repeat (each Value).Type, about details: RouteDetails = RouteDetails(),
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        add(.put, pattern, repeat each types, about: details, handler: handler)
    }

    /// A route for PATCH. See `get`.
    public func patch<each Value: ParameterValue>(
        _ pattern: String, _ types: repeat (each Value).Type, about details: RouteDetails = RouteDetails(),
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        add(.patch, pattern, repeat each types, about: details, handler: handler)
    }

    /// A route for DELETE. See `get`.
    public func delete<each Value: ParameterValue>(
        _ pattern: String, _ types: repeat (each Value).Type, about details: RouteDetails = RouteDetails(),
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        add(.delete, pattern, repeat each types, about: details, handler: handler)
    }

    private func add<each Value: ParameterValue>(
        _ method: HTTPRequest.Method?, _ pattern: String, _ types: repeat (each Value).Type,
        about details: RouteDetails,
        handler: @escaping @Sendable (Call<Env>, repeat each Value) async throws -> Response
    ) {
        var valueTypes: [ValueType] = []
        repeat valueTypes.append((each Value).valueType)
        let count = valueTypes.count
        let erased: Handler<Env> = { call in
            // Mounting may have put further parameters in front, so the handler's own are the last ones.
            var cursor = ParameterCursor(call.parameters, last: count)
            return try await handler(call, repeat try cursor.next((each Value).self))
        }
        items.append(
            .route(Draft(method: method, pattern: pattern, details: details, types: valueTypes, handler: erased)))
    }
}

/// Reads parameters one after the other.
private struct ParameterCursor {
    private let parameters: RouteParameters
    private var index: Int

    init(_ parameters: RouteParameters, last count: Int) {
        self.parameters = parameters
        index = parameters.values.count - count
    }

    mutating func next<Value: ParameterValue>(_ type: Value.Type) throws -> Value {
        defer { index += 1 }
        return try parameters.value(at: index, as: type)
    }
}
