/// Who is calling, as an authentication middleware found out.
enum PrincipalKey<Principal: Sendable>: CallKey {
    typealias Value = Principal
}

extension Call {
    /// Who is calling: the value that an authentication middleware inside whose group the route is has returned.
    ///
    /// - Throws: `Problem` 401 `not_authenticated` when no such middleware has let the call in.
    public func principal<Principal: Sendable>(_ type: Principal.Type = Principal.self) throws -> Principal {
        guard let principal = values[PrincipalKey<Principal>.self] else {
            throw Problem(.unauthorized, code: "not_authenticated", "This needs authentication.")
        }
        return principal
    }

    /// The same call made by somebody; for middleware of the application's own, such as one that reads a session.
    public func authenticated<Principal: Sendable>(as principal: Principal) -> Call {
        var call = self
        call.values[PrincipalKey<Principal>.self] = principal
        return call
    }
}
