import HTTPTypes

extension CachePolicy {
    /// What responses to a request are stored under. Requests with the same key are answered from the same responses.
    ///
    /// - Parameter target: of another URL of the same origin, as `invalidated` names them; the request's own if absent.
    package func key(for request: CacheRequest, target: String? = nil) -> String {
        if target == nil, let key = program?.key { return key }
        var key = keysByOrigin ? SameOrigin(request).text : ""
        key += target ?? request.target
        for name in keyFields {
            guard let field = HTTPField.Name(name) else { continue }
            for value in request.fields[values: field] { key += "\n\(name): \(value)" }
        }
        return key
    }
}
