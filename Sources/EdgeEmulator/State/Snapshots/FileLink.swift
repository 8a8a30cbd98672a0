import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Files that never change once they are complete are linked instead of copied: a snapshot of many gigabytes takes no room.
enum FileLink {
    /// Gives a file another name. Where a link is impossible, as on another file system, it becomes a copy.
    static func make(from source: String, to target: String) throws(StateFailure) {
        if link(source, target) == 0 { return }
        switch errno {
        case EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS: try copy(from: source, to: target)
        case ENOENT where access(source, F_OK) != 0: throw .lost(source)
        case let number: throw .system(target, number)
        }
    }

    /// Copies a file that nobody writes to.
    static func copy(from source: String, to target: String) throws(StateFailure) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw .system(source, errno) }
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw .system(target, errno) }
        defer { close(output) }
        while true {
            let count = sendfile(output, input, nil, 1 << 30)
            if count == 0 { return }
            guard count > 0 || errno == EINTR else { throw .system(target, errno) }
        }
    }

    /// Creates a folder unless it is there.
    static func makeFolder(_ path: String) throws(StateFailure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(path, errno) }
    }

    /// Removes a file or a folder with all that is in it; one that is not there is no error.
    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
