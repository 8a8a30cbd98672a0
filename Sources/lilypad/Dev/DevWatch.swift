import FileWatcher
import Foundation

/// The watchers of a session: one over the site folder, one over what the edge is made from.
///
/// Both report files whose content is new, by their path relative to what is watched, with the moment of the save.
struct DevWatch {
    typealias Receive = @Sendable (_ paths: [String], _ saved: ContinuousClock.Instant) async -> Void

    private let watcher: FileWatcher
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - folder: absolute.
    ///   - ignores: whether a path relative to the folder is left out, with everything below it.
    init(folder: String, ignores: @escaping @Sendable (String) -> Bool, receive: @escaping Receive) throws {
        let prefix = folder + "/"
        let leavesOut: @Sendable (String) -> Bool = { path in
            guard path.hasPrefix(prefix) else { return false }
            return FileTree.isScratch(path) || ignores(String(path.dropFirst(prefix.count)))
        }
        let watcher = try FileWatcher(roots: [folder], ignores: leavesOut)
        self.watcher = watcher
        // Noted after the watch began: a change in between is found by one or the other.
        task = Task.detached {
            var ledger = ContentLedger()
            ledger.note(FileTree.files(below: [folder], ignores: leavesOut))
            for await batch in watcher.batches {
                var paths = batch.paths
                // Lost events, and folders that came or went, may stand for anything below.
                if batch.isIncomplete {
                    paths.formUnion(ledger.paths)
                    paths.formUnion(FileTree.files(below: [folder], ignores: leavesOut))
                }
                for path in batch.paths { paths.formUnion(ledger.paths(below: path)) }
                let changed = ledger.changed(among: paths)
                guard !changed.isEmpty else { continue }
                await receive(changed.map { String($0.dropFirst(prefix.count)) }, DevWatch.saved(changed))
            }
        }
    }

    func stop() {
        watcher.stop()
        task.cancel()
    }

    /// When the newest of these files was written, which lies before the watcher noticed.
    private static func saved(_ paths: [String]) -> ContinuousClock.Instant {
        var newest = 0.0
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            newest = max(newest, Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9)
        }
        let age = Date().timeIntervalSince1970 - newest
        // Files that carry an old date were moved here just now.
        return age > 0 && age < 10 ? .now - .seconds(age) : .now
    }
}
