import Glibc
import Testing

@testable import SiteBuilder

@Suite struct OutputFolderTests {
    /// A bundle as a build writes it: the manifest makes the folder ours.
    private func bundle(_ text: String) -> [OutputFile] {
        [OutputFile("public/index.html", text), OutputFile(path: "manifest.json", bytes: Manifest(files: []).json())]
    }

    private func build(_ path: String, _ text: String) async throws {
        let folder = try OutputFolder(path)
        try await folder.stage(bundle(text))
        try folder.commit(durable: false)
    }

    @Test func `the first and the next build leave their files and nothing beside them`() async throws {
        let scratch = try ScratchFolder()
        try await build(scratch["deep/dist"], "one")
        try await build(scratch["deep/dist"], "two")
        #expect(try scratch.tree().keys.sorted() == ["deep/dist/manifest.json", "deep/dist/public/index.html"])
        #expect(try scratch.text("deep/dist/public/index.html") == "two")
    }

    @Test func `what did not change stays the same file, what changed is a new one`() async throws {
        let scratch = try ScratchFolder()
        func number(_ name: String) -> ino_t {
            var status = stat()
            return stat(scratch[name], &status) == 0 ? status.st_ino : 0
        }
        try await build(scratch["dist"], "one")
        let (page, manifest) = (number("dist/public/index.html"), number("dist/manifest.json"))
        // Whatever happened to the file in between, the next build makes it right.
        try scratch.write("dist/public/index.html", "edited")
        try await build(scratch["dist"], "one")
        #expect(number("dist/public/index.html") != page)
        #expect(number("dist/manifest.json") == manifest)
        #expect(try scratch.text("dist/public/index.html") == "one")
    }

    @Test func `durable commits work as well`() async throws {
        let scratch = try ScratchFolder()
        let folder = try OutputFolder(scratch["dist"])
        try await folder.stage(bundle("one"))
        try folder.commit(durable: true)
        #expect(try scratch.text("dist/public/index.html") == "one")
    }

    @Test func `a build that gives up leaves the last one`() async throws {
        let scratch = try ScratchFolder()
        try await build(scratch["dist"], "one")
        let before = try scratch.tree()
        do {
            let folder = try OutputFolder(scratch["dist"])
            try await folder.stage(bundle("two"))
        }
        #expect(try scratch.tree() == before)
    }

    @Test func `a build that is killed leaves the last one, and the next clears up`() async throws {
        let scratch = try ScratchFolder()
        try await build(scratch["dist"], "one")
        let path = scratch["dist"]
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let folder = try OutputFolder(path)
            try await folder.stage([OutputFile(path: "public/index.html", text: "half")])
            kill(getpid(), SIGKILL)
        }
        #expect(try scratch.text("dist/public/index.html") == "one")
        #expect(try scratch.text(".dist.staging/public/index.html") == "half")
        try await build(scratch["dist"], "two")
        #expect(try scratch.tree().keys.sorted() == ["dist/manifest.json", "dist/public/index.html"])
        #expect(try scratch.text("dist/public/index.html") == "two")
    }

    @Test func `a bundle that a killed swap had moved aside comes back`() async throws {
        let scratch = try ScratchFolder()
        try await build(scratch["dist"], "one")
        try Files.move(scratch["dist"], to: scratch[".dist.retired"])
        _ = try OutputFolder(scratch["dist"])
        #expect(try scratch.text("dist/public/index.html") == "one")
    }

    @Test func `a folder with other files is left alone`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("work/thesis.txt", "years")
        let report = reported { _ = try OutputFolder(scratch["work"]) }
        #expect(report.contains("This folder holds other files and no bundle, so it is left alone."))
        #expect(try scratch.tree() == ["work/thesis.txt": "years"])
    }

    @Test func `an empty folder is taken, a file is not`() async throws {
        let scratch = try ScratchFolder()
        try Files.makeFolder(scratch["dist"])
        try await build(scratch["dist"], "one")
        try scratch.write("file", "")
        #expect(reported { _ = try OutputFolder(scratch["file"]) }.contains("This is a file, not a folder."))
        #expect(reported { _ = try OutputFolder(scratch["file/dist"]) }.contains("Not a directory"))
    }

    @Test func `a linked folder stays a link`() async throws {
        let scratch = try ScratchFolder()
        try Files.makeFolder(scratch["elsewhere/dist"])
        symlink(scratch["elsewhere/dist"], scratch["dist"])
        try await build(scratch["dist"], "one")
        #expect(Files.kind(scratch["dist"]) == .link)
        #expect(try scratch.text("elsewhere/dist/public/index.html") == "one")
    }

    @Test func `two builds do not write one folder`() async throws {
        let scratch = try ScratchFolder()
        let first = try OutputFolder(scratch["dist"])
        let report = reported { _ = try OutputFolder(scratch["dist"]) }
        #expect(report.contains("Another build (process \(getpid())) is writing this folder."))
        // Another folder beside it is free.
        _ = try OutputFolder(scratch["other"])
        try await first.stage(bundle("one"))
        try first.commit(durable: false)
    }

    @Test func `a folder that cannot be written is named with the way out`() throws {
        let error = FileFailure(path: "/srv/dist", action: "write in the folder", code: EACCES)
        #expect(
            error.diagnostic().rendered() == """
                /srv/dist: error: Cannot write in the folder: Permission denied.
                  hint: Make the folder writable for this user, or choose another one with --out.
                """)
        // The kernel refuses new files in /proc to everybody.
        #expect(reported { _ = try OutputFolder("/proc/dist") }.contains("/proc"))
    }
}

@Suite struct IncrementalOutputTests {
    private let manifest = OutputFile(path: "manifest.json", bytes: Manifest(files: []).json())

    @Test func `only what changed is written, and what vanished is deleted`() async throws {
        let scratch = try ScratchFolder()
        let output = IncrementalOutput(folder: scratch["dist"])
        let a = OutputFile("public/a", "1")
        let b = OutputFile("public/deep/b", "1")
        #expect(try await output.update([a, b, manifest]).written == ["manifest.json", "public/a", "public/deep/b"])
        #expect(try await output.update([a, b, manifest]).isEmpty)
        let changes = try await output.update([OutputFile("public/a", "2"), OutputFile("public/c", "1"), manifest])
        #expect(changes == .init(written: ["public/a", "public/c"], deleted: ["public/deep/b"]))
        #expect(try scratch.tree("dist/public") == ["dist/public/a": "2", "dist/public/c": "1"])
    }

    @Test func `the next session goes on where the last one ended`() async throws {
        let scratch = try ScratchFolder()
        let files = [OutputFile("public/a", "1"), OutputFile("public/b", "1"), manifest]
        _ = try await IncrementalOutput(folder: scratch["dist"]).update(files)
        try scratch.write("dist/public/b", "edited")
        let changes = try await IncrementalOutput(folder: scratch["dist"]).update(files)
        #expect(changes == .init(written: ["public/b"]))
    }

    @Test func `a file may become a folder and a folder a file`() async throws {
        let scratch = try ScratchFolder()
        let output = IncrementalOutput(folder: scratch["dist"])
        _ = try await output.update([OutputFile("public/a", "1"), OutputFile("public/b/c", "1"), manifest])
        let changes = try await output.update([OutputFile("public/a/d", "2"), OutputFile("public/b", "2"), manifest])
        #expect(changes == .init(written: ["public/a/d", "public/b"], deleted: ["public/a", "public/b/c"]))
        #expect(try scratch.tree("dist/public") == ["dist/public/a/d": "2", "dist/public/b": "2"])
    }

    @Test func `a folder with other files is left alone`() async throws {
        let scratch = try ScratchFolder()
        try scratch.write("work/thesis.txt", "years")
        let report = await reported { _ = try await IncrementalOutput(folder: scratch["work"]).update([manifest]) }
        #expect(report.contains("which holds other files"))
        #expect(try scratch.tree() == ["work/thesis.txt": "years"])
    }
}

@Suite struct PublicFolderTests {
    @Test func `all files are taken, dot-files included, and the rule files apart`() throws {
        let scratch = try ScratchFolder()
        for name in [
            ".well-known/security.txt", "robots.txt", "a-b", "a/b", "_headers", "_redirects", ".assetsignore",
            "a/_headers",
        ] {
            try scratch.write("public/\(name)", name)
        }
        symlink(scratch["public/robots.txt"], scratch["public/linked.txt"])
        let found = try PublicFolder.read(scratch["public"], name: "site/public")
        #expect(
            found.files.map(\.path) == [
                ".well-known/security.txt", "a-b", "a/_headers", "a/b", "linked.txt", "robots.txt",
            ])
        #expect(found.files.first { $0.path == "linked.txt" }?.bytes == Array("robots.txt".utf8))
        #expect(found.headers == Array("_headers".utf8))
        #expect(found.redirects == Array("_redirects".utf8))
        #expect(found.assetsIgnore == Array(".assetsignore".utf8))
    }

    @Test func `linked folders, dead links and pipes are refused together`() throws {
        let scratch = try ScratchFolder()
        try Files.makeFolder(scratch["public"])
        symlink(scratch.path, scratch["public/folder"])
        symlink("/nowhere/at/all", scratch["public/dead"])
        mkfifo(scratch["public/pipe"], 0o600)
        symlink("/etc/hostname", scratch["public/secret"])
        let report = reported { _ = try PublicFolder.read(scratch["public"], name: "site/public") }
        #expect(report.contains("site/public/folder: error: Linked folders are not published."))
        #expect(report.contains("site/public/dead: error: The link leads nowhere."))
        #expect(report.contains("site/public/secret: error: The link leads out of the site folder."))
        #expect(report.contains("site/public/pipe: error: Only files and folders can be published."))
    }

    @Test func `a site without the folder has no public files`() throws {
        #expect(try PublicFolder.read("/nowhere/public", name: "site/public").files.isEmpty)
    }
}
