import Glibc

/// A system call on a path that failed.
struct FileFailure: Error, Sendable, Equatable {
    var path: String
    /// What was tried, as an infinitive: `write`, `make the folder`.
    var action: String
    var code: Int32

    /// The system's own words: `Permission denied`.
    var reason: String { String(cString: strerror(code)) }

    /// The same as a build problem, with the way out that each code suggests.
    func diagnostic() -> Diagnostic {
        let hint: String? =
            switch code {
            case EACCES, EPERM: "Make the folder writable for this user, or choose another one with --out."
            case EROFS: "The file system is mounted read-only; choose another folder with --out."
            case ENOSPC, EDQUOT: "The disk is full; free some space and build again."
            case EBUSY, EXDEV: "The folder is a mount point and cannot be swapped; choose a folder below it with --out."
            case ENOTDIR: "A part of this path is a file; remove it or choose another folder with --out."
            case EMFILE: "Too many files are open; raise the limit with `ulimit -n`."
            default: nil
            }
        return Diagnostic(file: path, message: "Cannot \(action): \(reason).", hint: hint)
    }
}

/// The few file operations of a build, each one system call or a short loop, with errors that name the path.
enum Files {
    enum Kind: Sendable { case file, folder, link, other }

    static func read(_ path: String) throws(FileFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(path: path, action: "read", code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure(path: path, action: "read", code: errno) }
        // One byte more than the file has: the read that fills nothing is the one that finds the end.
        let size = max(0, Int(status.st_size)) + 1
        var failure: Int32 = 0
        var bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = Glibc.read(descriptor, buffer.baseAddress! + count, size - count)
                if got < 0 {
                    if errno == EINTR { continue }
                    failure = errno
                    return
                }
                if got == 0 { return }
                count += got
            }
        }
        guard failure == 0 else { throw FileFailure(path: path, action: "read", code: failure) }
        // The file grew while it was read.
        while bytes.count >= size {
            var more = [UInt8](repeating: 0, count: 65_536)
            let got = Glibc.read(descriptor, &more, more.count)
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw FileFailure(path: path, action: "read", code: errno) }
            if got == 0 { break }
            bytes += more[..<got]
        }
        return bytes
    }

    /// The file's bytes, or `nil` if there is no such file.
    static func readIfPresent(_ path: String) throws(FileFailure) -> [UInt8]? {
        do { return try read(path) } catch {
            if error.code == ENOENT || error.code == ENOTDIR { return nil }
            throw error
        }
    }

    /// Makes a new file; one that exists is replaced. Its folder must exist.
    static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileFailure(path: path, action: "write", code: errno) }
        var offset = 0
        var failure: Int32 = 0
        bytes.withUnsafeBytes { buffer in
            while offset < buffer.count {
                let put = Glibc.write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
                if put < 0 {
                    if errno == EINTR { continue }
                    failure = errno
                    return
                }
                offset += put
            }
        }
        // Some file systems report a full disk only when the file is closed.
        if close(descriptor) != 0 && failure == 0 && errno != EINTR { failure = errno }
        guard failure == 0 else { throw FileFailure(path: path, action: "write", code: failure) }
    }

    /// Writes beside the file and renames over it, so that a reader sees the old bytes or the new ones.
    static func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        let temporary = path + ".lilypad~"
        do {
            try write(bytes, to: temporary)
            try move(temporary, to: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }

    static func move(_ path: String, to other: String) throws(FileFailure) {
        guard rename(path, other) == 0 else { throw FileFailure(path: other, action: "rename to", code: errno) }
    }

    /// Makes the folder and those above it. It is no error if they exist.
    static func makeFolder(_ path: String) throws(FileFailure) {
        if path.isEmpty || mkdir(path, 0o755) == 0 { return }
        let code = errno
        switch code {
        case EEXIST:
            guard kind(path, followingLinks: true) == .folder else {
                throw FileFailure(path: path, action: "make the folder", code: ENOTDIR)
            }
        case ENOENT:
            let parent = self.parent(path)
            guard parent != path, parent != "." else {
                throw FileFailure(path: path, action: "make the folder", code: code)
            }
            try makeFolder(parent)
            if mkdir(path, 0o755) != 0 && errno != EEXIST {
                throw FileFailure(path: path, action: "make the folder", code: errno)
            }
        default: throw FileFailure(path: path, action: "make the folder", code: code)
        }
    }

    /// What is at the path, or `nil`.
    static func kind(_ path: String, followingLinks: Bool = false) -> Kind? {
        var status = stat()
        let result = followingLinks ? stat(path, &status) : lstat(path, &status)
        guard result == 0 else { return nil }
        return kind(mode: status.st_mode)
    }

    private static func kind(mode: mode_t) -> Kind {
        switch mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        default: .other
        }
    }

    /// Names and kinds of what a folder holds, links not followed, sorted by the bytes of the name: the order of a listing
    /// must not depend on the file system.
    static func list(_ path: String) throws(FileFailure) -> [(name: String, kind: Kind)] {
        guard let folder = opendir(path) else { throw FileFailure(path: path, action: "list", code: errno) }
        defer { closedir(folder) }
        var entries: [(name: String, kind: Kind)] = []
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else { throw FileFailure(path: path, action: "list", code: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let kind: Kind? =
                switch Int(entry.pointee.d_type) {
                case Int(DT_REG): .file
                case Int(DT_DIR): .folder
                case Int(DT_LNK): .link
                // Some file systems leave the type out of the listing.
                case Int(DT_UNKNOWN): self.kind(path + "/" + name)
                default: .other
                }
            if let kind { entries.append((name, kind)) }
        }
        entries.sort { bytewise($0.name, $1.name) }
        return entries
    }

    /// Deletes whatever is at the path, with all below it; links are deleted, never followed. It is no error if there is
    /// nothing.
    static func remove(_ path: String) throws(FileFailure) {
        switch kind(path) {
        case nil: return
        case .folder:
            for entry in try list(path) { try remove(path + "/" + entry.name) }
            guard rmdir(path) == 0 || errno == ENOENT else {
                throw FileFailure(path: path, action: "delete", code: errno)
            }
        default:
            guard unlink(path) == 0 || errno == ENOENT else {
                throw FileFailure(path: path, action: "delete", code: errno)
            }
        }
    }

    /// The folder that holds the path: `a/b` → `a`, `a` → `.`, `/a` → `/`.
    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of the path.
    static func name(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }

    /// The path with all links resolved, or `nil` if nothing is there.
    static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// The order of `LC_ALL=C sort`. Swift's own compares by normalised characters, which other tools do not.
    static func bytewise(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
