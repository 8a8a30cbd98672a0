import Foundation
import GRDB
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// Bringing a snapshot back.
///
/// A copy of the snapshot is made in the state folder, brought to the present schema and looked through. Nothing has
/// changed by then. All stores then write their transactions and meet; the last one gives the copy the name `restoring`, and
/// all commit. A process that is killed before that has changed nothing, and one that is killed after it finds the copy at
/// its next start and does the rest: it is the old state or the new one.
extension LocalState {
    private var draft: String { folder.path + "/restoring.draft" }
    private var decided: String { folder.path + "/restoring" }

    /// - Throws: `Problem`; the state is what it was.
    func restore(_ text: String) async throws {
        guard let name = SnapshotName(text) else { throw Problem.badSnapshotName(text) }
        try await inTurn { [self] in
            let snapshot = try shelf.find(name)
            let (stores, source) = (stores, shelf.folder(name))
            try await threads.run { [self] in
                FileLink.remove(draft)
                do {
                    try FileLink.makeFolder(draft)
                    for store in stores { try LocalState.copy(store, from: source, to: draft) }
                } catch {
                    FileLink.remove(draft)
                    throw error
                }
            }
            try await exchange()
            FileLink.remove(decided)
            try await purgeResponses()
            changed(snapshot.parts.map(\.name) + [LocalState.responsesName])
        }
    }

    /// Takes the draft for the state.
    private func exchange() async throws {
        do {
            try await apply(draft) { [self] in
                // One that could not be finished, of which this is the end.
                FileLink.remove(decided)
                guard rename(draft, decided) == 0 else { throw StateFailure.system(decided, errno) }
            }
        } catch {
            guard access(decided, F_OK) == 0 else {
                FileLink.remove(draft)
                throw error
            }
            // Some stores may have committed, so there is no way back.
            do { try await apply(decided) {} } catch {
                throw Problem(
                    .internalServerError, code: "restore_unfinished",
                    "A part of the snapshot could not be written (\(error)); the next start of the program writes it.")
            }
        }
    }

    /// Does the rest of what an earlier process had decided when it ended.
    ///
    /// - Returns: whether there was anything.
    func finishRestore() async throws -> Bool {
        FileLink.remove(draft)
        guard access(decided, F_OK) == 0 else { return false }
        try await apply(decided) {}
        FileLink.remove(decided)
        try await purgeResponses()
        return true
    }

    private func apply(_ folder: String, decide: @escaping @Sendable () throws -> Void) async throws {
        var changes: [StoreChange] = []
        do {
            for store in stores where access("\(folder)/\(store.file)", F_OK) == 0 {
                changes.append(try await store.change(to: folder))
            }
        } catch {
            for change in changes { await change.finished() }
            throw error
        }
        if !changes.isEmpty { try await StoreChange.perform(changes, decide: decide) }
    }

    /// A copy of one part of a snapshot, sound and of the present schema. A part that the snapshot lacks is left out.
    private static func copy(_ store: any StateStore, from source: String, to target: String) throws {
        let file = "\(target)/\(store.file)"
        guard access("\(source)/\(store.file)", F_OK) == 0 else { return }
        try FileLink.copy(from: "\(source)/\(store.file)", to: file)
        let copy = OfflineDatabase(file)
        do {
            try copy.prepare(store.migrator)
            try copy.settle()
        } catch let failure as StateFailure {
            // The sentence is about the snapshot, which is what can be removed, and not about its copy.
            throw failure.about(file, as: "\(source)/\(store.file)")
        }
        for beside in ["blobs", "cache"] where beside == store.fileFolder { try linkTree(beside, source, target) }
    }

    private static func linkTree(_ name: String, _ source: String, _ target: String) throws {
        try FileLink.makeFolder("\(target)/\(name)")
        guard let all = FileManager.default.enumerator(atPath: "\(source)/\(name)") else { return }
        for case let path as String in all {
            let (from, to) = ("\(source)/\(name)/\(path)", "\(target)/\(name)/\(path)")
            var status = stat()
            guard lstat(from, &status) == 0 else { throw StateFailure.system(from, errno) }
            if status.st_mode & S_IFMT == S_IFDIR {
                try FileLink.makeFolder(to)
            } else {
                try FileLink.make(from: from, to: to)
            }
        }
    }
}

extension StateFailure {
    fileprivate func about(_ path: String, as other: String) -> StateFailure {
        StateFailure(kind, description.replacingOccurrences(of: path, with: other))
    }
}
