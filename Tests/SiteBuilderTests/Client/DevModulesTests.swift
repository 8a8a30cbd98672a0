import Foundation
import SiteBuilder
import Testing

@Suite struct DevModulesTests {
    private func text(_ url: String, of modules: DevModules) async throws -> String {
        let resource = try #require(try await modules.resource(at: url))
        return String(decoding: resource.bytes, as: UTF8.self)
    }

    @Test func `a module imports files by URL and packages by name, and registers its components`() async throws {
        let fixture = try ClientFixture()
        let modules = DevModules(stage: try fixture.stage(.development))
        let home = try await text("/@lilypad/module/app/routes/home.tsx", of: modules)
        #expect(home.hasPrefix("import { refreshScope as __lilypadScope } from \"/@lilypad/client.js\";"))
        #expect(home.contains("from \"/@lilypad/module/app/labels.ts\""))
        #expect(home.contains("from \"react\""))
        #expect(home.contains("$RefreshReg$(Home, \"app/routes/home.tsx:Home\")"))
        #expect(home.contains("sourceMappingURL=data:application/json;base64,"))
        // Bun writes a default-exported component with hooks as two declarations of one name.
        #expect(home.contains(/function Home\(\)/) && !home.contains("const Home"))
        let main = try await text("/@lilypad/module/app/main.tsx", of: modules)
        #expect(main.contains("\"/@lilypad/module/app/shared.ts\""), "an alias of tsconfig.json is resolved")
        #expect(main.contains("import(\"/@lilypad/module/app/routes/home.tsx\")"))
        await fixture.worker.close()
    }

    @Test func `stylesheets and images are modules too`() async throws {
        let fixture = try ClientFixture()
        let modules = DevModules(stage: try fixture.stage(.development))
        #expect(try await text("/@lilypad/module/app/app.css", of: modules) == "export {}\n")
        let about = try await text("/@lilypad/module/app/routes/about.css", of: modules)
        #expect(about.contains("injectStyle(\"app/routes/about.css\""))
        #expect(about.contains("/@lilypad/file/app/images/leaf.png"))
        let image = try await text("/@lilypad/module/app/images/leaf.png", of: modules)
        #expect(image == "export default \"/@lilypad/file/app/images/leaf.png\"\n")
        let file = try await modules.resource(at: "/@lilypad/file/app/images/leaf.png")
        #expect(file?.contentType == "image/png")
        let styles = try await text("/@lilypad/styles.css", of: modules)
        #expect(styles.contains(".underline {") && styles.contains("url(/@lilypad/file/app/images/leaf.png)"))
        await fixture.worker.close()
    }

    @Test(arguments: [
        "/@lilypad/module/../package.json", "/@lilypad/module/%2e%2e/x.ts", "/@lilypad/file/package.json",
        "/@lilypad/module/.env", "/@lilypad/module//etc/passwd", "/@lilypad/vendor/none.js", "/other",
    ])
    func `what is not part of the site is not there`(url: String) async throws {
        let fixture = try ClientFixture()
        let modules = DevModules(stage: try fixture.stage(.development))
        #expect(try await modules.resource(at: url) == nil)
        await fixture.worker.close()
    }

    @Test func `the development page maps every package to a file that is served`() async throws {
        let fixture = try ClientFixture()
        let modules = DevModules(stage: try fixture.stage(.development))
        let page = try await modules.page()
        let names = [
            "react", "react/jsx-dev-runtime", "react-refresh/runtime", "@tanstack/react-query", "plain-counter",
        ]
        for name in names { #expect(page.html.contains("\"\(name)\":\"/@lilypad/vendor/"), "\(name)") }
        #expect(page.html.contains(/client\.js.*\n.*module\/app\/main\.tsx/))
        #expect(page.inlineScriptHashes.count == 2)
        let react = try await text("/@lilypad/vendor/react.js", of: modules)
        #expect(react.contains("act") && react.contains("jsxDEV"))
        await fixture.worker.close()
    }

    @Test func `a broken module does not keep the page from loading`() async throws {
        let fixture = try ClientFixture()
        try fixture.write("export const a = <p>{</p>\n", to: "app/routes/about.tsx")
        let modules = DevModules(stage: try fixture.stage(.development))
        #expect(try await modules.page().html.contains("\"react\""))
        let found = try await clientProblems { try await modules.module("app/routes/about.tsx") }
        #expect(found.first?.hasPrefix("app/routes/about.tsx:1:23: error: ") == true)
        try fixture.write("import './nowhere'\n", to: "app/routes/about.tsx")
        let missing = try await clientProblems { try await modules.module("app/routes/about.tsx") }
        #expect(missing.first?.hasPrefix("app/routes/about.tsx:1:8: error: There is no module \"./nowhere\".") == true)
        await fixture.worker.close()
    }

    @Test func `a changed component is loaded anew, a change at the entry reloads`() async throws {
        let fixture = try ClientFixture()
        let modules = DevModules(stage: try fixture.stage(.development))
        _ = try await modules.page()
        for path in ["app/main.tsx", "app/shared.ts", "app/labels.ts", "app/routes/home.tsx", "app/routes/about.tsx"] {
            _ = try await modules.module(path)
        }
        let home = "/@lilypad/module/app/routes/home.tsx"
        let about = "/@lilypad/module/app/routes/about.tsx"
        #expect(await modules.update(after: ["app/routes/home.tsx"]) == .modules([home + "?v=1"], styles: true))
        // A module without components is taken in by the components above it, which must then import the new one.
        #expect(
            await modules.update(after: ["app/labels.ts"])
                == .modules([about + "?v=1", home + "?v=2"], styles: true))
        #expect(try await modules.module("app/routes/home.tsx").contains("app/labels.ts?v=1\""))
        #expect(await modules.update(after: ["app/shared.ts"]) == .reload)
        #expect(await modules.update(after: ["app/main.tsx"]) == .reload)
        #expect(await modules.update(after: ["app/app.css"]) == .modules([], styles: true))
        #expect(await modules.update(after: ["app/index.html"]) == .reload)
        // A package that the page's import map does not know.
        try fixture.replace("plain-counter", with: "another-package", in: "app/routes/home.tsx")
        #expect(await modules.update(after: ["app/routes/home.tsx"]) == .reload)
        await fixture.worker.close()
    }

    @Test func `a broken change is shown, and taken in once it is mended`() async throws {
        let fixture = try ClientFixture()
        let modules = DevModules(stage: try fixture.stage(.development))
        _ = try await modules.page()
        for path in ["app/labels.ts", "app/routes/home.tsx"] { _ = try await modules.module(path) }
        let home = "/@lilypad/module/app/routes/home.tsx"
        try fixture.replace("</button>", with: "<button>", in: "app/routes/home.tsx")
        guard case .broken(let problems) = await modules.update(after: ["app/routes/home.tsx"]) else {
            Issue.record("the page was told to load a broken module")
            return
        }
        #expect(problems.first?.file == "app/routes/home.tsx")
        // The second change arrives alone, and brings the first along.
        try fixture.replace("{count()}\n    <button>", with: "{count()}\n    </button>", in: "app/routes/home.tsx")
        #expect(await modules.update(after: ["app/routes/home.tsx"]) == .modules([home + "?v=1"], styles: true))
        await fixture.worker.close()
    }

    @Test func `a page that never got a module is reloaded when the missing file appears`() async throws {
        let fixture = try ClientFixture()
        let modules = DevModules(stage: try fixture.stage(.development))
        _ = try await modules.page()
        try fixture.replace("'../labels'", with: "'../texts'", in: "app/routes/home.tsx")
        #expect(try await clientProblems { try await modules.module("app/routes/home.tsx") }.count == 1)
        try fixture.write("export const label = String\n", to: "app/texts.ts")
        #expect(await modules.update(after: ["app/texts.ts"]) == .reload)
        await fixture.worker.close()
    }
}
