import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The folder with the bodies that are too large for the database: one file each, named by a number that is never used twice
/// while the folder is open. Work on files happens on threads of its own.
///
/// A file is written before its row and removed after it, so that a process which is killed leaves at worst a file without a
/// row; the next start sweeps those away.
final class CacheFiles: Sendable {
    private let path: String
    private let next: Atomic<Int>
    private let threads: FileThreads

    /// Opens the folder, or creates it.
    ///
    /// - Parameter kept: the files that rows name; all others go.
    init(path: String, keeping kept: [Int], threads count: Int = 2) throws(StateFailure) {
        self.path = path
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .system(path, errno) }
        guard access(path, W_OK | X_OK) == 0 else { throw .system(path, errno) }
        guard let folder = opendir(path) else { throw .system(path, errno) }
        defer { closedir(folder) }
        let known = Set(kept)
        var last = kept.max() ?? 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let number = Int(name) else { continue }
            last = max(last, number)
            if !known.contains(number) { unlink(path + "/" + name) }
        }
        next = Atomic(last + 1)
        threads = FileThreads(count: max(1, count), name: "cache files")
    }

    /// Finishes what waits. Calls after that fail.
    func close() { threads.close() }

    /// A new, empty file.
    func create() async throws -> OpenCacheFile {
        let number = next.add(1, ordering: .relaxed).oldValue
        return try await run { [path] in
            try OpenCacheFile(path: "\(path)/\(number)", number: number, flags: O_WRONLY | O_CREAT | O_EXCL)
        }
    }

    /// Keeps numbers for files that come from elsewhere.
    ///
    /// - Returns: the first of them.
    func reserve(_ count: Int) -> Int { next.add(count, ordering: .relaxed).oldValue }

    /// Where the file with a number is or will be.
    func file(_ number: Int) -> String { "\(path)/\(number)" }

    func append(_ bytes: [UInt8], to file: OpenCacheFile) async throws {
        try await run { try file.append(bytes) }
    }

    /// Opens a file for reading.
    ///
    /// - Returns: `nil` if it has gone, or is not as long as it was: a power cut can leave a row without its content.
    func open(_ number: Int, size: Int) async throws -> OpenCacheFile? {
        try await run { [path] in
            do {
                let file = try OpenCacheFile(path: "\(path)/\(number)", number: number, flags: O_RDONLY)
                return try file.size() == size ? file : nil
            } catch let failure as StateFailure where failure == .system("\(path)/\(number)", ENOENT) {
                return nil
            }
        }
    }

    /// A range of an open file, read as its reader asks for it. The file is closed when the stream is let go of.
    func stream(_ file: OpenCacheFile, _ range: Range<Int>) -> BodyReader {
        BodyReader(files: self, file: file, range: range)
    }

    func remove(_ numbers: [Int]) async {
        guard !numbers.isEmpty else { return }
        // A file that cannot be removed now is one without a row, which the next start sweeps away.
        try? await run { [path] in
            for number in numbers { unlink("\(path)/\(number)") }
        }
    }

    fileprivate func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isAccepted = threads.submit { continuation.resume(with: Result { try body() }) }
            if !isAccepted { continuation.resume(throwing: StateFailure.closed(path)) }
        }
    }

    /// Reads a range of a file in pieces.
    final class BodyReader: Sendable {
        private let files: CacheFiles
        private let file: OpenCacheFile
        private let end: Int
        private let position: Atomic<Int>

        init(files: CacheFiles, file: OpenCacheFile, range: Range<Int>) {
            self.files = files
            self.file = file
            end = range.upperBound
            position = Atomic(range.lowerBound)
        }

        /// Large enough that the change of threads costs little.
        private static let pieceSize = 256 << 10

        /// Only ever called again when it has returned, as a stream is read by one reader.
        func next() async throws -> [UInt8]? {
            let start = position.load(ordering: .relaxed)
            let count = min(BodyReader.pieceSize, end - start)
            guard count > 0 else { return nil }
            let file = file
            let bytes = try await files.run { try file.read(count, at: start) }
            position.store(start + bytes.count, ordering: .relaxed)
            return bytes.isEmpty ? nil : bytes
        }
    }
}

/// A file that is closed with its last reference; one that was removed stays readable until then.
final class OpenCacheFile: Sendable {
    let number: Int
    private let path: String
    private let descriptor: Int32

    fileprivate init(path: String, number: Int, flags: Int32) throws(StateFailure) {
        self.path = path
        self.number = number
        descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path, errno) }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    fileprivate func size() throws(StateFailure) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path, errno) }
        return Int(status.st_size)
    }

    fileprivate func append(_ bytes: [UInt8]) throws(StateFailure) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(path, errno) }
            written += count
        }
    }

    fileprivate func read(_ count: Int, at position: Int) throws(StateFailure) -> [UInt8] {
        var number: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var result = -1
            repeat {
                result = pread(descriptor, buffer.baseAddress, count, off_t(position))
            } while result < 0 && errno == EINTR
            number = result < 0 ? errno : 0
            filled = max(0, result)
        }
        if number != 0 { throw .system(path, number) }
        return bytes
    }
}
