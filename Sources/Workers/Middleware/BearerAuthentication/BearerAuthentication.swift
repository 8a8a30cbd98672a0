import HTTPTypes

/// Lets in who has a token: `Authorization: Bearer …`, RFC 6750.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(
///         BearerAuthentication(realm: "api") { token, call in
///             ConstantTime.areEqual(token, "lp_secret") ? Robot(name: "build") : nil
///         })
///     routes.get("/me") { call in .text(try call.principal(Robot.self).name) }
/// }
/// ```
/// Without a token the answer is 401, with one that is refused 401 `invalid_token`, and with a field that is malformed or
/// there twice 400 `invalid_request`, each with `WWW-Authenticate`. Tokens in the query or the body are not read
/// (RFC 6750 §2.3 advises against them).
public struct BearerAuthentication<Env: Sendable, Principal: Sendable>: Middleware {
    private let realm: String
    private let verify: @Sendable (String, Call<Env>) async throws -> Principal?

    /// - Parameters:
    ///   - realm: names what is protected, for the client.
    ///   - verify: who has this token, or `nil` for nobody. Look a token up by its hash, or compare it by
    ///     `ConstantTime.areEqual`; `==` takes longer the more of a guess is right.
    public init(
        realm: String, verify: @escaping @Sendable (_ token: String, _ call: Call<Env>) async throws -> Principal?
    ) {
        self.realm = realm
        self.verify = verify
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        let lines = call.request.headers[values: .authorization]
        guard let line = lines.first, let credentials = AuthorizationField(line), credentials.scheme == "bearer" else {
            throw refusal(.unauthorized, code: "not_authenticated", "This needs a token.", error: nil)
        }
        guard lines.count == 1, AuthorizationField.isToken68(credentials.rest) else {
            throw refusal(
                .badRequest, code: "invalid_authorization", "The Authorization field is malformed.",
                error: "invalid_request")
        }
        guard let principal = try await verify(credentials.rest, call) else {
            throw refusal(
                .unauthorized, code: "invalid_token", "The token is unknown, expired or revoked.",
                error: "invalid_token")
        }
        return try await next(call.authenticated(as: principal))
    }

    private func refusal(
        _ status: HTTPResponse.Status, code: String, _ message: String, error: String?
    ) -> Problem {
        var challenge = "Bearer realm=\(AuthorizationField.quoted(realm))"
        if let error { challenge += ", error=\"\(error)\"" }
        return Problem(status, code: code, message, headers: [.wwwAuthenticate: challenge])
    }
}
