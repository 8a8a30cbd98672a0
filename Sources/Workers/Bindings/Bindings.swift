import Synchronization

/// The named resources that the host gives to a Worker, as `wrangler.toml` lists them.
///
/// A look-up that fails answers with a placeholder and is remembered, so that one start-up reports every missing name at
/// once: the host calls `verify()` after the environment was built.
public struct Bindings: Sendable {
    /// One resource.
    public enum Value: Sendable {
        case text(String)
        /// A variable that is not text in the configuration: a number, a boolean, a list or a table.
        case json(JSON)
        case assets(any AssetFetcher)
        case versionMetadata(VersionMetadata)

        /// The kind, in the words of the configuration.
        public var kind: String {
            switch self {
            case .text: "var"
            case .json: "json var"
            case .assets: "assets"
            case .versionMetadata: "version_metadata"
            }
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

    /// A plain text variable or a secret.
    public func text(_ name: String) throws -> String {
        guard case .text(let text) = find(name, as: "var") else { return "" }
        return text
    }

    /// A text variable that may be absent.
    public func optionalText(_ name: String) -> String? {
        guard case .text(let text) = values[name] else { return nil }
        return text
    }

    /// A variable that is written as a number, a boolean, a list or a table.
    public func json(_ name: String) throws -> JSON {
        guard case .json(let json) = find(name, as: "json var") else { return .null }
        return json
    }

    /// The site's static assets.
    public func assets(_ name: String) throws -> any AssetFetcher {
        guard case .assets(let assets) = find(name, as: "assets") else { return NoAssets() }
        return assets
    }

    /// What is deployed.
    public func versionMetadata(_ name: String) throws -> VersionMetadata {
        guard case .versionMetadata(let metadata) = find(name, as: "version_metadata") else {
            return VersionMetadata { VersionMetadata.Version(id: "", tag: "", timestamp: 0) }
        }
        return metadata
    }

    /// Throws one `MissingBindings` that names everything the environment asked for in vain.
    public func verify() throws {
        let problems = missing.all
        if !problems.isEmpty { throw MissingBindings(problems: problems) }
    }

    private func find(_ name: String, as kind: String) -> Value? {
        guard let value = values[name] else {
            missing.add(.init(name: name, expected: kind, found: nil))
            return nil
        }
        guard value.kind == kind else {
            missing.add(.init(name: name, expected: kind, found: value.kind))
            return nil
        }
        return value
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

    public var description: String {
        problems.map { problem in
            if let found = problem.found {
                "\(problem.name) has the kind \(found) in the configuration; the Worker needs the kind \(problem.expected)."
            } else {
                "\(problem.name) is missing in the configuration; the Worker needs it with the kind \(problem.expected)."
            }
        }.joined(separator: "\n")
    }
}
