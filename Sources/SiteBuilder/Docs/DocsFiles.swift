#if canImport(Glibc)
    import Glibc
#endif

/// A system call that failed, in words.
struct FileError: Error, CustomStringConvertible {
    var path: String
    var number: Int32

    init(_ path: String) {
        self.path = path
        number = errno
    }

    var description: String { "\(path): \(String(cString: strerror(number)))" }
}

/// What tells an unchanged file without reading it.
struct FileIdentity: Equatable, Sendable {
    var size: Int64
    var modified: Int64
    var changed: Int64
    var inode: UInt64

    fileprivate init(_ status: stat) {
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
        inode = UInt64(status.st_ino)
    }

    /// Whether the file may have changed again within the same tick of the file system's clock.
    ///
    /// - Parameter start: nanoseconds since 1970, from before the file was looked at.
    func isSettled(before start: Int64) -> Bool { changed < start - 50_000_000 && modified < start - 50_000_000 }
}

/// All regular files below `folder`, ascending by path; those whose name, or a folder's, begins with `.` are left out.
func listFiles(_ folder: String) throws -> [(path: String, identity: FileIdentity)] {
    var found: [(path: String, identity: FileIdentity)] = []
    try listFiles(folder, prefix: "", into: &found)
    return found.sorted { $0.path < $1.path }
}

private func listFiles(_ folder: String, prefix: String, into found: inout [(path: String, identity: FileIdentity)])
    throws
{
    guard let directory = opendir(folder) else { throw FileError(folder) }
    defer { closedir(directory) }
    let descriptor = dirfd(directory)
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name.hasPrefix(".") { continue }
        var status = stat()
        // A file that vanished since, or a dangling link: as good as not there.
        guard fstatat(descriptor, name, &status, 0) == 0 else { continue }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: try listFiles("\(folder)/\(name)", prefix: "\(prefix)\(name)/", into: &found)
        case S_IFREG: found.append(("\(prefix)\(name)", FileIdentity(status)))
        default: continue
        }
    }
}

/// Nanoseconds since 1970.
func wallClock() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}

func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path) }
    var bytes: [UInt8] = []
    var failure: FileError?
    // One byte more than the file has shows its end without a second allocation.
    var capacity = Int(status.st_size) + 1
    while failure == nil {
        let have = bytes
        var ended = false
        bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            _ = buffer.update(fromContentsOf: have)
            count = have.count
            while count < buffer.count {
                let got = read(descriptor, buffer.baseAddress! + count, buffer.count - count)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = FileError(path) }
                ended = got <= 0
                if ended { break }
                count += got
            }
        }
        if ended { break }
        capacity *= 2
    }
    if let failure { throw failure }
    return bytes
}

/// Adds `bytes` at the end in one call, so that two builds do not mix their records.
func appendFile(_ path: String, _ bytes: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path) }
    defer { close(descriptor) }
    try writeAll(descriptor, bytes, path)
}

/// Writes beside `path` and renames, so that readers see the old file or the new one. Makes missing folders.
func replaceFile(_ path: String, _ bytes: [UInt8]) throws {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
        folder += part + "/"
        mkdir(folder, 0o777)
    }
    let temporary = "\(path).\(getpid()).new"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(temporary) }
    do {
        defer { close(descriptor) }
        try writeAll(descriptor, bytes, temporary)
        guard rename(temporary, path) == 0 else { throw FileError(path) }
    } catch {
        unlink(temporary)
        throw error
    }
}

private func writeAll(_ descriptor: Int32, _ bytes: [UInt8], _ path: String) throws {
    try bytes.withUnsafeBytes { buffer in
        var done = 0
        while done < buffer.count {
            let wrote = write(descriptor, buffer.baseAddress! + done, buffer.count - done)
            if wrote < 0, errno == EINTR { continue }
            guard wrote >= 0 else { throw FileError(path) }
            done += wrote
        }
    }
}
