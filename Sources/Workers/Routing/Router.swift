import HTTPTypes

/// Finds the handler for a request. It is built once, when the Worker is made; what is wrong with its routes is thrown then.
///
/// ```swift
/// struct Shop: Worker {
///     struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }
///     let router: Router<Env>
///
///     init() throws {
///         router = try Router { routes in
///             routes.get("/status") { call in .text("well") }
///             routes.group("/articles") { articles in
///                 articles.get("/:number", Int.self) { call, number in .text("Article \(number)") }
///             }
///         }
///     }
///
///     func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
///         try await router.handle(request, env: env, context: context)
///     }
/// }
/// ```
/// What it answers by itself: HEAD from the route for GET, OPTIONS with 204 and `Allow`, 405 with `Allow` for a method
/// that the path does not have (RFC 9110 §15.5.6), 404 for a path that no route has, 400 for a path whose escapes are
/// malformed; the last three as problem documents. The middleware of the whole router surrounds all of these, that of a
/// group also OPTIONS and 405 at the paths of its routes.
public struct Router<Env: Sendable>: Sendable {
    /// Every route in the order of registration.
    public let descriptions: [RouteDescription]

    let records: [RouteRecord<Env>]
    private let table: RouteTable
    private let entries: [RouteEntry]
    private let names: [[String]]
    private let chains: [Handler<Env>]
    /// For each route, its middleware around the router's own answers at its path.
    private let ownAnswers: [Handler<Env>]
    /// The router's middleware around its answer where no route is.
    private let unrouted: Handler<Env>

    /// - Parameters:
    ///   - requiringAccess: whether every route, or a group around it, must say who may call it.
    ///   - problemResponse: how a `Problem` is written; `Problem.response(for:)` if not given.
    /// - Throws: `RouterProblem` with everything that is wrong; and what `build` throws.
    public init(
        requiringAccess: Bool = false,
        problemResponse: @escaping @Sendable (Problem, Call<Env>) -> Response = { $0.response(for: $1) },
        _ build: (RouteGroup<Env>) throws -> Void
    ) throws {
        let root = RouteGroup<Env>(prefix: "", access: nil, tags: [])
        try build(root)
        var collector = RouteCollector<Env>()
        collector.collect(root)
        var problems = collector.problems
        var table = RouteTable()
        let records = collector.records
        for (index, record) in records.enumerated() {
            if let other = table.add(record.pattern, method: record.method, route: index) {
                problems.append(
                    "\(record.description) answers the same requests as \(records[other].description).")
            }
            if requiringAccess, record.description.access == nil {
                problems.append("\(record.description) does not say who may call it.")
            }
        }
        if !problems.isEmpty { throw RouterProblem(problems: problems) }

        let chain = MiddlewareChain(problemResponse: problemResponse)
        self.records = records
        self.table = table
        descriptions = records.map(\.description)
        entries = records.map { RouteEntry($0.description) }
        names = records.map(\.pattern.names)
        chains = records.map { chain.around($0.handler, $0.middleware) }
        ownAnswers = records.map { chain.around(OwnAnswer.answer, $0.middleware) }
        unrouted = chain.around(OwnAnswer.answer, root.middleware)
    }

    /// Answers a request. A `Problem` becomes its response; other errors are thrown on to the host.
    public func handle(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        let response: Response
        switch table.match(request.url.path, request.method) {
        case .found(let found):
            let parameters = RouteParameters(
                names: found.values.isEmpty ? [] : names[found.route], values: found.values)
            let call = Call(
                request, env: env, context: context, parameters: parameters, entry: entries[found.route])
            response = try await chains[found.route](call)
        case .otherMethods(let allowed, let first):
            var call = Call(
                request, env: env, context: context, parameters: RouteParameters(), entry: entries[first])
            call.values[OwnAnswer.self] = .allow(OwnAnswer.allow(allowed))
            response = try await ownAnswers[first](call)
        case .malformed:
            var call = Call(request, env: env, context: context, parameters: RouteParameters(), entry: nil)
            call.values[OwnAnswer.self] = .malformedPath
            response = try await unrouted(call)
        case .none:
            let call = Call(request, env: env, context: context, parameters: RouteParameters(), entry: nil)
            response = try await unrouted(call)
        }
        return request.method == .head ? try response.normalised(for: request) : response
    }
}

/// Everything that is wrong with the routes of a router, one sentence each; conflicts name both routes.
public struct RouterProblem: Error, Sendable, Hashable, CustomStringConvertible {
    public var problems: [String]

    public var description: String { problems.joined(separator: "\n") }
}

/// What the router answers without a handler.
private enum OwnAnswer: CallKey, Sendable {
    typealias Value = OwnAnswer

    case malformedPath
    /// The value of `Allow`.
    case allow(String)

    static func allow(_ methods: [HTTPRequest.Method]) -> String {
        var names = methods.map(\.rawValue)
        if let get = names.firstIndex(of: "GET"), !names.contains("HEAD") { names.insert("HEAD", at: get + 1) }
        return (names + ["OPTIONS"]).joined(separator: ", ")
    }

    static func answer<Env>(_ call: Call<Env>) async throws -> Response {
        switch call.values[OwnAnswer.self] {
        case .allow(let methods) where call.request.method == .options:
            return Response(.noContent, headers: [.allow: methods])
        case .allow(let methods):
            throw Problem(
                .methodNotAllowed, code: "method_not_allowed",
                "\(call.request.method.rawValue) is not possible here.",
                hint: "Possible are \(methods).", headers: [.allow: methods])
        case .malformedPath:
            throw Problem(
                .badRequest, code: "malformed_path", "The path has an escape that is not UTF-8 in hexadecimal.")
        case nil:
            throw Problem(.notFound, code: "not_found", "Nothing answers at this path.")
        }
    }
}
