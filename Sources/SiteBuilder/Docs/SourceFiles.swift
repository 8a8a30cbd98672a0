/// The files below the documentation folder, read as late and as seldom as possible.
struct SourceFiles {
    private struct File {
        /// `nil` for files that came as bytes.
        var identity: FileIdentity?
        /// `nil` until read.
        var bytes: [UInt8]?
        /// `NAME-<hash>.ext`, once asked for.
        var hashedName: String?
        /// The identity may be shared by two contents: look again next time.
        var isSettled = true
    }

    private var files: [String: File] = [:]
    private var folder = ""

    /// Markdown files that become pages, ascending by path.
    private(set) var pages: [String] = []
    /// All other files that pages may refer to.
    private(set) var assets: Set<String> = []

    /// Looks at the folder; what is as it was keeps its bytes.
    mutating func update(_ source: DocsInput.Source, directory: String) throws {
        var updated: [String: File] = [:]
        switch source {
        case .memory(let all):
            for (path, bytes) in all where path.hasPrefix("\(directory)/") {
                let name = String(path.dropFirst(directory.utf8.count + 1))
                if let known = files[name], known.bytes == bytes {
                    updated[name] = known
                } else {
                    updated[name] = File(bytes: bytes)
                }
            }
        case .folder(let site):
            let start = wallClock()
            let same = folder == "\(site)/\(directory)"
            folder = "\(site)/\(directory)"
            for (path, identity) in try listFiles(folder) {
                if same, let known = files[path], known.identity == identity, known.isSettled {
                    updated[path] = known
                } else {
                    updated[path] = File(identity: identity, isSettled: identity.isSettled(before: start))
                }
            }
        }
        files = updated
        let visible = files.keys.filter { path in
            !path.split(separator: "/").contains { $0.hasPrefix("_") || $0.hasPrefix(".") }
        }
        pages = visible.filter { $0.hasSuffix(".md") }.sorted()
        assets = Set(visible.filter { !$0.hasSuffix(".md") })
    }

    /// The bytes of the pages that are new or changed, read on all processors.
    func readPages() async -> [(path: String, bytes: Result<[UInt8], any Error>)] {
        let missing = pages.filter { files[$0]?.bytes == nil }
        let folder = folder
        return await concurrentMap(count: missing.count, scratch: {}) { index, _ in
            (missing[index], Result { try readFile("\(folder)/\(missing[index])") })
        }
    }

    mutating func keep(_ bytes: [UInt8], of page: String) { files[page]?.bytes = bytes }

    func bytes(_ page: String) -> [UInt8]? { files[page]?.bytes }

    /// An asset's bytes and the name it is published under.
    mutating func asset(_ path: String) throws -> (name: String, bytes: [UInt8]) {
        guard var file = files[path] else { return (path, []) }
        let bytes = try file.bytes ?? readFile("\(folder)/\(path)")
        let name = file.hashedName ?? Self.hashedName(path, bytes)
        file.bytes = bytes
        file.hashedName = name
        files[path] = file
        return (name, bytes)
    }

    /// `img/My plan.png` → `My-plan-<16 hex digits of SHA-256>.png`; what is not A–Z a–z 0–9 - _ . becomes `-`.
    static func hashedName(_ path: String, _ bytes: [UInt8]) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let dot = name.lastIndex(of: ".")
        let stem = dot.map { name[..<$0] } ?? name[...]
        let ending = dot.map { safe(name[$0...]) } ?? ""
        return "\(safe(stem))-\(ContentHash.short(bytes))\(ending)"
    }

    private static func safe(_ text: Substring) -> String {
        String(
            text.unicodeScalars.map { scalar -> Character in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": Character(scalar)
                default: "-"
                }
            })
    }
}
