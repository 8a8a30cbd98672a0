import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The folder of a store, held by one process at a time: what is in memory is only right while nobody else writes the files.
///
/// The lock is an `flock`, which the kernel drops with the process, however that ends.
final class StoreFolder: Sendable {
    let path: String
    let log: String
    private let lock: Mutex<OpenFile?>

    /// Creates the folder, readable by its owner alone, if it is missing, and takes it.
    init(path: String) throws(StoreFailure) {
        self.path = path
        log = path + "/log"
        try StoreFolder.create(path)
        try StoreFolder.create(log)
        try StoreFolder.create(path + "/bodies")
        let lock = try OpenFile(path: path + "/lock", flags: O_RDWR | O_CREAT)
        guard try lock.lock() else {
            let text = String(buffer: try lock.read(at: 0, count: 20))
            throw .inUse(folder: path, process: Int(text.prefix { $0.isNumber }))
        }
        // Only a message depends on the number, so a full disk does not stop the start here.
        try? lock.truncate(to: 0)
        try? lock.write(.init(string: "\(getpid())\n"), at: 0)
        self.lock = Mutex(lock)
    }

    /// Lets another process have the folder. The file of the lock stays: whoever has just opened it would otherwise lock a
    /// file that has no name any more.
    func release() { lock.withLock { $0 = nil } }

    /// The file of a body. Names are numbers: nothing that a client sends becomes part of a path.
    func body(_ number: UInt64) -> String { bodyFolder(number) + "/" + StoreFolder.hex(number, digits: 16) }

    func bodyFolder(_ number: UInt64) -> String { path + "/bodies/" + StoreFolder.hex(number >> 56, digits: 2) }

    func segment(_ number: UInt32) -> String { log + "/" + Segment.name(number) }

    /// The names of the files that have a body of their own, with their sizes.
    func bodies() throws(StoreFailure) -> [(number: UInt64, bytes: Int)] {
        var found: [(UInt64, Int)] = []
        for folder in try StoreFolder.names(in: path + "/bodies") where folder.utf8.count == 2 {
            for name in try StoreFolder.names(in: path + "/bodies/" + folder) {
                guard let number = UInt64(name, radix: 16), body(number) == "\(path)/bodies/\(folder)/\(name)" else {
                    continue
                }
                found.append((number, StoreFolder.size(body(number))))
            }
        }
        return found
    }

    static func create(_ path: String) throws(StoreFailure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .disk(path: path, code: errno)
        }
        try create(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .disk(path: path, code: errno) }
    }

    /// - Throws: unless the file is gone.
    static func remove(_ path: String) throws(StoreFailure) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .disk(path: path, code: errno) }
    }

    static func names(in path: String) throws(StoreFailure) -> [String] {
        guard let folder = opendir(path) else { throw .disk(path: path, code: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func size(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    private static func hex(_ number: UInt64, digits: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}
