import Foundation
import SiteBuilder
import Testing

/// What changes when something changes.
@Suite struct ClientStabilityTests {
    /// Words that shift how often letters occur, which is what minifiers choose short names by.
    @Test(arguments: ["other", "zzzzzzzzzzzzzzzzzzz", "qqq xxx jjj kkk", "eeeeeeeee tttttttt aaaaaaaa", "Ünïcödé"])
    func `one changed word in a lazy route changes that file, its map and the page`(word: String) async throws {
        let fixture = try ClientFixture()
        let stage = try fixture.stage()
        let before = try await stage.build()
        try fixture.replace("first word", with: word, in: "app/routes/home.tsx")
        let after = try await stage.build()

        func withoutHash(_ path: String) -> String { path.replacing(/-[0-9a-f]{16}\./, with: ".") }
        let gone = before.texts.filter { after.texts[$0.key] != $0.value }.keys
        let new = after.texts.filter { before.texts[$0.key] != $0.value }.keys
        #expect(gone.map(withoutHash).sorted() == ["assets/home.js", "assets/home.js.map", "index.html"])
        #expect(new.map(withoutHash).sorted() == ["assets/home.js", "assets/home.js.map", "index.html"])
        #expect(before.importMapHash != after.importMapHash)
        await fixture.worker.close()
    }

    @Test func `React's file does not change with the application`() async throws {
        let fixture = try ClientFixture()
        let stage = try fixture.stage()
        func vendors(_ output: ClientOutput) -> [OutputFile] {
            let paths = Set(output.graph.filter { $0.kind == .vendor }.map(\.path))
            return output.files.filter { paths.contains($0.path) }
        }
        let before = vendors(try await stage.build())
        try fixture.write(
            "import { Fragment, useState } from 'react'\nexport const extra = () => [Fragment, useState(1)]\n",
            to: "app/extra.ts")
        try fixture.replace("import './app.css'", with: "import './app.css'\nimport './extra'", in: "app/main.tsx")
        #expect(vendors(try await stage.build()) == before)
        await fixture.worker.close()
    }

    @Test func `two checkouts in different folders give the same bytes`() async throws {
        let here = try ClientFixture()
        let there = try ClientFixture(under: "another/much deeper/place/website")
        let (one, other) = try await (here.stage().build(), there.stage().build())
        #expect(one.files.map(\.path) == other.files.map(\.path))
        #expect(one == other)
        await here.worker.close()
        await there.worker.close()
    }

    @Test func `builds in many processes at once agree`() async throws {
        let fixture = try ClientFixture()
        let outputs = try await withThrowingTaskGroup(of: ClientOutput.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let worker = BunWorker(bun: try ClientTools.bun, site: fixture.site)
                    var settings = ClientStage.Settings(site: fixture.site)
                    settings.checksTypes = false
                    let stage = ClientStage(
                        settings, worker: worker, bun: try ClientTools.bun, tailwind: try ClientTools.tailwind)
                    let output = try await stage.build()
                    await worker.close()
                    return output
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outputs.allSatisfy { $0 == outputs[0] })
    }

    @Test func `vendor bundles kept on disk are used until a package's file changes`() async throws {
        let fixture = try ClientFixture()
        let cache = fixture.site + "/../cache"
        let first = try await fixture.stage(cache: cache).build()
        let kept = try FileManager.default.contentsOfDirectory(atPath: cache)
        #expect(kept.count == 3)
        #expect(try await fixture.stage(cache: cache).build() == first)
        try fixture.replace("nothing yet", with: "changed", in: "node_modules/@tanstack/react-query/index.js")
        let second = try await fixture.stage(cache: cache).build()
        #expect(try second.text(of: .vendor, named: "query").contains("changed"))
        #expect(try second.text(of: .vendor, named: "react-dom") == first.text(of: .vendor, named: "react-dom"))
        await fixture.worker.close()
    }
}
