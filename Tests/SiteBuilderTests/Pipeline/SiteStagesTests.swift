import Foundation
import Testing

@testable import SiteBuilder

/// The fixture site with documentation, public files and a configuration: everything that a build reads.
private final class WholeSite: Sendable {
    let fixture: ClientFixture
    let output: ScratchFolder

    /// - Parameter name: Folders between the temporary folder and the site, so that two sites differ in depth.
    init(under name: String) throws {
        fixture = try ClientFixture(under: name)
        output = try ScratchFolder()
        try fixture.write(
            """
            title = "Fixture"
            description = "A small site."
            base_url = "https://example.com"
            [client]
            routes = ["/about"]
            [docs]
            [[docs.section]]
            title = "Start"
            pages = ["index", "guide"]
            """, to: "site.toml")
        try fixture.write(
            "<!doctype html><html lang=\"{{language}}\"><head><title>{{title}}</title>{{head}}</head><body>{{nav}}"
                + "<main>{{content}}</main>{{outline}}{{previous_next}}</body></html>", to: "docs/_layout.html")
        try fixture.write("# Start\n\nSee [the guide](guide.md) and [about](/about).\n", to: "docs/index.md")
        try fixture.write("# Guide\n\n```swift\nlet answer = 42\n```\n", to: "docs/guide.md")
        try fixture.write("User-agent: *\n", to: "public/robots.txt")
    }

    func project() throws -> SiteProject { try SiteProject.load(root: output.path, site: fixture.site) }

    func build(_ out: String = "dist") async throws -> SiteBuild.Summary {
        let project = try project()
        let stages = try SiteStages(project, mode: .production, toolchain: try Self.toolchain())
        // The fixture's packages have no types.
        let build = SiteBuild(
            project, stages: [stages.clientStage, stages.docsStage], mode: .production, packing: .full)
        let summary = try await build.write(to: project.outputFolder(out))
        await stages.close()
        return summary
    }

    private static func toolchain() throws -> Toolchain {
        var root = URL(filePath: #filePath).deletingLastPathComponent()
        while root.path != "/", !FileManager.default.fileExists(atPath: root.appending(path: "Package.swift").path) {
            root.deleteLastPathComponent()
        }
        return try Toolchain.locate(projectRoot: root.path)
    }
}

@Suite struct SiteStagesTests {
    @Test func `the same site in two folders gives the same bytes`() async throws {
        let (one, two) = (try WholeSite(under: "site"), try WholeSite(under: "somewhere/deeper/site"))
        _ = try await one.build()
        _ = try await two.build()
        let (first, second) = (try one.output.tree("dist"), try two.output.tree("dist"))
        #expect(first.keys.contains("dist/public/docs/guide.html"))
        #expect(first.keys.contains("dist/public/robots.txt"))
        #expect(first.keys.sorted() == second.keys.sorted())
        for path in first.keys { #expect(first[path] == second[path], "\(path)") }
    }

    @Test func `one word in a lazy route changes that file, the page, the policy and the manifest`() async throws {
        let site = try WholeSite(under: "site")
        _ = try await site.build()
        let before = try site.output.tree("dist")
        try site.fixture.replace("The first word", with: "The other word", in: "app/routes/home.tsx")
        _ = try await site.build()
        let after = try site.output.tree("dist")
        var changed: Set<String> = []
        for path in Set(before.keys).union(after.keys) where before[path] != after[path] {
            let name = SizeReport.stableName(path.replacing("dist/public/", with: "").replacing("dist/maps/", with: ""))
            // Packed variants change with their file.
            changed.insert(name.hasSuffix(".br") || name.hasSuffix(".gz") ? String(name.dropLast(3)) : name)
        }
        #expect(
            changed.sorted() == [
                "_headers", "assets/home-*.js", "assets/home-*.js.map", "dist/manifest.json", "index.html",
            ])
    }

    @Test func `problems of client and docs come together, as seen from the project`() async throws {
        let site = try WholeSite(under: "site")
        try site.fixture.replace("The first word", with: "{", in: "app/routes/home.tsx")
        try site.fixture.write("# Guide\n\n[gone](missing.md)\n", to: "docs/guide.md")
        let report = await reported { _ = try await site.build() }
        #expect(report.contains("\(site.fixture.site)/app/routes/home.tsx:"))
        #expect(report.contains("\(site.fixture.site)/docs/guide.md:3:8: error: There is no page `missing.md`."))
        #expect(try site.output.tree("dist").isEmpty)
    }
}

@Suite struct SiteProjectTests {
    private let minimal = "title = \"T\"\ndescription = \"D\"\nbase_url = \"https://example.com\"\n"

    @Test func `a site below the root is called by its relative path`() throws {
        let scratch = try ScratchFolder()
        try scratch.write("web/site/site.toml", minimal)
        let project = try SiteProject.load(root: scratch.path, site: "web/site/")
        #expect(project.name == "web/site")
        #expect(project.folder == scratch["web/site"])
        #expect(project.outputFolder("out/") == scratch["out"])
        #expect(project.outputFolder("/tmp/out") == "/tmp/out")
    }

    @Test func `a missing configuration is named with the way out`() throws {
        let scratch = try ScratchFolder()
        #expect(
            reported { _ = try SiteProject.load(root: scratch.path) } == """
                site/site.toml: error: There is no such file.
                  hint: Run this in the project's folder, or name the site folder with --site.
                """)
    }
}

@Suite struct ProjectCheckTests {
    private func findings(_ files: [String: String]) async throws -> [String: String] {
        let scratch = try ScratchFolder()
        try scratch.write("site/site.toml", "title = \"T\"\ndescription = \"D\"\nbase_url = \"https://example.com\"\n")
        for (path, text) in files { try scratch.write(path, text) }
        let check = ProjectCheck(try SiteProject.load(root: scratch.path))
        let stage = BuildStage("docs") { throw Diagnostic(file: "site/docs/a.md", line: 1, message: "Broken.") }
        var found: [String: String] = [:]
        for finding in await check.run([stage], environment: [:]) {
            found[finding.name] = finding.diagnostics.map { $0.rendered() }.joined(separator: "\n")
        }
        return found
    }

    @Test func `every part is looked at, whatever the others found`() async throws {
        let found = try await findings([
            "wrangler.toml": "name = \"Bad Name\"\n", "site/public/_redirects": "/a /b 404\n",
            "site/public/assets/x.js": "",
        ])
        #expect(found["wrangler.toml"]?.contains("wrangler.toml:1:1: error:") == true)
        #expect(found["rules"]?.contains("site/public/_redirects:1:1: error:") == true)
        #expect(found["rules"]?.contains("site/public/assets/x.js: error:") == true)
        #expect(found["docs"] == "site/docs/a.md:1: error: Broken.")
    }

    @Test func `a project in order has nothing to say`() async throws {
        let found = try await findings(["site/public/_headers": "/a\n  X-One: 1\n"])
        #expect(found["wrangler.toml"] == "" && found["rules"] == "")
    }

    @Test func `rules for whole folders tell which paths the Worker answers`() throws {
        let scratch = try ScratchFolder()
        try scratch.write(
            "wrangler.toml",
            "name = \"a\"\ncompatibility_date = \"2026-08-01\"\nmain = \"a.js\"\n[assets]\ndirectory = \".\"\nrun_worker_first = [\"/api/*\", \"!/api/x\", \"/*.json\", \"/*\"]\n"
        )
        try scratch.write("a.js", "")
        #expect(ProjectCheck.wranglerProblems(root: scratch.path, environment: [:]).workerPaths == ["/api"])
    }
}
