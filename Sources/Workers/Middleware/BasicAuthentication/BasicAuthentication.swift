import FoundationEssentials
import HTTPTypes

/// Lets in who knows a name and a password: `Authorization: Basic …`, RFC 7617. Browsers ask for them in a dialog.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(
///         BasicAuthentication(realm: "Metrics") { user, password, call in
///             user == "ops" && ConstantTime.areEqual(password, "open sesame") ? Operator(name: user) : nil
///         })
///     routes.get("/metrics") { call in .text("Hello, \(try call.principal(Operator.self).name)") }
/// }
/// ```
/// The password travels readably with every request, so https is a must. Everything but a right pair is answered with
/// 401 and a challenge for UTF-8; a field that is malformed counts as none.
public struct BasicAuthentication<Env: Sendable, Principal: Sendable>: Middleware {
    private let realm: String
    private let verify: @Sendable (String, String, Call<Env>) async throws -> Principal?

    /// - Parameters:
    ///   - realm: shown to the user by browsers.
    ///   - verify: who has this name and password, or `nil` for nobody. Compare the password by
    ///     `ConstantTime.areEqual`, or its slow hash.
    public init(
        realm: String,
        verify: @escaping @Sendable (_ user: String, _ password: String, _ call: Call<Env>) async throws -> Principal?
    ) {
        self.realm = realm
        self.verify = verify
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        let lines = call.request.headers[values: .authorization]
        guard lines.count == 1, let pair = Self.credentials(lines[0]),
            let principal = try await verify(pair.user, pair.password, call)
        else {
            let challenge = "Basic realm=\(AuthorizationField.quoted(realm)), charset=\"UTF-8\""
            throw Problem(
                .unauthorized, code: "not_authenticated", "This needs a name and a password.",
                headers: [.wwwAuthenticate: challenge])
        }
        return try await next(call.authenticated(as: principal))
    }

    /// RFC 7617 §2: the name has no colon, and neither part has control characters.
    private static func credentials(_ line: String) -> (user: String, password: String)? {
        guard let field = AuthorizationField(line), field.scheme == "basic",
            let data = Data(base64Encoded: field.rest), let text = String(validating: data, as: UTF8.self),
            let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        else { return nil }
        return (String(text[..<colon]), String(text[text.utf8.index(after: colon)...]))
    }
}
