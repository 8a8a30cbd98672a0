import FoundationEssentials

/// What every watched file held when it was last looked at, so that a save which changes nothing causes nothing.
struct ContentLedger {
    private let read: (String) -> Data?
    private var known: [String: Int] = [:]

    /// - Parameter read: the content of a file; `nil` where there is none, or a folder.
    init(read: @escaping (String) -> Data? = { try? Data(contentsOf: URL(filePath: $0)) }) { self.read = read }

    /// Remembers how things stand.
    mutating func note(_ paths: some Sequence<String>) {
        for path in paths { known[path] = digest(path) }
    }

    /// - Returns: the paths whose content is not what it was, sorted; files that appeared or went are among them.
    mutating func changed(among paths: some Sequence<String>) -> [String] {
        var changed: [String] = []
        for path in Set(paths) {
            let new = digest(path)
            if known[path] != new { changed.append(path) }
            known[path] = new
        }
        return changed.sorted()
    }

    /// Every file that was ever looked at.
    var paths: [String] { known.keys.sorted() }

    /// Files that were known below a folder.
    func paths(below folder: String) -> [String] {
        let prefix = folder + "/"
        return known.keys.filter { $0.hasPrefix(prefix) }
    }

    private func digest(_ path: String) -> Int? {
        guard let content = read(path) else { return nil }
        var hasher = Hasher()
        content.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}

/// The files below folders, as a watcher names them.
enum FileTree {
    /// - Parameter ignores: as for `FileWatcher`.
    static func files(below roots: [String], ignores: (String) -> Bool) -> [String] {
        var found: [String] = []
        var open = roots.filter { !ignores($0) }
        while let path = open.popLast() {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                if FileManager.default.fileExists(atPath: path) { found.append(path) }
                continue
            }
            open += names.map { path + "/" + $0 }.filter { !ignores($0) }
        }
        return found
    }

    /// Names that editors use for a moment: they are not part of anything.
    static func isScratch(_ path: String) -> Bool {
        let name = path.split(separator: "/").last ?? ""
        return name.hasSuffix("~") || name.hasSuffix(".swp") || name.hasSuffix(".swx") || name.hasSuffix(".tmp")
            || name.hasPrefix(".#") || name.hasPrefix("#") || name == "4913" || name == ".git" || name == ".DS_Store"
    }
}
