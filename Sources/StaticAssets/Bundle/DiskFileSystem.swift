#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The real disk.
public struct DiskFileSystem: AssetFileSystem, Sendable {
    public init() {}

    public func entries(of folder: String) throws(FileSystemFailure) -> [FolderEntry] {
        guard let stream = opendir(folder) else { throw .last(folder) }
        defer { closedir(stream) }
        let descriptor = dirfd(stream)
        var entries: [FolderEntry] = []
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { entries.append(FolderEntry(name, Self.kind(of: name, in: descriptor))) }
            errno = 0
        }
        // A null with an error set is a broken folder, not its end: half a site must not pass for the whole.
        guard errno == 0 else { throw .last(folder) }
        return entries
    }

    private static func kind(of name: String, in folder: CInt) -> FolderEntry.Kind {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return .other }
        let isLink = status.st_mode & S_IFMT == S_IFLNK
        if isLink, fstatat(folder, name, &status, 0) != 0 { return .other }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(FileStamp(status))
        case S_IFDIR: return isLink ? .linkedFolder : .folder
        default: return .other
        }
    }

    public func read(_ file: String) throws(FileSystemFailure) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last(file) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last(file) }

        let size = Int(status.st_size)
        var failure: FileSystemFailure?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let step = readBytes(descriptor, buffer.baseAddress! + count, size - count)
                if step < 0, errno == EINTR { continue }
                if step < 0 { failure = .last(file) }
                if step <= 0 { break }
                count += step
            }
        }
        if let failure { throw failure }
        return bytes
    }
}

/// `read(2)`, under a name that the method above does not hide.
private func readBytes(_ descriptor: CInt, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}

extension FileStamp {
    fileprivate init(_ status: stat) {
        let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        self.init(size: Int(status.st_size), modified: modified, inode: UInt64(status.st_ino))
    }
}

extension FileSystemFailure {
    /// From `errno`.
    fileprivate static func last(_ path: String) -> FileSystemFailure {
        let number = errno
        let code: Code =
            switch number {
            case ENOENT: .missing
            case ENOTDIR: .notAFolder
            default: .other
            }
        return FileSystemFailure(code, path: path, explanation: String(cString: strerror(number)))
    }
}
