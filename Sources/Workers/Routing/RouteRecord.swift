import HTTPTypes

/// One route of a router, ready to be put into a table or under a prefix.
struct RouteRecord<Env: Sendable>: Sendable {
    var method: HTTPRequest.Method?
    var pattern: RoutePattern
    var description: RouteDescription
    /// Outermost first.
    var middleware: [Wrap<Env>]
    var handler: Handler<Env>

    /// The same route for a larger environment.
    func lifted<Whole: Sendable>(_ part: @escaping @Sendable (Whole) -> Env) -> RouteRecord<Whole> {
        let handler = handler
        let layers = middleware.map { layer -> Wrap<Whole> in
            { next in
                { call in
                    let env = call.env
                    let inner = layer { innerCall in try await next(innerCall.with(env: env)) }
                    return try await inner(call.with(env: part(env)))
                }
            }
        }
        return RouteRecord<Whole>(
            method: method, pattern: pattern, description: description, middleware: layers,
            handler: { call in try await handler(call.with(env: part(call.env))) })
    }

    /// The same route inside a group.
    func placed(
        under prefix: RoutePattern, in group: RouteGroup<Env>
    ) throws(RoutePattern.Malformed) -> RouteRecord<Env> {
        var record = self
        record.pattern = try pattern.prefixed(by: prefix)
        record.middleware = group.middleware + middleware
        record.description.pattern = record.pattern.text
        if record.description.access == nil { record.description.access = group.access }
        record.description.tags = group.tags + description.tags
        let outer = prefix.names.map { name in
            RouteDetails.Parameter(name, in: .path, type: ValueType(.string), isRequired: true)
        }
        record.description.parameters = outer + description.parameters
        return record
    }
}

/// Turns a group and everything in it into records, collecting what is wrong instead of stopping at the first.
struct RouteCollector<Env: Sendable> {
    private(set) var records: [RouteRecord<Env>] = []
    private(set) var problems: [String] = []

    /// - Parameter path: the groups around and including `group`, outermost first.
    mutating func collect(_ group: RouteGroup<Env>, path: [RouteGroup<Env>] = []) {
        let path = path + [group]
        for item in group.items {
            switch item {
            case .group(let inner): collect(inner, path: path)
            case .route(let draft): add(draft, path)
            case .mounted(let mounted, let prefix):
                for record in mounted { add(record, prefix, path) }
            }
        }
    }

    private mutating func add(_ draft: RouteGroup<Env>.Draft, _ path: [RouteGroup<Env>]) {
        let whole = path.map(\.prefix).joined() + draft.pattern
        let label = "\(draft.method?.rawValue ?? "any method") \(whole)"
        do {
            let pattern = try RoutePattern(draft.pattern)
            var record = RouteRecord(
                method: draft.method, pattern: pattern, description: Self.describe(draft, pattern), middleware: [],
                handler: draft.handler)
            for group in path.reversed() { record = try record.placed(under: try Self.prefix(group.prefix), in: group) }
            guard !record.pattern.segments.isEmpty else { return problems.append("\(label) has no path.") }
            let names = record.pattern.names
            guard draft.types.isEmpty || draft.types.count == names.count else {
                problems.append(
                    "\(label) has \(names.count) parameters (\(names.joined(separator: ", "))), "
                        + "and its handler takes \(draft.types.count).")
                return
            }
            for (index, type) in draft.types.enumerated() { record.description.parameters[index].type = type }
            records.append(record)
        } catch {
            problems.append("\(label): \(Self.text(error))")
        }
    }

    private mutating func add(_ mounted: RouteRecord<Env>, _ prefix: String, _ path: [RouteGroup<Env>]) {
        do {
            let place = RouteGroup<Env>(prefix: prefix, access: nil, tags: [])
            var record = mounted
            for group in [place] + path.reversed() {
                record = try record.placed(under: try Self.prefix(group.prefix), in: group)
            }
            records.append(record)
        } catch {
            problems.append("\(mounted.description) mounted under “\(prefix)”: \(Self.text(error))")
        }
    }

    private static func prefix(_ text: String) throws(RoutePattern.Malformed) -> RoutePattern {
        let pattern = try RoutePattern(text)
        switch pattern.segments.last {
        case .literal(""): throw RoutePattern.Malformed(text, "a prefix does not end with “/”")
        case .tail: throw RoutePattern.Malformed(text, "a prefix cannot have a tail")
        default: return pattern
        }
    }

    private static func describe(_ draft: RouteGroup<Env>.Draft, _ pattern: RoutePattern) -> RouteDescription {
        let details = draft.details
        var parameters = pattern.names.map { name in
            RouteDetails.Parameter(name, in: .path, type: ValueType(.string), isRequired: true)
        }
        for (place, inputs) in [(RouteDetails.Parameter.Place.query, details.query), (.header, details.headers)] {
            for input in inputs {
                parameters.append(
                    .init(
                        input.name, in: place, type: input.type, isRequired: input.isRequired, summary: input.summary))
            }
        }
        return RouteDescription(
            method: draft.method, pattern: pattern.text, summary: details.summary, access: details.access,
            tags: details.tags, parameters: parameters, body: details.body, answers: details.answers,
            isDeprecated: details.isDeprecated)
    }

    private static func text(_ error: any Error) -> String {
        guard let malformed = error as? RoutePattern.Malformed else { return String(describing: error) }
        return "the pattern “\(malformed.pattern)” is malformed: \(malformed.reason)."
    }
}
