/// The values of a route's path parameters, with their percent-encoding resolved.
///
/// ```swift
/// routes.get("/projects/:project/traces/:trace") { call in
///     let trace = try call.parameters("trace", as: TraceID.self)
///     …
/// }
/// ```
public struct RouteParameters: Sendable, Hashable {
    /// In the order of the pattern, as is `values`. A tail without a name is called `*`.
    public let names: [String]
    public let values: [String]

    public init(names: [String] = [], values: [String] = []) {
        self.names = names
        self.values = values
    }

    /// The text of a parameter; `nil` when the pattern has none of this name.
    public subscript(name: String) -> String? {
        for (index, candidate) in names.enumerated() where candidate == name { return values[index] }
        return nil
    }

    /// What the `*` at the end of the pattern stands for, without a leading slash. An escaped slash in it is a slash.
    public var tail: String? { self["*"] }

    /// A parameter read as `type`.
    ///
    /// - Throws: `Problem` 400 `invalid_path_parameter` for a text that is not of the type; `UnknownParameter`, which is the
    ///   handler's mistake, for a name that the pattern does not have.
    public func callAsFunction<Value: ParameterValue>(
        _ name: String, as type: Value.Type = String.self
    ) throws -> Value {
        for (index, candidate) in names.enumerated() where candidate == name { return try value(at: index, as: type) }
        throw UnknownParameter(name: name, known: names)
    }

    func value<Value: ParameterValue>(at index: Int, as type: Value.Type) throws -> Value {
        guard let value = Value(parameter: values[index]) else {
            throw Problem(
                .badRequest, code: "invalid_path_parameter",
                "“\(names[index])” in the path must be \(Value.valueType.sentence).")
        }
        return value
    }
}

/// A handler asked for a path parameter that its route does not have.
public struct UnknownParameter: Error, Sendable, Hashable, CustomStringConvertible {
    public var name: String
    public var known: [String]

    public var description: String {
        let list = known.isEmpty ? "none" : known.joined(separator: ", ")
        return "The route has no path parameter “\(name)”; it has \(list)."
    }
}
