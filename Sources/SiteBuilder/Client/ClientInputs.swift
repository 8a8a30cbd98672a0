import Foundation

/// The files a client build depends on: everything below some folders, and some files beside them.
struct ClientInputs: Sendable {
    private var folders: [String]
    private var files: Set<String>

    /// All site-relative.
    init(folders: [String], files: [String]) {
        self.folders = Array(Set(folders)).sorted()
        self.files = Set(files)
    }

    mutating func add(_ more: [String]) {
        files.formUnion(more.filter { path in !path.isEmpty && !folders.contains { path.hasPrefix($0 + "/") } })
    }

    /// The SHA-256 of each file's bytes by path. Files that are not there have none.
    func contents(site: String) -> [String: String] {
        var found: [String: String] = [:]
        for path in files.union(folders.flatMap { Self.files(below: $0, site: site) }) {
            found[path] = Self.hash(site + "/" + path)
        }
        return found
    }

    /// One hash over names and contents. Contents given in `known` are taken from there.
    func fingerprint(site: String, known: [String: String]? = nil) -> String {
        var all = known ?? contents(site: site)
        for path in files where all[path] == nil { all[path] = Self.hash(site + "/" + path) }
        var key = ContentHash.Key()
        for (path, hash) in all.sorted(by: { $0.key < $1.key }) {
            key.add(path)
            key.add(hash)
        }
        return key.hex()
    }

    private static func hash(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { ContentHash.hex($0) }
    }

    /// Hidden files and installed packages are not source.
    private static func files(below folder: String, site: String) -> [String] {
        let root = folder.isEmpty ? site : site + "/" + folder
        guard let walk = FileManager.default.enumerator(atPath: root) else { return [] }
        var found: [String] = []
        while let name = walk.nextObject() as? String {
            let last = (name as NSString).lastPathComponent
            if last == "node_modules" || last.hasPrefix(".") {
                walk.skipDescendants()
            } else if (walk.fileAttributes?[.type] as? FileAttributeType) != .typeDirectory {
                found.append(folder.isEmpty ? name : folder + "/" + name)
            }
        }
        return found
    }
}
