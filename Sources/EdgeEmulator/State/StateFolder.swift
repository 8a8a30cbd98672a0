import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The folder in which the emulator keeps everything that outlives a process, held by one process at a time.
///
/// What is cached in memory is only right while nobody else writes the files, so the folder carries a lock. It is an
/// `flock`: the kernel drops it with the process, however that ends, and no stale lock file has to be removed.
public final class StateFolder: Sendable {
    /// Absolute, with symbolic links resolved.
    public let path: String
    private let lock: Mutex<Int32?>

    /// Creates the folder, readable by its owner alone, if it is missing, and takes it.
    ///
    /// - Throws: `StateFailure` of the kinds `inUse` (naming the process that holds it), `readOnly`, `full`, `unavailable`.
    public init(path: String) throws(StateFailure) {
        try Self.create(path)
        guard let resolved = realpath(path, nil) else { throw .system(path, errno) }
        self.path = String(cString: resolved)
        free(resolved)
        // The owner of a read-only folder could still open a lock file that is there already.
        guard access(self.path, W_OK | X_OK) == 0 else { throw .system(self.path, errno) }

        let file = self.path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let number = errno
            // A file that is there has rights of its own; one that cannot be made is a matter of the folder.
            throw .system(access(file, F_OK) == 0 ? file : self.path, number)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            let holder = Self.number(in: descriptor)
            Glibc.close(descriptor)
            throw number == EWOULDBLOCK ? .inUse(self.path, by: holder) : .system(self.path, number)
        }
        // Only a message depends on the number, so a full disk does not stop the start here.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
        lock = Mutex(descriptor)
    }

    deinit { close() }

    /// Lets another process have the folder. Close its databases first.
    public func close() {
        let descriptor = lock.withLock { held in
            defer { held = nil }
            return held
        }
        // The file stays: whoever opened it meanwhile would otherwise lock a file that has no name any more.
        if let descriptor { _ = Glibc.close(descriptor) }
    }

    private static func create(_ path: String) throws(StateFailure) {
        if mkdir(path, 0o700) == 0 { return }
        switch errno {
        case EEXIST:
            var status = stat()
            guard stat(path, &status) == 0 else { throw .system(path, errno) }
            guard status.st_mode & S_IFMT == S_IFDIR else { throw .system(path, ENOTDIR) }
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw .system(path, ENOENT) }
            try create(String(path[..<slash]))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(path, errno) }
        case let number:
            throw .system(path, number)
        }
    }

    private static func number(in descriptor: Int32) -> Int? {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: buffer[..<count].prefix { $0 != 10 }, as: UTF8.self))
    }
}
