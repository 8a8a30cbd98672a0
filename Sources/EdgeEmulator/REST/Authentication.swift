import HTTPTypes
import Workers

/// Whether a request carries the token: as `Authorization: Bearer`, or as the key of the pair `X-Auth-Email`, `X-Auth-Key`.
struct Authentication: Sendable {
    let token: String

    private static let email = HTTPField.Name("X-Auth-Email")
    private static let key = HTTPField.Name("X-Auth-Key")

    /// - Throws: what says that the credentials are missing, or wrong.
    func check(_ headers: Headers) throws(RESTError) {
        guard let given = Authentication.given(headers) else { throw .missingCredentials }
        // In a time that says nothing about the token.
        guard ConstantTime.areEqual(given, token) else { throw .wrongCredentials }
    }

    private static func given(_ headers: Headers) -> String? {
        if let field = headers[.authorization] {
            let parts = field.split(separator: " ", omittingEmptySubsequences: true)
            if parts.count == 2, parts[0].lowercased() == "bearer" { return String(parts[1]) }
        }
        guard let email, let key, let address = headers[email], !address.isEmpty else { return nil }
        return headers[key].flatMap { $0.isEmpty ? nil : $0 }
    }
}
