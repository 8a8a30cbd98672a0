/// What tells one state of a file from another without reading it.
public struct FileStamp: Sendable, Hashable {
    public var size: Int
    /// Nanoseconds since 1970.
    public var modified: Int64
    public var inode: UInt64

    public init(size: Int, modified: Int64, inode: UInt64) {
        self.size = size
        self.modified = modified
        self.inode = inode
    }
}

/// One name in a folder.
public struct FolderEntry: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// A regular file, or a symbolic link to one, with the stamp of the file itself.
        case file(FileStamp)
        case folder
        /// A symbolic link to a folder; such folders are not entered.
        case linkedFolder
        /// Sockets, devices, links to nothing.
        case other
    }

    public var name: String
    public var kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// The little that loading a bundle needs from a disk. Paths are the folder's own path with names appended.
public protocol AssetFileSystem {
    /// The entries of a folder, in any order, without `.` and `..`.
    func entries(of folder: String) throws(FileSystemFailure) -> [FolderEntry]
    func read(_ file: String) throws(FileSystemFailure) -> [UInt8]
}

/// A refusal of the operating system.
public struct FileSystemFailure: Error, Sendable, Hashable {
    public enum Code: Sendable, Hashable { case missing, notAFolder, other }

    public var code: Code
    public var path: String
    /// In the system's words: `Permission denied`.
    public var explanation: String

    public init(_ code: Code, path: String, explanation: String) {
        self.code = code
        self.path = path
        self.explanation = explanation
    }
}
