import Glibc
import Testing

@testable import SiteBuilder

/// A build of made-up stages in a folder of its own.
struct BuildBench {
    let scratch: ScratchFolder
    var configuration = SiteConfiguration(title: "T", description: "D", baseURL: "https://example.com")
    var mode = BuildMode.production
    var packing = Packing.full
    var stages: [BuildStage] = []

    init() throws { scratch = try ScratchFolder() }

    static func client(_ word: String = "hello") -> BuildStage {
        BuildStage("client") {
            let script = String(repeating: "console.log('\(word)');\n", count: 40)
            let name = "assets/entry-\(ContentDigest(of: script).hex.prefix(8)).js"
            return StageProduct(
                artifacts: [
                    Artifact(OutputFile(name, script), role: .entry, source: "the client build"),
                    Artifact(
                        OutputFile("index.html", "<script src=/\(name)>"), role: .page, source: "the client build"),
                ],
                maps: [OutputFile(name + ".map", "{}")], inlineScripts: ["sha256-map="])
        }
    }

    static func docs(_ pages: [String: String]) -> BuildStage {
        BuildStage("docs") {
            StageProduct(
                artifacts: pages.sorted { $0.key < $1.key }.map {
                    Artifact(OutputFile($0.key, $0.value), role: .docs, source: "site/\($0.key)")
                }, note: "\(pages.count) pages")
        }
    }

    var build: SiteBuild {
        var build = SiteBuild(
            configuration: configuration, mode: mode, packing: packing, stages: stages,
            publicFolder: scratch["site/public"], cacheFolder: scratch["cache"])
        build.configurationText = "[budgets]\nfirst_load_script = 10\n"
        return build
    }

    @discardableResult func write(_ out: String = "dist") async throws -> SiteBuild.Summary {
        try await build.write(to: scratch[out])
    }

    func problems(_ out: String = "dist") async -> String {
        await SiteBuilderTests.reported { try await write(out) }
    }
}

@Suite struct SiteBuildTests {
    @Test func `a build writes files, variants, maps, rules and a manifest that fits them`() async throws {
        var bench = try BuildBench()
        bench.stages = [BuildBench.client(), BuildBench.docs(["docs/index.html": "<h1>Docs</h1>"])]
        try bench.scratch.write("site/public/robots.txt", "User-agent: *\n")
        let summary = try await bench.write()
        let entry = try #require(summary.manifest.files.first { $0.path.hasPrefix("public/assets/entry-") }?.path)
        #expect(
            try bench.scratch.tree("dist").keys.sorted()
                == [
                    "dist/manifest.json", "dist/maps/\(entry.dropFirst(7)).map", "dist/public/.assetsignore",
                    "dist/public/_headers",
                    "dist/public/_redirects", "dist/\(entry)", "dist/\(entry).br", "dist/\(entry).gz",
                    "dist/public/docs/index.html", "dist/public/index.html", "dist/public/robots.txt",
                ].sorted())
        let manifest = try #require(Manifest.read(inFolder: bench.scratch["dist"]))
        #expect(manifest == summary.manifest)
        for file in manifest.files {
            let bytes = try Files.read(bench.scratch["dist/\(file.path)"])
            #expect(bytes.count == file.size && ContentDigest(of: bytes).hex == file.sha256)
            for (ending, coding) in [(".br", "br"), (".gz", "gzip")] {
                let packed = try Files.readIfPresent(bench.scratch["dist/\(file.path)\(ending)"])
                #expect(packed?.count == file.encodings[coding]?.size)
                #expect(packed.map { ContentDigest(of: $0).hex } == file.encodings[coding]?.sha256)
            }
        }
        #expect(manifest.files.first { $0.path == entry }?.integrity?.hasPrefix("sha384-") == true)
        #expect(try bench.scratch.text("dist/public/_headers").contains("script-src 'self' 'sha256-map='"))
    }

    @Test func `the same input gives the same bytes in another folder and without the cache`() async throws {
        var trees: [[String: String]] = []
        for _ in 0..<2 {
            var bench = try BuildBench()
            bench.stages = [BuildBench.client(), BuildBench.docs(["docs/a.html": "a", "docs/b.html": "b"])]
            try bench.scratch.write("site/public/robots.txt", "User-agent: *\n")
            try await bench.write()
            trees.append(try bench.scratch.tree("dist").mapValues { ContentDigest(of: $0).hex })
        }
        #expect(trees[0] == trees[1])
    }

    @Test func `a stage that fails midway leaves the last bundle untouched`() async throws {
        var bench = try BuildBench()
        bench.stages = [BuildBench.client()]
        try await bench.write()
        let before = try bench.scratch.tree("dist")
        bench.stages = [
            BuildBench.client("changed"),
            BuildStage("docs") { throw Diagnostic(file: "site/docs/a.md", line: 3, column: 1, message: "Broken.") },
            BuildStage("types") { throw BuildFailure([Diagnostic(file: "site/app/a.ts", line: 1, message: "Wrong.")]) },
        ]
        #expect(
            await bench.problems() == """
                site/app/a.ts:1: error: Wrong.
                site/docs/a.md:3:1: error: Broken.
                """)
        #expect(try bench.scratch.tree("dist") == before)
        #expect(try Files.list(bench.scratch.path).map(\.name) == ["cache", "dist"])
    }

    @Test func `a build that is cancelled leaves the last bundle untouched`() async throws {
        var bench = try BuildBench()
        bench.stages = [BuildBench.client()]
        try await bench.write()
        let before = try bench.scratch.tree("dist")
        bench.stages = [
            BuildStage("client") {
                withUnsafeCurrentTask { $0?.cancel() }
                return StageProduct()
            },
            BuildStage("docs") {
                // Never ends by itself.
                try await Task.sleep(for: .seconds(3600))
                return StageProduct()
            },
        ]
        let unfinished = bench
        let task = Task { try await unfinished.write() }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try bench.scratch.tree("dist") == before)
    }

    @Test func `a killed build leaves the last bundle untouched`() async throws {
        var bench = try BuildBench()
        bench.stages = [BuildBench.client()]
        try await bench.write()
        let before = try bench.scratch.tree("dist")
        let path = bench.scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let build = SiteBuild(
                configuration: SiteConfiguration(title: "T", description: "D", baseURL: "https://example.com"),
                mode: .production, packing: .full, stages: [BuildBench.client("changed")], publicFolder: path + "/none",
                cacheFolder: nil)
            // At the last moment before the swap: everything is written.
            _ = try await build.write(to: path + "/dist") { event in
                if case .started("write") = event {
                    Task.detached {
                        while Files.kind(path + "/.dist.staging/manifest.json") == nil
                            && Files.kind(path + "/.dist.lock") != nil
                        {
                            await Task.yield()
                        }
                        kill(getpid(), SIGKILL)
                    }
                }
            }
            // The build was quicker than the killer: that is a death, too.
            kill(getpid(), SIGKILL)
        }
        let after = try bench.scratch.tree("dist")
        // Either the old bundle or the whole new one, never a mixture.
        #expect(
            after == before
                || after.keys.count == before.keys.count && Manifest.read(inFolder: bench.scratch["dist"]) != nil)
        try await bench.write()
        #expect(try bench.scratch.tree("dist") == before)
        #expect(try Files.list(bench.scratch.path).map(\.name) == ["cache", "dist"])
    }

    @Test func `over budget fails with the file, its size and the bound`() async throws {
        var bench = try BuildBench()
        bench.stages = [BuildBench.client()]
        bench.configuration.budgets.firstLoadScript = 10
        let report = await bench.problems()
        #expect(report.hasPrefix("site/site.toml:2:1: error: The script of the first page is "))
        #expect(report.contains("2 | first_load_script = 10"))
        #expect(report.contains("over the budget of 10 B."))
        #expect(report.contains("raise `first_load_script` under [budgets]"))
        #expect(try bench.scratch.tree("dist").isEmpty)
        bench.mode = .development
        bench.packing = .none
        try await bench.write()
    }

    @Test func `without packing there are no variants`() async throws {
        var bench = try BuildBench()
        bench.packing = .none
        bench.mode = .development
        bench.stages = [BuildBench.client()]
        let summary = try await bench.write()
        #expect(summary.manifest.files.allSatisfy { $0.encodings.isEmpty })
        #expect(!(try bench.scratch.text("dist/public/_headers").contains("immutable")))
    }

    @Test func `events tell of every stage`() async throws {
        var bench = try BuildBench()
        bench.stages = [BuildBench.client(), BuildBench.docs(["docs/index.html": "a"])]
        let log = Log<BuildEvent>()
        _ = try await bench.build.write(to: bench.scratch["dist"]) { log.add($0) }
        var finished: Set<String> = []
        for case .finished(let name, _, _) in log.values { finished.insert(name) }
        #expect(finished == ["client", "docs", "pack", "write"])
    }

    @Test func `events tell how long the steps of a stage took`() async throws {
        var bench = try BuildBench()
        let steps = [TimedPart("read", .milliseconds(3)), TimedPart("parse", .milliseconds(5))]
        bench.stages = [
            BuildStage("docs") {
                var product = StageProduct()
                product.parts = steps
                return product
            }
        ]
        let log = Log<BuildEvent>()
        _ = try await bench.build.write(to: bench.scratch["dist"]) { log.add($0) }
        #expect(log.values.contains(.parts("docs", steps)))
        var written: [String] = []
        for case .parts("write", let parts) in log.values { written += parts.map(\.name) }
        #expect(written == ["files", "commit"])
    }
}

@Suite struct BundleAssemblyTests {
    private func report(_ stages: [BuildStage], routes: [String] = [], public files: [String] = []) async throws
        -> String
    {
        var bench = try BuildBench()
        bench.stages = stages
        bench.packing = .none
        bench.configuration.client = .init()
        bench.configuration.client?.routes = routes
        for file in files { try bench.scratch.write("site/public/\(file)", "x") }
        return await bench.problems()
    }

    @Test func `two files of one path are an error that names both sources`() async throws {
        let text = try await report([BuildBench.client()], public: ["index.html"])
        #expect(text.contains("`index.html` is made twice: by the client build and by site/public/index.html."))
    }

    @Test func `a file where another has its folder is an error`() async throws {
        let text = try await report([BuildBench.docs(["docs/a.html": ""])], public: ["docs"])
        #expect(text.contains("`docs` is a folder here and a file of site/public/docs."))
    }

    @Test func `a file in the place of a packed variant is an error, other archives are not`() async throws {
        let text = try await report([], public: ["a.txt", "a.txt.br", "files/b.tar.gz"])
        #expect(text.contains("`a.txt.br` stands where the packed variant of site/public/a.txt goes."))
        #expect(!text.contains("b.tar"))
    }

    @Test func `the folder of hashed files is the build's`() async throws {
        let text = try await report([], public: ["assets/logo.png"])
        #expect(text.contains("site/public/assets/logo.png: error: The folder assets/ belongs to the build"))
    }

    @Test(
        "files below a client route are hidden and refused", arguments: ["projects", "projects.html", "projects/a.txt"])
    func hidden(file: String) async throws {
        let text = try await report([], routes: ["/projects"], public: [file, "projects-of-old.html"])
        #expect(text.contains("`\(file)` is hidden by the client's route /projects"))
        #expect(!text.contains("of-old"))
    }

    @Test func `a file beyond what asset servers take is an error`() async throws {
        let stage = BuildStage("client") {
            let bytes = [UInt8](repeating: 0, count: BundleAssembly.largestFile + 1)
            return StageProduct(artifacts: [
                Artifact(OutputFile(path: "big.bin", bytes: bytes), role: .other, source: "a.ts")
            ])
        }
        let text = try await report([stage])
        #expect(
            text.contains("a.ts: error: `big.bin` has 26214401 bytes; asset servers take at most 26214400 (25 MiB)."))
    }

    @Test func `very many files are a warning`() async throws {
        var bench = try BuildBench()
        bench.packing = .none
        bench.stages = [
            BuildStage("docs") {
                StageProduct(
                    artifacts: (0...BundleAssembly.mostFiles).map {
                        Artifact(OutputFile("docs/\($0).html", ""), role: .docs, source: "\($0).md")
                    })
            }
        ]
        let bundle = try await bench.build.bundle()
        #expect(bundle.warnings.map(\.message) == ["The bundle has 20004 files; small plans take 20000."])
    }
}
