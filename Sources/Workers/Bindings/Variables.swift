/// Variables and secrets: plain text, or a value that the configuration writes as a number, a boolean, a list or a table.
/// See the Workers documentation, "Environment variables" and "Secrets".
extension Bindings.Value {
    public static func text(_ text: String) -> Bindings.Value { Bindings.Value(kind: "var", resource: text) }
    public static func json(_ json: JSON) -> Bindings.Value { Bindings.Value(kind: "json var", resource: json) }
}

extension Bindings {
    /// A plain text variable or a secret.
    public func text(_ name: String) throws -> String { resource(name, kind: "var", as: String.self, orElse: "") }

    /// A text variable that may be absent.
    public func optionalText(_ name: String) -> String? { optionalResource(name, kind: "var", as: String.self) }

    /// A variable that is written as a number, a boolean, a list or a table.
    public func json(_ name: String) throws -> JSON { resource(name, kind: "json var", as: JSON.self, orElse: .null) }
}
