extension Bindings.Value {
    /// A queue that the Worker may send to.
    public static func queue(_ queue: any Queue) -> Bindings.Value { .init(kind: "queue", resource: queue) }
}

extension Bindings {
    /// A queue to send to: `[[queues.producers]]` in the configuration.
    public func queue(_ name: String) throws -> any Queue {
        resource(name, kind: "queue", as: (any Queue).self, orElse: MissingQueue())
    }
}
