extension Bindings.Value {
    public static func service(_ worker: any Fetcher) -> Bindings.Value {
        Bindings.Value(kind: "service", resource: worker)
    }
}

extension Bindings {
    /// Another Worker (`[[services]]`): `fetch` runs its handler in place. The URL's host is free to choose; what the callee
    /// throws is thrown here. See the Workers documentation, "Service bindings".
    public func service(_ name: String) throws -> any Fetcher {
        resource(name, kind: "service", as: (any Fetcher).self, orElse: MissingService())
    }
}

/// Stands in until start-up has reported that the service is missing.
private struct MissingService: Fetcher {
    func fetch(_ request: Request) async throws -> Response {
        throw WorkersError(.typeError, "This service is not bound.")
    }
}
