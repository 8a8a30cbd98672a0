import HTTPTypes

/// Adds the fields that switch off what browsers do for historical reasons.
///
/// ```swift
/// let router = try Router<Env> { routes in
///     routes.use(SecureHeaders())
///     routes.get("/status") { call in .text("well") }
/// }
/// ```
/// The defaults suit an API: nothing may be loaded, framed or sniffed. A site with pages gives its own
/// `contentSecurityPolicy`. A field that the handler has set is left as it is. `Strict-Transport-Security` is only sent
/// over https (RFC 6797 §7.2).
public struct SecureHeaders<Env: Sendable>: Middleware {
    private let always: [HTTPField]
    private let overTLS: [HTTPField]

    /// - Parameters: each a field's value; `nil` leaves the field out.
    ///   - contentSecurityPolicy: Content Security Policy Level 3.
    ///   - strictTransportSecurity: RFC 6797 §6.1. `preload` is a decision that is hard to take back; it is not the default.
    ///   - referrerPolicy: Referrer Policy §3.
    ///   - frameOptions: HTML standard, "The X-Frame-Options header"; for browsers without `frame-ancestors`.
    ///   - openerPolicy: HTML standard, "Cross-Origin-Opener-Policy".
    ///   - resourcePolicy: Fetch standard, "Cross-Origin-Resource-Policy". CORS requests are not subject to it.
    ///   - permissionsPolicy: Permissions Policy §5.
    public init(
        contentSecurityPolicy: String? = "default-src 'none'; frame-ancestors 'none'",
        strictTransportSecurity: String? = "max-age=31536000; includeSubDomains",
        referrerPolicy: String? = "strict-origin-when-cross-origin", frameOptions: String? = "DENY",
        openerPolicy: String? = "same-origin", resourcePolicy: String? = "same-origin",
        permissionsPolicy: String? = nil
    ) {
        var fields = [HTTPField(name: .xContentTypeOptions, value: "nosniff")]
        func add(_ name: String, _ value: String?) {
            guard let value, let name = HTTPField.Name(name) else { return }
            fields.append(HTTPField(name: name, value: value))
        }
        add("Content-Security-Policy", contentSecurityPolicy)
        add("Referrer-Policy", referrerPolicy)
        add("X-Frame-Options", frameOptions)
        add("Cross-Origin-Opener-Policy", openerPolicy)
        add("Cross-Origin-Resource-Policy", resourcePolicy)
        add("Permissions-Policy", permissionsPolicy)
        always = fields
        overTLS = strictTransportSecurity.map { [HTTPField(name: .strictTransportSecurity, value: $0)] } ?? []
    }

    public func handle(_ call: Call<Env>, next: Next<Env>) async throws -> Response {
        var response = try await next(call)
        for field in always where !response.headers.contains(field.name) { response.headers.append(field) }
        guard call.request.url.scheme == "https" else { return response }
        for field in overTLS where !response.headers.contains(field.name) { response.headers.append(field) }
        return response
    }
}
