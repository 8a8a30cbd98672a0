import Synchronization

/// The named resources that the host gives to a Worker, as `wrangler.toml` lists them.
///
/// A look-up that fails answers with a placeholder and is remembered, so that one start-up reports every missing name at
/// once: the host calls `verify()` after the environment was built.
public struct Bindings: Sendable {
    /// One resource and its kind.
    ///
    /// Each kind of binding adds a way to make its value (`.kv(…)`) and one to look it up (`bindings.kv("NAME")`) in its own
    /// folder.
    public struct Value: Sendable {
        /// The kind, in the words of the configuration.
        public let kind: String
        let resource: any Sendable

        public init(kind: String, resource: any Sendable) {
            self.kind = kind
            self.resource = resource
        }
    }

    /// Name and kind of one binding, for listings.
    public struct Description: Sendable, Hashable {
        public var name: String
        public var kind: String
    }

    private let values: [String: Value]
    private let missing = Problems()

    public init(_ values: [String: Value]) { self.values = values }

    /// All bindings, sorted by name. Values are left out: a var may be a secret.
    public var descriptions: [Description] {
        values.map { Description(name: $0.key, kind: $0.value.kind) }.sorted { $0.name < $1.name }
    }

    /// Throws one `MissingBindings` that names everything the environment asked for in vain.
    public func verify() throws {
        let problems = missing.all
        if !problems.isEmpty { throw MissingBindings(problems: problems) }
    }

    /// Looks a resource up.
    ///
    /// - Parameters:
    ///   - type: the type that the environment holds. It is named, since the placeholder's own type would be inferred.
    ///   - placeholder: what the environment gets when there is none, until `verify()` has reported it.
    public func resource<Resource>(
        _ name: String, kind: String, as type: Resource.Type, orElse placeholder: @autoclosure () -> Resource
    ) -> Resource {
        if let value = values[name], value.kind == kind, let resource = value.resource as? Resource { return resource }
        missing.add(.init(name: name, expected: kind, found: values[name]?.kind))
        return placeholder()
    }

    /// The resource under this name if there is one of this kind; its absence is no problem.
    public func optionalResource<Resource>(_ name: String, kind: String, as type: Resource.Type) -> Resource? {
        guard let value = values[name], value.kind == kind else { return nil }
        return value.resource as? Resource
    }

    private final class Problems: Sendable {
        private let list = Mutex<[MissingBindings.Problem]>([])
        var all: [MissingBindings.Problem] { list.withLock { $0 } }
        func add(_ problem: MissingBindings.Problem) { list.withLock { $0.append(problem) } }
    }
}

/// The bindings that a Worker needs and the configuration does not give.
public struct MissingBindings: Error, Sendable, Hashable, CustomStringConvertible {
    public struct Problem: Sendable, Hashable {
        public var name: String
        public var expected: String
        /// The kind under which the configuration has the name; `nil` when it has it not at all.
        public var found: String?
    }

    public var problems: [Problem]

    public var description: String { problems.map(\.sentence).joined(separator: "\n") }
}

extension MissingBindings.Problem {
    /// What is wrong, in one sentence.
    public var sentence: String {
        if let found {
            "\(name) has the kind \(found) in the configuration; the Worker needs the kind \(expected)."
        } else {
            "\(name) is missing in the configuration; the Worker needs it with the kind \(expected)."
        }
    }
}
