import CLinux
import Glibc

/// A folder that changes from one build to the next in a single step.
///
/// Files are written into a hidden sibling on the same file system, and the two folders change places at the end. Whatever
/// happens before that moment, a thrown error, Ctrl-C or `kill -9`, leaves the old folder as it was; the next build clears
/// away what was left beside it.
final class OutputFolder: Sendable {
    /// Where readers find the bundle, links resolved.
    let path: String
    private let staging: String
    private let retired: String
    private let lock: OutputLock

    /// Takes hold of the folder for one build.
    ///
    /// - Parameter path: Need not exist yet.
    /// - Throws: `Diagnostic` if it cannot be written, belongs to somebody else, or is being built.
    init(_ path: String) throws(Diagnostic) {
        let path = Files.resolved(path) ?? path
        let parent = Files.parent(path)
        let name = Files.name(path)
        self.path = path
        staging = "\(parent)/.\(name).staging"
        retired = "\(parent)/.\(name).retired"
        do {
            try Files.makeFolder(parent)
        } catch {
            throw error.diagnostic()
        }
        lock = try OutputLock(path: "\(parent)/.\(name).lock", guarding: path)
        do throws(FileFailure) {
            // A build that was killed between the two renames of the fallback below left the bundle here.
            if Files.kind(path) == nil, Files.kind(retired) != nil { try Files.move(retired, to: path) }
            try Files.remove(staging)
            try Files.remove(retired)
        } catch {
            throw error.diagnostic()
        }
        try refuseForeign()
    }

    /// Writes all files beside the folder, over several threads.
    ///
    /// - Parameter files: Paths relative to the folder.
    func stage(_ files: [OutputFile]) async throws {
        do {
            var folders: Set<String> = []
            for file in files where file.path.contains("/") { folders.insert(Files.parent(file.path)) }
            try Files.makeFolder(staging)
            for folder in folders.sorted() { try Files.makeFolder("\(staging)/\(folder)") }
            let (staging, path) = (staging, path)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for start in stride(from: 0, to: files.count, by: 64) {
                    let chunk = files[start..<min(start + 64, files.count)]
                    group.addTask {
                        for file in chunk {
                            try Task.checkCancellation()
                            try Self.place(file, in: staging, before: path)
                        }
                    }
                }
                try await group.waitForAll()
            }
        } catch let error as FileFailure {
            throw error.diagnostic()
        }
    }

    /// Links the file of the present bundle if it has the same bytes, and writes it otherwise: on a busy disk, writing
    /// thousands of files and deleting as many takes seconds. Nothing ever changes a file of a bundle in place, so two
    /// names for one do no harm.
    private static func place(_ file: OutputFile, in staging: String, before present: String) throws(FileFailure) {
        let (old, new) = ("\(present)/\(file.path)", "\(staging)/\(file.path)")
        var status = stat()
        if lstat(old, &status) == 0, status.st_mode & S_IFMT == S_IFREG, Int(status.st_size) == file.bytes.count,
            (try? Files.read(old)) == file.bytes, link(old, new) == 0
        {
            return
        }
        try Files.write(file.bytes, to: new)
    }

    /// Makes what was staged the folder, and deletes what it replaces.
    ///
    /// - Parameter durable: Wait until the bytes are on the disk, so that a power cut after the swap cannot leave empty files.
    func commit(durable: Bool) throws(Diagnostic) {
        do throws(FileFailure) {
            if durable { try flush() }
            if Files.kind(path) == nil {
                try Files.move(staging, to: path)
            } else if renameat2(AT_FDCWD, staging, AT_FDCWD, path, LILYPAD_RENAME_EXCHANGE) != 0 {
                // Not every file system can exchange (some network and union ones): two renames, with the bundle absent
                // between them.
                guard errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP else {
                    throw FileFailure(path: path, action: "swap in the new", code: errno)
                }
                try Files.move(path, to: retired)
                try Files.move(staging, to: path)
            }
            if durable { sync(Files.parent(path)) }
        } catch {
            throw error.diagnostic()
        }
        // The new bundle is in place; what cannot be deleted now is deleted by the next build.
        try? Files.remove(staging)
        try? Files.remove(retired)
    }

    deinit {
        // Before the lock goes, which the instance releases afterwards.
        try? Files.remove(staging)
    }

    /// One call for the whole file system instead of one for each of a thousand files.
    private func flush() throws(FileFailure) {
        let descriptor = open(staging, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(path: staging, action: "open", code: errno) }
        defer { close(descriptor) }
        guard syncfs(descriptor) == 0 else { throw FileFailure(path: staging, action: "write", code: errno) }
    }

    private func sync(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// A folder with other things in it is somebody's work.
    private func refuseForeign() throws(Diagnostic) {
        switch Files.kind(path) {
        case nil: return
        case .folder:
            let entries: [(name: String, kind: Files.Kind)]
            do { entries = try Files.list(path) } catch { throw error.diagnostic() }
            if entries.isEmpty || Manifest.read(inFolder: path) != nil { return }
            throw Diagnostic(
                file: path, message: "This folder holds other files and no bundle, so it is left alone.",
                hint: "Empty it, or choose another folder with --out.")
        default:
            throw Diagnostic(
                file: path, message: "This is a file, not a folder.", hint: "Choose another folder with --out.")
        }
    }
}
