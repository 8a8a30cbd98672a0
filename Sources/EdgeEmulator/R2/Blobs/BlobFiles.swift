import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The files under `blobs/`: `ab/cdef…` for the bytes whose SHA-256 is `abcdef…`, and `incoming/` for bytes on their
/// way in or out. All calls block.
///
/// A blob appears by a rename, complete or not at all. Its file is written before the record that names it is
/// committed. Nothing is forced to the disk: what a process has written survives its death, though not a power cut.
struct BlobFiles: Sendable {
    /// The one call that tests make fail.
    typealias Write = @Sendable (_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int

    let path: String
    private let incoming: String
    private let write: Write
    private let counter: Counter

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    /// Creates the folders and removes what an earlier process was in the middle of.
    init(
        path: String, write: @escaping Write = { Glibc.write($0, $1.baseAddress, $1.count) }
    ) throws(StateFailure) {
        self.path = path
        self.write = write
        incoming = path + "/incoming"
        counter = Counter()
        try BlobFiles.create(path)
        try BlobFiles.create(incoming)
        for name in try BlobFiles.names(in: incoming) { unlink(incoming + "/" + name) }
    }

    // MARK: Writing

    /// A new file in `incoming`.
    func begin() throws(StateFailure) -> (descriptor: Int32, path: String) {
        let file = newPath()
        let descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path, errno) }
        return (descriptor, file)
    }

    func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(StateFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno != EINTR {
                throw .system(path, errno)
            }
        }
    }

    /// Gives a finished file its name. One that is there already has the same content and is replaced: if a power cut
    /// had damaged it, it is whole again.
    func publish(_ file: String, as name: BlobName) throws(StateFailure) {
        let target = self.file(name)
        if rename(file, target) == 0 { return }
        guard errno == ENOENT else { throw .system(path, errno) }
        try BlobFiles.create(path + "/" + name.shard)
        guard rename(file, target) == 0 else { throw .system(path, errno) }
    }

    /// Takes over a file from elsewhere whose content has this name. The caller holds it.
    func adopt(_ file: String, as name: BlobName) throws(StateFailure) {
        if exists(name) { return }
        let draft = newPath()
        try FileLink.make(from: file, to: draft)
        try publish(draft, as: name)
    }

    // MARK: Reading

    func file(_ name: BlobName) -> String { "\(path)/\(name.shard)/\(name.file)" }

    func exists(_ name: BlobName) -> Bool { access(file(name), F_OK) == 0 }

    func open(_ name: BlobName) throws(StateFailure) -> Int32 {
        let descriptor = Glibc.open(file(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? .lost(file(name)) : .system(path, errno) }
        return descriptor
    }

    /// As many bytes as there are, at most `count`.
    func read(_ descriptor: Int32, at offset: Int, count: Int, of name: BlobName) throws(StateFailure) -> [UInt8] {
        var number: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, end in
            while end < count {
                let got = pread(descriptor, buffer.baseAddress! + end, count - end, off_t(offset + end))
                if got > 0 {
                    end += got
                } else if got == 0 || errno != EINTR {
                    number = got == 0 ? 0 : errno
                    return
                }
            }
        }
        if number != 0 { throw .system(path, number) }
        guard bytes.count == count else { throw .lost(file(name)) }
        return bytes
    }

    // MARK: Removing

    /// Takes a blob away without waiting for the disk to free its room.
    ///
    /// - Returns: what to `discard` then; `nil` if there is no such blob.
    func withdraw(_ name: BlobName) -> String? {
        let file = newPath()
        return rename(self.file(name), file) == 0 ? file : nil
    }

    func discard(_ file: String) { unlink(file) }

    /// The blobs of one of the 256 folders.
    func names(inShard shard: String) throws(StateFailure) -> [BlobName] {
        try BlobFiles.names(in: path + "/" + shard).compactMap { BlobName(shard: shard, file: $0) }
    }

    // MARK: Folders

    private func newPath() -> String { "\(incoming)/\(counter.value.add(1, ordering: .relaxed).newValue)" }

    private static func create(_ folder: String) throws(StateFailure) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw .system(folder, errno) }
        guard access(folder, W_OK | X_OK) == 0 else { throw .system(folder, errno) }
    }

    /// - Returns: nothing for a folder that does not exist.
    private static func names(in folder: String) throws(StateFailure) -> [String] {
        guard let directory = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw .system(folder, errno)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

extension StateFailure {
    /// Bytes are gone, or cut short, that a record names.
    static func lost(_ file: String) -> StateFailure {
        StateFailure(.damaged, "The state file \(file) is missing or cut short; the object that it belongs to is lost.")
    }
}
