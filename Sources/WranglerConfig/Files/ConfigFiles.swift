import FoundationEssentials

/// The file system as far as configuration needs it; tests bring their own.
public struct ConfigFiles: Sendable {
    public enum Kind: Sendable, Equatable { case file, folder }

    /// What lies at an absolute path; `nil` if there is nothing.
    public var kind: @Sendable (String) -> Kind?
    /// The bytes of a file at an absolute path; throws if it cannot be read.
    public var read: @Sendable (String) throws -> [UInt8]

    public init(
        kind: @escaping @Sendable (String) -> Kind?, read: @escaping @Sendable (String) throws -> [UInt8]
    ) {
        self.kind = kind
        self.read = read
    }

    /// The real file system.
    public static let disk = ConfigFiles(
        kind: { path in
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
            return isFolder ? .folder : .file
        },
        read: { path in Array(try Data(contentsOf: URL(filePath: path))) })

    /// Files by absolute path, from memory. Folders are the beginnings of the paths.
    public static func memory(_ files: [String: String]) -> ConfigFiles {
        ConfigFiles(
            kind: { path in
                if files[path] != nil { return .file }
                return files.keys.contains { $0.hasPrefix(path + "/") } ? .folder : nil
            },
            read: { path in
                guard let text = files[path] else { throw CocoaError(.fileReadNoSuchFile) }
                return Array(text.utf8)
            })
    }
}
