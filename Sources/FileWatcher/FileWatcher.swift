import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Reports changes below folders, in batches, through the kernel's inotify.
///
/// Editors and tools write one save as several events; a batch ends when nothing has happened for a short while. What a
/// change means (and whether the content changed at all) is for the reader of the batch to find out.
///
/// ```swift
/// let watcher = try FileWatcher(roots: ["site"], ignores: { $0.hasSuffix("/node_modules") })
/// for await batch in watcher.batches { rebuild(batch.paths) }
/// ```
public final class FileWatcher: Sendable {
    /// What changed since the last batch.
    public struct Batch: Sendable, Hashable {
        /// Files and folders that were written, created, moved or deleted, as roots + `/` + relative path.
        public var paths: Set<String>
        /// The kernel dropped events: anything may have changed.
        public var isIncomplete: Bool
    }

    /// Why a folder cannot be watched.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    public let batches: AsyncStream<Batch>
    private let wake: Int32

    /// - Parameters:
    ///   - roots: folders or files, watched with everything below them.
    ///   - ignores: called with the path of each folder and file; true leaves it and everything below it out.
    ///   - quiet: milliseconds without an event that end a batch.
    ///   - longest: milliseconds after which a batch ends even while events keep coming.
    public init(
        roots: [String], ignores: @escaping @Sendable (String) -> Bool = { _ in false }, quiet: Int = 20,
        longest: Int = 200
    ) throws {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else {
            throw Failure(
                description: "The kernel gives no more file watchers (inotify): raise fs.inotify.max_user_instances.")
        }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            close(descriptor)
            throw Failure(description: "Too many open files: raise the limit with ulimit -n.")
        }
        // Child processes must not keep the pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wake = ends[1]
        let (batches, continuation) = AsyncStream.makeStream(of: Batch.self, bufferingPolicy: .unbounded)
        self.batches = batches
        let reader = Reader(
            descriptor: descriptor, wake: ends[0], ignores: ignores, quiet: quiet, longest: longest,
            continuation: continuation)
        do {
            for root in roots { try reader.watchTree(root) }
        } catch {
            close(descriptor)
            close(ends[0])
            close(ends[1])
            throw error
        }
        let thread = Thread { reader.run() }
        thread.name = "file-watcher"
        thread.start()
    }

    /// Ends the stream of batches and gives the watches back.
    public func stop() {
        var byte: UInt8 = 1
        _ = write(wake, &byte, 1)
    }

    // Closing this end wakes the thread, too.
    deinit { close(wake) }
}

/// The thread's side: it owns the descriptors and closes them when it ends.
private final class Reader: @unchecked Sendable {
    // @unchecked: everything here is used before the thread starts or on the thread alone.
    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF)
    private let descriptor: Int32
    private let wake: Int32
    private let ignores: @Sendable (String) -> Bool
    private let quiet: Int
    private let longest: Int
    private let continuation: AsyncStream<FileWatcher.Batch>.Continuation
    private var folders: [Int32: String] = [:]
    private var paths: Set<String> = []
    private var isIncomplete = false

    init(
        descriptor: Int32, wake: Int32, ignores: @escaping @Sendable (String) -> Bool, quiet: Int, longest: Int,
        continuation: AsyncStream<FileWatcher.Batch>.Continuation
    ) {
        self.descriptor = descriptor
        self.wake = wake
        self.ignores = ignores
        self.quiet = quiet
        self.longest = longest
        self.continuation = continuation
    }

    func watchTree(_ path: String) throws {
        if ignores(path) { return }
        let watch = inotify_add_watch(descriptor, path, Reader.mask)
        guard watch >= 0 else {
            // A folder that vanished between its event and now is no failure.
            if errno == ENOENT || errno == ENOTDIR { return }
            if errno == ENOSPC {
                throw FileWatcher.Failure(
                    description: "Too many folders to watch: raise fs.inotify.max_user_watches (sysctl).")
            }
            throw FileWatcher.Failure(description: "\(path) cannot be watched: \(String(cString: strerror(errno))).")
        }
        folders[watch] = path
        for name in entries(of: path) where isFolder(path + "/" + name) {
            try watchTree(path + "/" + name)
        }
    }

    func run() {
        defer {
            continuation.finish()
            close(descriptor)
            close(wake)
        }
        while true {
            guard wait(milliseconds: -1) else { return }
            drain()
            let end = milliseconds() + longest
            while milliseconds() < end, let more = waitForMore() {
                guard more else { return }
                drain()
            }
            if !paths.isEmpty || isIncomplete {
                continuation.yield(.init(paths: paths, isIncomplete: isIncomplete))
            }
            paths = []
            isIncomplete = false
        }
    }

    /// - Returns: false when the watcher was stopped.
    private func wait(milliseconds: Int32) -> Bool {
        var polls = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&polls, 2, milliseconds) < 0, errno == EINTR {}
        return polls[1].revents == 0
    }

    /// - Returns: nil when it stayed quiet, false when the watcher was stopped.
    private func waitForMore() -> Bool? {
        var polls = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
        ]
        let count = poll(&polls, 2, Int32(quiet))
        if count <= 0 { return nil }
        return polls[1].revents == 0
    }

    private func drain() {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            var offset = 0
            while offset < count { offset += handleEvent(buffer, at: offset) }
        }
    }

    /// - Returns: the size of the event in bytes.
    private func handleEvent(_ buffer: [UInt8], at offset: Int) -> Int {
        let header = MemoryLayout<inotify_event>.size
        let (event, name) = buffer.withUnsafeBytes { bytes in
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            let name = bytes[(offset + header)..<(offset + header + Int(event.len))].prefix { $0 != 0 }
            return (event, String(decoding: name, as: UTF8.self))
        }
        defer { if event.mask & UInt32(IN_IGNORED) != 0 { folders[event.wd] = nil } }
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { isIncomplete = true }
        guard let folder = folders[event.wd] else { return header + Int(event.len) }
        let path = name.isEmpty ? folder : folder + "/" + name
        if !ignores(path), event.mask & UInt32(IN_IGNORED) == 0 {
            paths.insert(path)
            let arrived = event.mask & UInt32(IN_CREATE | IN_MOVED_TO) != 0
            if event.mask & UInt32(IN_ISDIR) != 0, arrived { adopt(path) }
        }
        return header + Int(event.len)
    }

    /// A folder that appears may hold files already, written before its watch was there.
    private func adopt(_ path: String) {
        do { try watchTree(path) } catch { isIncomplete = true }
        for name in entries(of: path) {
            let child = path + "/" + name
            if ignores(child) { continue }
            paths.insert(child)
            if isFolder(child) { adopt(child) }
        }
    }

    private func entries(of path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    }

    /// Symbolic links are not followed: a link to a parent would never end.
    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func milliseconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }
}
