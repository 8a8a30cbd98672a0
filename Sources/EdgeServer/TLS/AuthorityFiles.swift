#if canImport(Glibc)
    import Glibc
#endif

/// The two files of a local authority, on disk all or nothing.
enum AuthorityFiles {
    struct Content {
        var certificate: String
        var key: String
    }

    /// No file of an authority is near this size.
    private static let most = 64 * 1024

    /// Whether the folder holds anything. One that cannot be looked into does: nothing is to be put over it.
    static func exists(_ folder: String) -> Bool {
        guard let list = opendir(folder) else { return errno != ENOENT }
        defer { closedir(list) }
        while let entry = readdir(list) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { return true }
        }
        return false
    }

    /// Writes both files into a folder of their own and gives that its name: nobody sees half an authority, and whoever
    /// comes second keeps what is there.
    static func write(_ content: Content, to folder: String) throws(TLSFailure) {
        let parent = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        try makeFolders(parent)
        var template = Array("\(folder).XXXXXX".utf8CString)
        // Made with mode 0700.
        guard mkdtemp(&template) != nil else { throw failure("made", folder, errno) }
        let temporary = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let files = [(LocalAuthority.keyName, content.key), (LocalAuthority.certificateName, content.certificate)]
        do throws(TLSFailure) {
            for (name, text) in files { try write(text, to: "\(temporary)/\(name)") }
            synchronise(temporary)
            guard rename(temporary, folder) == 0 else {
                let number = errno
                guard number == ENOTEMPTY || number == EEXIST else { throw failure("made", folder, number) }
                remove(temporary, files.map(\.0))
                return
            }
            synchronise(parent)
        } catch {
            remove(temporary, files.map(\.0))
            throw error
        }
    }

    /// - Throws: a sentence when a file is missing, cannot be read, or can be read by others.
    static func read(_ folder: String) throws(TLSFailure) -> Content {
        let key = "\(folder)/\(LocalAuthority.keyName)"
        var status = stat()
        if stat(key, &status) == 0, status.st_mode & 0o077 != 0 {
            throw TLSFailure(
                "Others can read \(key), so nobody should trust this authority. Remove the folder \(folder) to get a new "
                    + "one, which has to be trusted anew.")
        }
        return Content(
            certificate: try text(of: "\(folder)/\(LocalAuthority.certificateName)", in: folder),
            key: try text(of: key, in: folder))
    }

    private static func text(of file: String, in folder: String) throws(TLSFailure) -> String {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let number = errno
            if number == ENOENT {
                throw TLSFailure(
                    "\(file) is missing. Remove the folder \(folder) to get a new authority, which has to be trusted anew."
                )
            }
            throw failure("read", file, number)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: most)
        var count = 0
        while count < most {
            let step = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if step < 0, errno == EINTR { continue }
            if step < 0 { throw failure("read", file, errno) }
            if step == 0 { break }
            count += step
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private static func write(_ text: String, to file: String) throws(TLSFailure) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("written", file, errno) }
        defer { close(descriptor) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { throw failure("written", file, errno) }
            bytes = bytes.dropFirst(max(0, count))
        }
        guard fsync(descriptor) == 0 else { throw failure("written", file, errno) }
    }

    private static func makeFolders(_ path: String) throws(TLSFailure) {
        guard !path.isEmpty, mkdir(path, 0o700) != 0 else { return }
        switch errno {
        case EEXIST: return
        case ENOENT:
            try makeFolders(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]))
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("made", path, errno) }
        case let number: throw failure("made", path, number)
        }
    }

    private static func remove(_ folder: String, _ names: [String]) {
        for name in names { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// A name that is new in a folder survives a power cut once the folder is on the disk.
    private static func synchronise(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func failure(_ what: String, _ path: String, _ number: Int32) -> TLSFailure {
        TLSFailure("\(path) cannot be \(what): \(String(cString: strerror(number))).")
    }
}
