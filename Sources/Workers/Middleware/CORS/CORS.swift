import HTTPTypes

/// Lets pages of other origins call the routes: the Fetch standard's CORS protocol, preflight requests included.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(try CORS(origins: ["https://app.example.com"], credentials: true))
///     routes.get("/status") { call in .text("well") }
/// }
/// ```
/// CORS tells browsers who may read answers; it does not keep anybody from calling. A request from an origin that is not
/// allowed is answered without the fields, and its preflight with 403. Origins are compared whole and never echoed
/// unless allowed, and any origin with credentials cannot be written down. Put it outside of middleware that refuses
/// requests, since preflight requests carry no credentials and browsers hide errors without the fields.
public struct CORS<Env: Sendable>: Middleware {
    private enum Origins: Sendable {
        case any
        case listed(Set<String>)
        case rule(@Sendable (String, Env) -> Bool)
    }

    private let origins: Origins
    private let credentials: Bool
    private let policy: CORSPolicy

    /// Allows a list of origins, each as browsers write it: `https://app.example.com`, `http://localhost:5173`.
    ///
    /// - Parameter credentials: whether cookies and authentication may come along.
    /// - Throws: `MiddlewareProblem` for an entry that is no origin: a path, a wildcard, capital letters, the scheme's own
    ///   port, `null`.
    public init(origins: [String], credentials: Bool = false, policy: CORSPolicy = CORSPolicy()) throws {
        for origin in origins where !Self.isOrigin(origin) {
            throw MiddlewareProblem(
                "CORS: “\(origin)” is not an origin as browsers write it, like https://app.example.com.")
        }
        self.origins = .listed(Set(origins))
        self.credentials = credentials
        self.policy = policy
    }

    /// Allows the origins for which a rule says so; for lists that come from the configuration.
    ///
    /// ```swift
    /// CORS(credentials: true) { origin, env in env.allowedOrigins.contains(origin) }
    /// ```
    /// - Parameter isAllowed: asked with well-formed origins only, never with `null`. Compare whole origins: a rule that
    ///   looks at a suffix lets `https://evil-example.com` in.
    public init(
        credentials: Bool = false, policy: CORSPolicy = CORSPolicy(),
        isAllowed: @escaping @Sendable (_ origin: String, _ env: Env) -> Bool
    ) {
        origins = .rule(isAllowed)
        self.credentials = credentials
        self.policy = policy
    }

    /// Allows everybody, for data that is public: `Access-Control-Allow-Origin: *`, without credentials.
    public init(anyOrigin policy: CORSPolicy) {
        origins = .any
        credentials = false
        self.policy = policy
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        let origin = call.request.headers[.origin]
        let allowed = origin.flatMap { allows($0, call.env) ? $0 : nil }
        let isPreflight =
            call.request.method == .options && origin != nil
            && call.request.headers.contains(.accessControlRequestMethod)
        guard isPreflight else {
            var response = try await next(call)
            mark(&response.headers, allowed)
            if allowed != nil, !policy.exposedHeaders.isEmpty {
                response.headers[.accessControlExposeHeaders] = names(policy.exposedHeaders)
            }
            return response
        }
        guard allowed != nil else {
            throw Problem(
                .forbidden, code: "origin_not_allowed", "Pages of this origin may not call this address.",
                headers: [.vary: "Origin"])
        }
        var response = Response(.noContent)
        mark(&response.headers, allowed)
        response.headers[.accessControlAllowMethods] = policy.methods.map(\.rawValue).joined(separator: ", ")
        if !policy.headers.isEmpty { response.headers[.accessControlAllowHeaders] = names(policy.headers) }
        response.headers[.accessControlMaxAge] = String(policy.maxAge)
        response.headers.addVary(.accessControlRequestMethod, .accessControlRequestHeaders)
        return response
    }

    private func allows(_ origin: String, _ env: Env) -> Bool {
        switch origins {
        case .any: true
        case .listed(let list): list.contains(origin)
        case .rule(let isAllowed): Self.isOrigin(origin) && isAllowed(origin, env)
        }
    }

    private func mark(_ headers: inout Headers, _ allowed: String?) {
        if case .any = origins {
            headers[.accessControlAllowOrigin] = "*"
            return
        }
        // Also on answers to other origins and to none: a cache must not hand them to an allowed one.
        headers.addVary(.origin)
        headers[.accessControlAllowOrigin] = allowed
        headers[.accessControlAllowCredentials] = credentials && allowed != nil ? "true" : nil
    }

    private func names(_ names: [HTTPField.Name]) -> String { names.map(\.rawName).joined(separator: ", ") }

    /// RFC 6454 §6.2, in the one spelling that browsers use.
    private static func isOrigin(_ text: String) -> Bool {
        guard let separator = text.firstRange(of: "://") else { return false }
        let scheme = String(text[..<separator.lowerBound])
        let authority = String(text[separator.upperBound...])
        guard ByteClass.isToken(scheme), scheme == scheme.lowercased(), !authority.utf8.contains(UInt8(ascii: "@"))
        else {
            return false
        }
        guard scheme == "http" || scheme == "https" else {
            return !authority.isEmpty && authority.utf8.allSatisfy { ByteClass.isUnreserved($0) || $0 == 0x3A }
        }
        // A URL may have an asterisk in its host; here it would be taken for a wildcard, which there is none of.
        guard !authority.utf8.contains(UInt8(ascii: "*")), let url = RequestURL(parsing: text + "/") else {
            return false
        }
        return url.path == "/" && url.query == nil && url.authority == authority
    }
}

/// What pages of allowed origins may do.
public struct CORSPolicy: Sendable, Hashable {
    public var methods: [HTTPRequest.Method]
    /// Request fields beside those that are always allowed. `Authorization` must be named to be allowed.
    public var headers: [HTTPField.Name]
    /// Response fields that scripts may read, beside those that they always may.
    public var exposedHeaders: [HTTPField.Name]
    /// Seconds for which a browser may keep the answer to a preflight. Browsers cap it (two hours in Chromium).
    public var maxAge: Int

    public init(
        methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete],
        headers: [HTTPField.Name] = [.contentType], exposedHeaders: [HTTPField.Name] = [], maxAge: Int = 600
    ) {
        self.methods = methods
        self.headers = headers
        self.exposedHeaders = exposedHeaders
        self.maxAge = maxAge
    }
}
