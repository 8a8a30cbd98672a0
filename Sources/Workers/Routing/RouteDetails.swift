import HTTPTypes

/// What a route says about itself, for OpenAPI documents and access matrices.
///
/// ```swift
/// routes.get(
///     "/projects/:project/traces", ProjectSlug.self,
///     about: .init(
///         "List traces, newest first", access: [.member], tags: ["traces"],
///         query: [.optional("limit", Int.self, "At most 200; 50 if absent"), .optional("cursor", String.self)],
///         answers: [.init(.ok, "TraceList"), .init(.notFound, "Problem")])
/// ) { call, project in … }
/// ```
/// Parameters of the path come from the pattern and need not be repeated.
public struct RouteDetails: Sendable, Hashable {
    /// A parameter that is not in the path.
    public struct Parameter: Sendable, Hashable {
        public enum Place: String, Sendable, Hashable { case path, query, header }

        public var name: String
        public var place: Place
        public var type: ValueType
        public var isRequired: Bool
        public var summary: String

        public init(_ name: String, in place: Place, type: ValueType, isRequired: Bool, summary: String = "") {
            self.name = name
            self.place = place
            self.type = type
            self.isRequired = isRequired
            self.summary = summary
        }
    }

    /// A parameter of the query or a header; its list says which.
    public struct Input: Sendable, Hashable {
        public var name: String
        public var type: ValueType
        public var isRequired: Bool
        public var summary: String

        public static func required<Value: ParameterValue>(
            _ name: String, _ type: Value.Type, _ summary: String = ""
        ) -> Input {
            Input(name: name, type: Value.valueType, isRequired: true, summary: summary)
        }

        public static func optional<Value: ParameterValue>(
            _ name: String, _ type: Value.Type, _ summary: String = ""
        ) -> Input {
            Input(name: name, type: Value.valueType, isRequired: false, summary: summary)
        }
    }

    /// The body of the request.
    public struct Content: Sendable, Hashable {
        public var contentType: String
        /// The name of the schema that describes the content.
        public var schema: String?
        public var isRequired: Bool

        public init(_ schema: String? = nil, contentType: String = "application/json", isRequired: Bool = true) {
            self.schema = schema
            self.contentType = contentType
            self.isRequired = isRequired
        }
    }

    /// One possible answer.
    public struct Answer: Sendable, Hashable {
        public var status: HTTPResponse.Status
        /// The name of the schema that describes the content; `nil` for none.
        public var schema: String?
        /// `nil` for an answer without a body.
        public var contentType: String?
        public var summary: String

        /// - Parameter contentType: JSON for an answer with a schema, none without one, unless said otherwise; problem
        ///   documents for 400 and above.
        public init(
            _ status: HTTPResponse.Status, _ schema: String? = nil, contentType: String? = nil, summary: String = ""
        ) {
            self.status = status
            self.schema = schema
            let usual = status.code >= 400 ? "application/problem+json" : "application/json"
            self.contentType = contentType ?? (schema == nil ? nil : usual)
            self.summary = summary
        }
    }

    public var summary: String
    /// Who may call it; any of these. `nil` takes what the group says.
    public var access: [Access]?
    public var tags: [String]
    public var query: [Input]
    public var headers: [Input]
    public var body: Content?
    public var answers: [Answer]
    public var isDeprecated: Bool

    public init(
        _ summary: String = "", access: [Access]? = nil, tags: [String] = [], query: [Input] = [],
        headers: [Input] = [], body: Content? = nil, answers: [Answer] = [], isDeprecated: Bool = false
    ) {
        self.summary = summary
        self.access = access
        self.tags = tags
        self.query = query
        self.headers = headers
        self.body = body
        self.answers = answers
        self.isDeprecated = isDeprecated
    }
}

/// One route as it stands in the router: what it said about itself, and what follows from its place.
public struct RouteDescription: Sendable, Hashable, CustomStringConvertible {
    /// `nil` for a route that takes every method.
    public var method: HTTPRequest.Method?
    /// The whole pattern, with the prefixes of its groups: `/projects/:project/traces`.
    public var pattern: String
    public var summary: String
    /// Who may call it; `nil` when neither the route nor a group around it says.
    public var access: [Access]?
    /// The groups' tags, then its own.
    public var tags: [String]
    /// Of the path in order, then of the query, then headers.
    public var parameters: [RouteDetails.Parameter]
    public var body: RouteDetails.Content?
    public var answers: [RouteDetails.Answer]
    public var isDeprecated: Bool

    /// `GET /projects/:project/traces`.
    public var description: String { "\(method?.rawValue ?? "any method") \(pattern)" }
}
