import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// An open file, closed when nobody has it any more. Its calls block.
final class OpenFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// - Parameter flags: of open(2). A file that is made is for its owner alone.
    init(path: String, flags: Int32) throws(StoreFailure) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor < 0 { throw .disk(path: path, code: errno) }
    }

    deinit { _ = Glibc.close(descriptor) }

    var size: Int {
        get throws(StoreFailure) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw failure() }
            return Int(status.st_size)
        }
    }

    /// - Returns: fewer bytes than asked for only where the file ends.
    func read(at offset: Int, count: Int) throws(StoreFailure) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var failed: StoreFailure?
        while buffer.readableBytes < count, failed == nil {
            let position = offset + buffer.readableBytes
            let wanted = count - buffer.readableBytes
            let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { memory in
                let read = pread(descriptor, memory.baseAddress, wanted, off_t(position))
                if read < 0, errno != EINTR { failed = failure() }
                return max(0, read)
            }
            if read == 0, failed == nil { break }
        }
        if let failed { throw failed }
        return buffer
    }

    func write(_ bytes: ByteBuffer, at offset: Int) throws(StoreFailure) {
        var written = 0
        var failed: StoreFailure?
        while written < bytes.readableBytes, failed == nil {
            written += bytes.withUnsafeReadableBytes { memory in
                let rest = UnsafeRawBufferPointer(rebasing: memory[written...])
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + written))
                if count < 0, errno != EINTR { failed = failure() }
                if count == 0 { failed = .disk(path: path, code: EIO) }
                return max(0, count)
            }
        }
        if let failed { throw failed }
    }

    func truncate(to size: Int) throws(StoreFailure) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw failure() }
    }

    /// Comes back once the disk has what was written.
    func synchronise() throws(StoreFailure) {
        guard fdatasync(descriptor) == 0 else { throw failure() }
    }

    /// Takes the lock of the file, which goes with the process; false if another one has it.
    func lock() throws(StoreFailure) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw failure()
    }

    private func failure() -> StoreFailure { .disk(path: path, code: errno) }
}

enum SystemError {
    static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
