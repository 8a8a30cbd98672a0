import Foundation
import StaticAssets
import Testing

/// A disk of values. Remembers what was read.
private final class ValueDisk: AssetFileSystem {
    struct File {
        var text: String
        var modified: Int64 = 1
        var inode: UInt64 = 1
        /// What the stamp says, when it is not the text's own length.
        var size: Int?
    }

    var files: [String: File] = [:]
    /// Names of entries that are neither files nor folders, by path.
    var others: [String: FolderEntry.Kind] = [:]
    private(set) var reads: [String] = []

    init(_ texts: [String: String]) { files = texts.mapValues { File(text: $0) } }

    func forgetReads() { reads = [] }

    func entries(of folder: String) throws(FileSystemFailure) -> [FolderEntry] {
        guard folder.hasPrefix("/site") else {
            throw FileSystemFailure(.missing, path: folder, explanation: "No such file or directory")
        }
        var kinds: [String: FolderEntry.Kind] = [:]
        for (path, file) in files where ("/site" + path).hasPrefix(folder + "/") {
            let names = ("/site" + path).dropFirst(folder.count + 1).split(separator: "/")
            let size = file.size ?? file.text.utf8.count
            let stamp = FileStamp(size: size, modified: file.modified, inode: file.inode)
            kinds[String(names[0])] = names.count > 1 ? .folder : .file(stamp)
        }
        for (path, kind) in others where ("/site" + path).hasPrefix(folder + "/") {
            let names = ("/site" + path).dropFirst(folder.count + 1).split(separator: "/")
            if names.count == 1 { kinds[String(names[0])] = kind }
        }
        return kinds.map { FolderEntry($0.key, $0.value) }
    }

    func read(_ file: String) throws(FileSystemFailure) -> [UInt8] {
        let path = String(file.dropFirst("/site".count))
        guard let found = files[path] else { throw FileSystemFailure(.missing, path: file, explanation: "gone") }
        reads.append(path)
        return Array(found.text.utf8)
    }
}

@Suite struct AssetLoaderTests {
    private func load(_ disk: ValueDisk, reload previous: AssetBundle? = nil) throws -> AssetBundle {
        try AssetBundle.load(from: "/site", fileSystem: disk, reload: previous)
    }

    @Test func `everything below the folder is an asset but the three files at its root`() throws {
        let bundle = try load(
            ValueDisk([
                "/index.html": "i", "/.well-known/x": "w", "/sub/_headers": "s", "/.assetsignore": "*.tmp\n",
                "/_headers": "/a\n X: 1", "/_redirects": "/a /b", "/x.tmp": "", "/sub/y.tmp": "",
            ]))
        #expect(bundle.files.map(\.path) == ["/.well-known/x", "/index.html", "/sub/_headers"])
        #expect(bundle.headersFile == "/a\n X: 1")
        #expect(bundle.redirectsFile == "/a /b")
        #expect(bundle.notices.isEmpty)
    }

    @Test func `the ignore file can bring the three back, and rules are read all the same`() throws {
        let bundle = try load(ValueDisk(["/.assetsignore": "!_headers\n!/.assetsignore\n", "/_headers": "/a\n X: 1"]))
        #expect(bundle.files.map(\.path) == ["/.assetsignore", "/_headers"])
        #expect(bundle.headersFile != nil)
    }

    @Test func `nothing below an ignored folder is brought back`() throws {
        let bundle = try load(ValueDisk(["/.assetsignore": "a/\n!a/b\n", "/a/b": "", "/c": ""]))
        #expect(bundle.files.map(\.path) == ["/c"])
    }

    @Test func `linked folders and odd things are passed over`() throws {
        let disk = ValueDisk(["/a": ""])
        disk.others = ["/linked": .linkedFolder, "/socket": .other]
        #expect(try load(disk).files.map(\.path) == ["/a"])
    }

    @Test func `ignored packed copies belong to their file`() throws {
        let disk = ValueDisk([
            "/.assetsignore": "*.br\n*.gz\n", "/app.js": "js", "/app.js.br": "packed", "/app.js.gz": "gzipped",
            "/gone.css.br": "orphan",
        ])
        let bundle = try load(disk)
        #expect(bundle.files.map(\.path) == ["/app.js"])
        #expect(bundle.file("/app.js")?.packed[.brotli]?.bytes == Array("packed".utf8))
        #expect(bundle.file("/app.js")?.packed[.gzip]?.size == 7)
        #expect(bundle.notices.map(\.code) == [.orphanedPackedFile])
        #expect(!disk.reads.contains("/gone.css.br"))
    }

    @Test func `a packed copy that is not ignored is an asset of its own`() throws {
        let bundle = try load(ValueDisk(["/app.js": "js", "/app.js.br": "packed"]))
        #expect(bundle.files.map(\.path) == ["/app.js", "/app.js.br"])
        #expect(bundle.file("/app.js")?.packed.isEmpty == true)
    }

    @Test func `a file beyond 25 MiB stops the load and is named`() {
        let disk = ValueDisk(["/ok.bin": "", "/big.bin": "", "/also.bin": ""])
        disk.files["/ok.bin"]?.size = 26_214_400
        disk.files["/big.bin"]?.size = 26_214_401
        disk.files["/also.bin"]?.size = 99_000_000
        let error = #expect(throws: AssetLoadError.self) { try load(disk) }
        #expect(error?.description.contains("/also.bin has 99000000 bytes") == true)
        #expect(error?.description.contains("/big.bin has 26214401 bytes") == true)
        #expect(error?.description.contains("/ok.bin") == false)
        #expect(disk.reads.isEmpty)
    }

    @Test func `more files than the free plan takes are noticed`() throws {
        let disk = ValueDisk([:])
        for number in 0..<20_000 { disk.files["/\(number)"] = .init(text: "") }
        #expect(try load(disk).notices.isEmpty)
        disk.files["/one-more"] = .init(text: "")
        #expect(try load(disk).notices.map(\.code) == [.manyFiles])
    }

    @Test func `worker code among the assets is noticed unless there is an ignore file`() throws {
        let disk = ValueDisk(["/_worker.js/index.js": "", "/a": ""])
        #expect(try load(disk).notices.map(\.code) == [.workerScript])
        disk.files["/.assetsignore"] = .init(text: "")
        #expect(try load(disk).notices.isEmpty)
    }

    @Test func `a reload reads only what changed`() throws {
        let disk = ValueDisk(["/.assetsignore": "*.br", "/a.js": "a", "/a.js.br": "A", "/b.js": "b", "/c.js": "c"])
        let first = try load(disk)
        #expect(first.loading.read == 4)

        disk.files["/b.js"]?.text = "B"
        disk.files["/b.js"]?.modified = 2
        disk.files["/c.js"] = nil
        disk.files["/d.js"] = .init(text: "d")
        disk.forgetReads()
        let second = try load(disk, reload: first)
        #expect(disk.reads.filter { $0 != "/.assetsignore" }.sorted() == ["/b.js", "/d.js"])
        #expect(second.loading.read == 2)
        #expect(second.loading.reused == 2)
        #expect(second.file("/a.js") === first.file("/a.js"))
        #expect(second.file("/b.js")?.bytes == Array("B".utf8))
        #expect(second.file("/b.js")?.contentTag != first.file("/b.js")?.contentTag)
        #expect(second.file("/c.js") == nil)
    }

    @Test("size, time and inode each make a file new", arguments: [0, 1, 2])
    func stamps(which: Int) throws {
        let disk = ValueDisk(["/a": "a"])
        let first = try load(disk)
        switch which {
        case 0: disk.files["/a"]?.size = 9
        case 1: disk.files["/a"]?.modified = 9
        default: disk.files["/a"]?.inode = 9
        }
        #expect(try load(disk, reload: first).loading.read == 1)
    }

    @Test func `a new packed copy does not make its file be read again`() throws {
        let disk = ValueDisk(["/.assetsignore": "*.br", "/a.js": "a", "/a.js.br": "A"])
        let first = try load(disk)
        disk.files["/a.js.br"]?.inode = 2
        disk.forgetReads()
        let second = try load(disk, reload: first)
        #expect(disk.reads == ["/.assetsignore", "/a.js.br"])
        #expect(second.file("/a.js")?.eTag == first.file("/a.js")?.eTag)

        disk.files["/a.js.br"] = nil
        #expect(try load(disk, reload: second).file("/a.js")?.packed.isEmpty == true)
    }

    @Test func `a folder that is not there is one sentence`() {
        let error = #expect(throws: AssetLoadError.self) {
            try AssetBundle.load(from: "/nowhere", fileSystem: ValueDisk([:]))
        }
        #expect(error == .folderMissing("/nowhere"))
        #expect(error?.description == "The asset directory /nowhere does not exist.")
    }
}

@Suite struct DiskFileSystemTests {
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "assets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func `the real disk: files, folders, links and a reload`() throws {
        try withFolder { folder in
            let files = FileManager.default
            let elsewhere = folder.appending(path: "elsewhere")
            let site = folder.appending(path: "site")
            try files.createDirectory(at: elsewhere, withIntermediateDirectories: true)
            try files.createDirectory(at: site.appending(path: "sub"), withIntermediateDirectories: true)
            try Data("linked".utf8).write(to: elsewhere.appending(path: "file.txt"))
            try Data(repeating: 7, count: 100_000).write(to: site.appending(path: "sub/ä ö.bin"))
            try Data().write(to: site.appending(path: "empty"))
            try files.createSymbolicLink(at: site.appending(path: "folder"), withDestinationURL: elsewhere)
            try files.createSymbolicLink(
                at: site.appending(path: "link.txt"), withDestinationURL: elsewhere.appending(path: "file.txt"))
            try files.createSymbolicLink(
                at: site.appending(path: "dangling"), withDestinationURL: elsewhere.appending(path: "nothing"))

            let first = try AssetBundle.load(from: site.path + "/")
            #expect(first.files.map(\.path) == ["/empty", "/link.txt", "/sub/ä ö.bin"])
            #expect(first.file("/link.txt")?.bytes == Array("linked".utf8))
            #expect(first.file("/sub/ä ö.bin")?.size == 100_000)

            try Data("changed".utf8).write(to: site.appending(path: "empty"), options: .atomic)
            let second = try AssetBundle.load(from: site.path, reload: first)
            #expect(second.loading.read == 1)
            #expect(second.loading.reused == 2)
            #expect(second.file("/empty")?.bytes == Array("changed".utf8))
        }
    }

    @Test func `a file in the place of the folder, or nothing, is said so`() throws {
        try withFolder { folder in
            let file = folder.appending(path: "file")
            try Data().write(to: file)
            #expect(throws: AssetLoadError.notAFolder(file.path)) { try AssetBundle.load(from: file.path) }
            let missing = folder.appending(path: "missing").path
            #expect(throws: AssetLoadError.folderMissing(missing)) { try AssetBundle.load(from: missing) }
        }
    }
}
