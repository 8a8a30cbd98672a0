/// Why a folder is no bundle.
public enum AssetLoadError: Error, Sendable, Hashable, CustomStringConvertible {
    public struct LargeFile: Sendable, Hashable {
        public let path: String
        public let size: Int
    }

    case folderMissing(String)
    case notAFolder(String)
    /// All files beyond `AssetBundle.maximumFileSize`.
    case filesTooLarge([LargeFile])
    case tooManyFiles(Int)
    case unreadable(FileSystemFailure)

    /// One sentence, for each file at fault one more.
    public var description: String {
        switch self {
        case .folderMissing(let folder):
            "The asset directory \(folder) does not exist."
        case .notAFolder(let folder):
            "The asset directory \(folder) is not a folder."
        case .filesTooLarge(let files):
            files.map {
                "\($0.path) has \($0.size) bytes; an asset can have \(AssetBundle.maximumFileSize) (25 MiB)."
            }.joined(separator: "\n")
        case .tooManyFiles(let count):
            "There are \(count) assets; a version can have \(AssetBundle.maximumFiles)."
        case .unreadable(let failure):
            "\(failure.path) cannot be read: \(failure.explanation)."
        }
    }
}

extension AssetBundle {
    /// 25 MiB.
    public static let maximumFileSize = 26_214_400
    /// What a paid plan takes; more is an error.
    public static let maximumFiles = 100_000
    /// What a free plan takes; more is a notice.
    public static let freePlanFiles = 20_000

    /// Loads every asset below `folder` into memory, with `_headers`, `_redirects` and `.assetsignore` at its root.
    ///
    /// Files that `.assetsignore` leaves out are not read, but for `NAME.br` and `NAME.gz` beside an asset NAME, which
    /// become its packed copies. With `previous`, a file whose size, time and inode have not changed is not read again.
    public static func load(
        from folder: String, fileSystem: some AssetFileSystem = DiskFileSystem(), reload previous: AssetBundle? = nil
    ) throws(AssetLoadError) -> AssetBundle {
        var loader = AssetLoader(folder: folder, fileSystem: fileSystem, previous: previous)
        return try loader.load()
    }
}

/// One load of one folder.
private struct AssetLoader<FileSystem: AssetFileSystem> {
    private struct Found {
        let path: String
        let stamp: FileStamp
    }

    private let folder: String
    private let fileSystem: FileSystem
    private let previous: AssetBundle?
    private var ignore = IgnoreRules()
    private var hasIgnoreFile = false
    private var assets: [Found] = []
    /// Left out by `.assetsignore`, but named like a packed copy.
    private var packed: [ExactString: FileStamp] = [:]
    private var loading = AssetBundle.Loading()

    init(folder: String, fileSystem: FileSystem, previous: AssetBundle?) {
        self.folder = folder.utf8.count > 1 && folder.endsIn("/") ? folder.droppingLast(1) : folder
        self.fileSystem = fileSystem
        self.previous = previous
    }

    mutating func load() throws(AssetLoadError) -> AssetBundle {
        let root = try entries(of: "", isRoot: true)
        let ruleFiles = Set(root.compactMap { if case .file = $0.kind { $0.name } else { nil } })
        func text(_ name: String) throws(AssetLoadError) -> String? {
            guard ruleFiles.contains(name) else { return nil }
            return String(decoding: try read("/" + name), as: UTF8.self)
        }
        let ignoreFile = try text(".assetsignore")
        hasIgnoreFile = ignoreFile != nil
        ignore = IgnoreRules("/.assetsignore\n/_headers\n/_redirects\n" + (ignoreFile ?? ""))

        try collect(root, below: "")
        try checkLimits()
        var files: [AssetFile] = []
        files.reserveCapacity(assets.count)
        for found in assets { files.append(try file(found)) }
        return AssetBundle(
            files: files, headersFile: try text("_headers"), redirectsFile: try text("_redirects"),
            notices: notices(), loading: loading)
    }

    private mutating func collect(_ entries: [FolderEntry], below parent: String) throws(AssetLoadError) {
        for entry in entries {
            let path = parent + "/" + entry.name
            switch entry.kind {
            case .file(let stamp):
                if !ignore.ignores(path, isFolder: false) {
                    assets.append(Found(path: path, stamp: stamp))
                } else if PackedEncoding.allCases.contains(where: { path.endsIn($0.fileEnding) }) {
                    packed[ExactString(path)] = stamp
                }
            case .folder:
                // As in git, nothing below an ignored folder can be brought back, so it need not be entered.
                if !ignore.ignores(path, isFolder: true) {
                    try collect(self.entries(of: path, isRoot: false), below: path)
                }
            case .linkedFolder, .other:
                break
            }
        }
    }

    private func checkLimits() throws(AssetLoadError) {
        let large = assets.filter { $0.stamp.size > AssetBundle.maximumFileSize }
        guard large.isEmpty else {
            throw .filesTooLarge(large.map { .init(path: $0.path, size: $0.stamp.size) }.sorted { $0.path < $1.path })
        }
        guard assets.count <= AssetBundle.maximumFiles else { throw .tooManyFiles(assets.count) }
    }

    private mutating func file(_ found: Found) throws(AssetLoadError) -> AssetFile {
        let earlier = previous?.file(found.path)
        var variants = PackedVariants()
        for encoding in PackedEncoding.allCases {
            let path = found.path + encoding.fileEnding
            guard let stamp = packed.removeValue(forKey: ExactString(path)) else { continue }
            if let known = earlier?.packed[encoding], known.stamp == stamp {
                variants[encoding] = known
                loading.reused += 1
            } else {
                variants[encoding] = PackedFile(bytes: try read(path), stamp: stamp)
                loading.read += 1
            }
        }
        if let earlier, earlier.stamp == found.stamp {
            loading.reused += 1
            if earlier.packed.brotli === variants.brotli, earlier.packed.gzip === variants.gzip { return earlier }
            return AssetFile(
                path: found.path, bytes: earlier.bytes, packed: variants, contentTag: earlier.contentTag,
                stamp: found.stamp)
        }
        loading.read += 1
        let bytes = try read(found.path)
        return AssetFile(
            path: found.path, bytes: bytes, packed: variants,
            contentTag: AssetFile.contentTag(path: found.path, bytes: bytes), stamp: found.stamp)
    }

    private func notices() -> [AssetBundle.Notice] {
        var notices: [AssetBundle.Notice] = []
        if assets.count > AssetBundle.freePlanFiles {
            let message =
                "There are \(assets.count) assets; Cloudflare's free plan takes \(AssetBundle.freePlanFiles)."
            notices.append(.init(code: .manyFiles, path: nil, message: message))
        }
        if !hasIgnoreFile, let script = assets.map(\.path).filter({ $0.beginsWith("/_worker.js") }).min() {
            let message =
                "\(script) would be public; a deploy refuses it until an .assetsignore file says whether that is meant."
            notices.append(.init(code: .workerScript, path: script, message: message))
        }
        // What is left belongs to no asset: most often the packed copy of a file that is gone.
        for path in packed.keys.map(\.text).sorted() {
            let message = "\(path) is a packed copy with no file beside it, so it is not used."
            notices.append(.init(code: .orphanedPackedFile, path: path, message: message))
        }
        return notices
    }

    private func entries(of path: String, isRoot: Bool) throws(AssetLoadError) -> [FolderEntry] {
        do throws(FileSystemFailure) {
            return try fileSystem.entries(of: folder + path)
        } catch {
            switch error.code {
            case .missing where isRoot: throw .folderMissing(folder)
            case .notAFolder where isRoot: throw .notAFolder(folder)
            default: throw .unreadable(error)
            }
        }
    }

    private func read(_ path: String) throws(AssetLoadError) -> [UInt8] {
        do throws(FileSystemFailure) {
            return try fileSystem.read(folder + path)
        } catch {
            throw .unreadable(error)
        }
    }
}
