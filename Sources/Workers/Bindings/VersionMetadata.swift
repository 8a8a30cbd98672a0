/// The version metadata binding: which deployment answers.
/// See the Workers documentation, "Version metadata binding".
public struct VersionMetadata: Sendable {
    public struct Version: Sendable, Hashable {
        /// Names the deployed content; the hash of the bundle, empty where there is none.
        public var id: String
        /// The release, for people: `0.1.0`.
        public var tag: String
        /// When it went live, in seconds since 1970.
        public var timestamp: Double

        public init(id: String, tag: String, timestamp: Double) {
            self.id = id
            self.tag = tag
            self.timestamp = timestamp
        }
    }

    private let read: @Sendable () -> Version

    /// - Parameter read: asked for each access, because a local edge reloads its bundle while it runs.
    public init(read: @escaping @Sendable () -> Version) { self.read = read }

    public var current: Version { read() }
}

extension Bindings.Value {
    public static func versionMetadata(_ metadata: VersionMetadata) -> Bindings.Value {
        Bindings.Value(kind: "version_metadata", resource: metadata)
    }
}

extension Bindings {
    /// What is deployed.
    public func versionMetadata(_ name: String) throws -> VersionMetadata {
        let none = VersionMetadata { VersionMetadata.Version(id: "", tag: "", timestamp: 0) }
        return resource(name, kind: "version_metadata", as: VersionMetadata.self, orElse: none)
    }
}
