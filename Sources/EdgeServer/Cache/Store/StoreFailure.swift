/// Why a store could not do something. None of these is a reason to fail a request: the answer comes from the origin then.
package enum StoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The body is longer than what this store keeps.
    case tooLarge
    /// Neither eviction nor waiting makes room.
    case full
    /// The writer gave up; a body is not complete.
    case aborted
    /// What the disk has is not what was written.
    case damaged
    case closed
    /// Another process has the folder.
    case inUse(folder: String, process: Int?)
    /// A system call on a path failed.
    case disk(path: String, code: Int32)

    package var description: String {
        switch self {
        case .tooLarge: "The body is larger than the cache stores."
        case .full: "The cache is full of what it cannot let go."
        case .aborted: "The response broke off before its end."
        case .damaged: "A cache file is damaged."
        case .closed: "The cache is closed."
        case .inUse(let folder, let process):
            "Another process" + (process.map { " (\($0))" } ?? "") + " uses the cache folder \(folder)."
        case .disk(let path, let code): "The cache cannot use \(path): \(SystemError.text(code))."
        }
    }
}
