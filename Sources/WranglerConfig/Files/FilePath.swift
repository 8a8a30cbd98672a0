/// Paths as text, without looking at the disk.
enum FilePath {
    /// An absolute path without `.`, `..` and doubled slashes; a relative one starts from `folder`.
    static func resolve(_ path: String, from folder: String) -> String {
        var parts: [Substring] = []
        for part in (path.hasPrefix("/") ? path : folder + "/" + path).split(separator: "/") {
            if part == ".." {
                parts = Array(parts.dropLast())
            } else if part != "." {
                parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    static func parent(_ path: String) -> String { resolve("..", from: path) }

    static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "/" }

    /// `path` as seen from `folder`, both absolute; the folder itself is the empty text.
    static func relative(_ path: String, to folder: String) -> String {
        let parts = resolve(path, from: "/").split(separator: "/")
        let base = resolve(folder, from: "/").split(separator: "/")
        var shared = 0
        while shared < min(parts.count, base.count), parts[shared] == base[shared] { shared += 1 }
        let up = Array(repeating: Substring(".."), count: base.count - shared)
        return (up + parts[shared...]).joined(separator: "/")
    }
}
