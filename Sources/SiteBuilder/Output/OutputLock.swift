import Glibc

/// Keeps two builds out of one folder. The system lets go of it when the process ends, however it ends.
final class OutputLock: @unchecked Sendable {
    // The class is only ever created and released; nothing in it changes in between.
    private let descriptor: Int32
    private let path: String

    /// - Throws: `nil`-place diagnostic naming the process that builds there already, or a file error.
    init(path: String, guarding folder: String) throws(Diagnostic) {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else {
                throw FileFailure(path: Files.parent(path), action: "write in the folder", code: errno).diagnostic()
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let holder = Self.holder(descriptor)
                close(descriptor)
                throw Diagnostic(
                    file: folder,
                    message: "Another build\(holder.map { " (process \($0))" } ?? "") is writing this folder.",
                    hint: "Wait until it is done, or build elsewhere with --out.")
            }
            // The one before may have deleted the file between our open and our lock; then we hold a lock that nobody sees.
            var mine = stat()
            var current = stat()
            if fstat(descriptor, &mine) == 0, stat(path, &current) == 0, mine.st_ino == current.st_ino {
                ftruncate(descriptor, 0)
                let text = Array("\(getpid())\n".utf8)
                _ = pwrite(descriptor, text, text.count, 0)
                self.descriptor = descriptor
                self.path = path
                return
            }
            close(descriptor)
        }
    }

    deinit {
        // Deleted while held, so that nobody can lock the name in between.
        unlink(path)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> Int? {
        var buffer = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 1 else { return nil }
        return Int(String(decoding: buffer[..<(count - 1)], as: UTF8.self))
    }
}
