import Foundation
import SiteBuilder
import Testing

@Suite struct ClientStageTests {
    @Test func `the parts of an application become files of the right kinds`() async throws {
        let fixture = try ClientFixture()
        let output = try await fixture.stage().build()
        let kinds = output.graph.map { "\($0.kind) \($0.name)" }
        #expect(
            kinds.sorted() == [
                "asset app/images/leaf.png", "entry app/main.tsx", "lazy app/routes/about.tsx",
                "lazy app/routes/home.tsx",
                "shared app/labels.ts", "style app/app.css", "style app/main.tsx", "vendor @tanstack/react-query",
                "vendor plain-counter", "vendor react, react/jsx-runtime, react-dom, react-dom/client",
            ])
        for file in output.files where file.path != "index.html" {
            #expect(
                file.path.wholeMatch(of: /assets\/[A-Za-z0-9._-]+-[0-9a-f]{16}\.(js|css|png)/) != nil, "\(file.path)")
        }
        #expect(output.maps.map(\.path) == output.graph.map(\.path).filter { $0.hasSuffix(".js") }.map { $0 + ".map" })
        #expect(output.warnings.isEmpty)
        let first = output.firstLoadScripts.map { $0.dropFirst("assets/".count).prefix { $0 != "-" } }
        #expect(first == ["main", "react", "tanstack"])
        await fixture.worker.close()
    }

    @Test func `React is one file that exports every name and runs without its packages`() async throws {
        let fixture = try ClientFixture()
        let react = try await fixture.stage().build().text(of: .vendor, named: "react-dom")
        for name in ["useState", "jsxs", "createRoot", "flushSync", "delete", "default"] {
            #expect(react.contains("as \(name)"), "\(name) is not exported")
        }
        #expect(!react.contains("require("))
        #expect(!react.contains("import"))
        #expect(!react.contains("__esModule as"))
        await fixture.worker.close()
    }

    @Test func `two packages that mean different things by one name cannot be one file`() async throws {
        let fixture = try ClientFixture()
        try fixture.replace("React.version", with: "'another'", in: "node_modules/react-dom/index.js")
        let found = try await clientProblems { try await fixture.stage().build() }
        #expect(
            found == [
                "package.json: error: react and react-dom mean different things by version, so they cannot share the file react."
            ])
        await fixture.worker.close()
    }

    @Test func `a CommonJS package reaches React through the import map`() async throws {
        let fixture = try ClientFixture()
        let counter = try await fixture.stage().build().text(of: .vendor, named: "plain-counter")
        #expect(counter.contains("from\"react\""))
        #expect(!counter.contains("require("))
        await fixture.worker.close()
    }

    @Test func `scripts see PUBLIC_ variables and no others`() async throws {
        let fixture = try ClientFixture()
        let output = try await fixture.stage().build()
        #expect(try output.text(of: .entry).contains("/api/v1"))
        #expect(try output.text(of: .entry).contains("\"production\""))
        #expect(!output.texts.values.contains { $0.contains("hidden-value") })
        await fixture.worker.close()
    }

    @Test func `a variable that scripts cannot see draws a warning at its place`() async throws {
        let fixture = try ClientFixture()
        try fixture.write("export const secret = process.env.SECRET\nconsole.log(secret)\n", to: "app/shared.ts")
        try fixture.replace("greet('you')", with: "'hello'", in: "app/main.tsx")
        try fixture.replace("import { greet } from '#/shared'", with: "import '#/shared'", in: "app/main.tsx")
        try fixture.replace("farewell('all')", with: "'bye'", in: "app/routes/about.tsx")
        try fixture.replace("import { farewell } from '../shared'\n", with: "", in: "app/routes/about.tsx")
        let warnings = try await fixture.stage().build().warnings
        #expect(warnings.map { $0.below("site").place } == ["site/app/shared.ts:1:23"])
        #expect(warnings.first?.message == "process.env.SECRET does not exist in the browser.")
        await fixture.worker.close()
    }

    @Test func `images are files named by content wherever they are used`() async throws {
        let fixture = try ClientFixture()
        let output = try await fixture.stage().build()
        let image = try #require(output.graph.first { $0.kind == .asset }).path
        #expect(image.hasPrefix("assets/leaf-"))
        #expect(try output.text(of: .entry).contains("\"/\(image)\""))
        #expect(try output.text(of: .style, named: "app.css").contains("url(/\(image))"))
        #expect(try output.text(of: .style, named: "main.tsx").contains("url(/\(image))"))
        await fixture.worker.close()
    }

    @Test func `public files do not mention source maps, and maps name sources relative to the site`() async throws {
        let fixture = try ClientFixture()
        let output = try await fixture.stage().build()
        for file in output.files where file.path != "index.html" {
            let text = String(decoding: file.bytes, as: UTF8.self)
            #expect(!text.contains("sourceMappingURL") && !text.contains("debugId"), "\(file.path)")
        }
        for map in output.maps { #expect(!String(decoding: map.bytes, as: UTF8.self).contains(fixture.site)) }
        let home = try #require(output.graph.first { $0.name == "app/routes/home.tsx" })
        let map = try #require(output.texts[home.path + ".map"])
        #expect(map.contains("\"sources\":[\"app/routes/home.tsx\"]"))
        await fixture.worker.close()
    }

    @Test func `without splitting there is one application file`() async throws {
        let fixture = try ClientFixture()
        let output = try await fixture.stage { $0.client.splitting = false }.build()
        let scripts = output.graph.filter { $0.path.hasSuffix(".js") && $0.kind != .vendor }
        #expect(scripts.map(\.name) == ["app/main.tsx"])
        #expect(try output.text(of: .entry).contains("The first word"))
        await fixture.worker.close()
    }

    @Test func `too many small files draw a warning that names the way out`() async throws {
        let fixture = try ClientFixture()
        let output = try await fixture.stage { $0.fileCountToWarnAt = 3 }.build()
        let warning = try #require(output.warnings.first)
        #expect(warning.message.hasPrefix("Splitting made 4 application files of "))
        #expect(warning.hint?.contains("splitting = false") == true)
        await fixture.worker.close()
    }

    @Test func `the documentation's script and stylesheet stand alone`() async throws {
        let fixture = try ClientFixture()
        let stage = try fixture.stage()
        let script = try await stage.bundleScript(entry: "docs/_docs.ts", format: .iife)
        #expect(script.url.wholeMatch(of: /\/assets\/docs-[0-9a-f]{16}\.js/) != nil)
        #expect(!String(decoding: script.file.bytes, as: UTF8.self).contains("import"))
        #expect(script.map != nil)
        let styles = try await stage.compileStyles(input: "docs/_docs.css")
        #expect(styles.url.wholeMatch(of: /\/assets\/docs-[0-9a-f]{16}\.css/) != nil)
        #expect(String(decoding: styles.file.bytes, as: UTF8.self).contains(".underline{"))
        #expect(styles.integrity.hasPrefix("sha384-"))
        await fixture.worker.close()
    }

    @Test func `an unchanged client is the same value, a changed file is noticed`() async throws {
        let fixture = try ClientFixture()
        let stage = try fixture.stage()
        let first = try await stage.build()
        await fixture.worker.restart()
        #expect(try await stage.build() == first)
        #expect(await fixture.worker.processIdentifier == nil, "an unchanged client asked the bundler")
        try fixture.replace("0.0.0", with: "0.0.1", in: "node_modules/react/index.js")
        #expect(try await stage.build() != first)
        await fixture.worker.close()
    }
}
