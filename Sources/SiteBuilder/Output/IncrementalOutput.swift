import Glibc

/// A bundle folder that stays and follows the builds of a development session: only what changed is written.
///
/// Each file is replaced by renaming, so a reader sees the old bytes or the new ones. New files come before those that are
/// replaced and deletions come last, so a page never names a file that is not there.
public actor IncrementalOutput {
    /// What one update did, in paths relative to the folder, sorted.
    public struct Changes: Sendable, Equatable {
        public var written: [String]
        public var deleted: [String]

        public init(written: [String] = [], deleted: [String] = []) {
            self.written = written
            self.deleted = deleted
        }

        public var isEmpty: Bool { written.isEmpty && deleted.isEmpty }
    }

    private let folder: String
    private var known: [String: ContentDigest]?
    private let digests: DigestMemory

    /// - Parameters:
    ///   - folder: Need not exist yet.
    ///   - digests: The memory of the builds whose files come here, so that nothing is hashed twice.
    public init(folder: String, digests: DigestMemory = DigestMemory()) {
        self.folder = folder
        self.digests = digests
    }

    /// Makes the folder hold these files and no others.
    ///
    /// - Parameter files: Paths relative to the folder.
    /// - Throws: `Diagnostic`.
    public func update(_ files: [OutputFile]) throws -> Changes {
        do {
            var present = try known ?? contents()
            // Until this update is through, what the folder holds is not known.
            known = nil
            var added: [(OutputFile, ContentDigest)] = []
            var replaced: [(OutputFile, ContentDigest)] = []
            var wanted: Set<String> = []
            for file in files {
                wanted.insert(file.path)
                let fingerprint = digests.digest(of: file)
                guard let old = present[file.path] else {
                    added.append((file, fingerprint))
                    continue
                }
                if old != fingerprint { replaced.append((file, fingerprint)) }
            }
            var changes = Changes()
            let vanished = present.keys.filter { !wanted.contains($0) }
            try clearTheWay(for: added.map(\.0.path), present: &present)
            var folders: Set<String> = []
            for (file, fingerprint) in added + replaced {
                let path = "\(folder)/\(file.path)"
                if folders.insert(Files.parent(path)).inserted { try Files.makeFolder(Files.parent(path)) }
                try Files.replace(path, with: file.bytes)
                present[file.path] = fingerprint
                changes.written.append(file.path)
            }
            for path in vanished {
                if present.removeValue(forKey: path) != nil { try Files.remove("\(folder)/\(path)") }
                changes.deleted.append(path)
            }
            known = present
            changes.written.sort(by: Files.bytewise)
            changes.deleted.sort(by: Files.bytewise)
            return changes
        } catch let error as FileFailure {
            throw error.diagnostic()
        }
    }

    /// A page that became a folder (`a` → `a/b`) or the other way round stands where the new one goes.
    private func clearTheWay(for paths: [String], present: inout [String: ContentDigest]) throws(FileFailure) {
        for path in paths {
            if Files.kind("\(folder)/\(path)") == .folder {
                try Files.remove("\(folder)/\(path)")
                for below in present.keys where below.hasPrefix(path + "/") { present[below] = nil }
            }
            var parent = Files.parent(path)
            while parent != "." {
                if present[parent] != nil {
                    try Files.remove("\(folder)/\(parent)")
                    present[parent] = nil
                }
                parent = Files.parent(parent)
            }
        }
    }

    /// The folder as an earlier session left it.
    private func contents() throws(FileFailure) -> [String: ContentDigest] {
        guard Files.kind(folder, followingLinks: true) == .folder else { return [:] }
        if try !Files.list(folder).isEmpty, Manifest.read(inFolder: folder) == nil {
            throw FileFailure(path: folder, action: "use the folder, which holds other files", code: EEXIST)
        }
        var found: [String: ContentDigest] = [:]
        var pending = [""]
        while let prefix = pending.popLast() {
            for entry in try Files.list(prefix.isEmpty ? folder : "\(folder)/\(prefix)") {
                let path = prefix.isEmpty ? entry.name : "\(prefix)/\(entry.name)"
                if entry.kind == .folder {
                    pending.append(path)
                } else {
                    found[path] = ContentDigest(of: try Files.read("\(folder)/\(path)"))
                }
            }
        }
        return found
    }
}
