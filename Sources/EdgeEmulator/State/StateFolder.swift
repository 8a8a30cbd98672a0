import Foundation
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
    private let holder: Mutex<StateHolder>

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
        if descriptor < 0 {
            let number = errno
            // A lock that is there is itself what cannot be opened; otherwise it is the folder that takes no file.
            throw .system(access(file, F_OK) == 0 ? file : self.path, number)
        }
        guard Self.lock(descriptor) else {
            let number = errno
            let holder = Self.holder(in: descriptor)
            Glibc.close(descriptor)
            throw number == EWOULDBLOCK ? .inUse(self.path, by: holder) : .system(self.path, number)
        }
        let holder = StateHolder.current(since: Int(Date().timeIntervalSince1970 * 1000))
        self.holder = Mutex(holder)
        lock = Mutex(descriptor)
        Self.write(holder, to: descriptor)
    }

    /// Tells those who find the folder taken whom they can ask for something.
    ///
    /// - Parameter services: the URL of the emulator's services.
    func announce(services: String) {
        let holder = holder.withLock { holder in
            holder.services = services
            return holder
        }
        lock.withLock { if let descriptor = $0 { Self.write(holder, to: descriptor) } }
    }

    /// Who has taken a folder last, which is who holds it after taking it has failed with `inUse`.
    static func lastHolder(of path: String) -> StateHolder? {
        let descriptor = open(path + "/lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        return holder(in: descriptor)
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

    /// A lock that this very process has given up may be held for a moment more: by a child that was forked, and has not
    /// become its program yet.
    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 1...10 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            let number = errno
            guard number == EWOULDBLOCK, holder(in: descriptor)?.process == Int(getpid()) else {
                errno = number
                return false
            }
            usleep(20_000)
        }
        errno = EWOULDBLOCK
        return false
    }

    /// Only a message depends on it, so a full disk does not stop anything here.
    private static func write(_ holder: StateHolder, to descriptor: Int32) {
        let text = Array(holder.text.utf8)
        // First the new text, then the end of it: whoever reads meanwhile finds a number.
        if pwrite(descriptor, text, text.count, 0) == text.count { _ = ftruncate(descriptor, off_t(text.count)) }
    }

    private static func holder(in descriptor: Int32) -> StateHolder? {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? StateHolder(buffer[..<count]) : nil
    }
}
