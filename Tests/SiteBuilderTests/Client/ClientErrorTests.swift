import Foundation
import Testing

@testable import SiteBuilder

@Suite struct ClientErrorTests {
    @Test func `a syntax error shows its place and line`() async throws {
        let fixture = try ClientFixture()
        try fixture.write("export const a = 1\nexport const b = <p>{</p>\n", to: "app/routes/about.tsx")
        let found = try await clientProblems { try await fixture.stage().build() }
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("app/routes/about.tsx:2:23: error: "))
        #expect(found[0].contains("\n  2 | export const b = <p>{</p>\n    |                       ^"))
        await fixture.worker.close()
    }

    @Test func `a misspelt import names the file that was meant`() async throws {
        let fixture = try ClientFixture()
        try fixture.replace("'../labels'", with: "'../lables'", in: "app/routes/about.tsx")
        let found = try await clientProblems { try await fixture.stage().build() }
        #expect(
            found == [
                """
                app/routes/about.tsx:2:23: error: There is no module "../lables".
                  2 | import { label } from '../lables'
                    |                       ^
                  hint: Did you mean "../labels"?
                """
            ])
        await fixture.worker.close()
    }

    @Test func `a package that is not installed is shown where it is imported`() async throws {
        let fixture = try ClientFixture()
        try fixture.replace("from 'plain-counter'", with: "from 'left-pad'", in: "app/routes/home.tsx")
        let found = try await clientProblems { try await fixture.stage().build() }
        #expect(
            found == [
                """
                app/routes/home.tsx:3:19: error: There is no module "left-pad".
                  3 | import count from 'left-pad'
                    |                   ^
                  hint: Add left-pad to the dependencies in package.json and install it.
                """
            ])
        await fixture.worker.close()
    }

    @Test func `a type error does not need the bundler to be found`() async throws {
        let fixture = try ClientFixture()
        try fixture.write(
            "{ \"compilerOptions\": { \"strict\": true, \"types\": [] }, \"include\": [\"app/typed.ts\"] }",
            to: "tsconfig.json")
        try fixture.write("export const a = 1\nexport const b: number = 'two'\n", to: "app/typed.ts")
        let found = try await TypeCheck(bun: ClientTools.bun, site: fixture.site).run()
        #expect(
            found.map { $0.rendered() } == [
                """
                app/typed.ts:2:14: error: Type 'string' is not assignable to type 'number'. (TS2322)
                  2 | export const b: number = 'two'
                    |              ^
                """
            ])
    }

    @Test func `lines that continue a type error belong to it`() {
        let text = """
            app/a.ts(1,2): error TS2322: Type 'A' is not assignable to type 'B'.
              Property 'x' is missing.
            error TS5023: Unknown compiler option 'stric'.
            """
        let found = TypeCheck.diagnostics(in: text, site: "/nowhere")
        #expect(
            found.map(\.message) == [
                "Type 'A' is not assignable to type 'B'. (TS2322)\n  Property 'x' is missing.",
                "Unknown compiler option 'stric'. (TS5023)",
            ])
    }

    @Test func `a stylesheet that imports what is not there is shown at the import`() throws {
        let fixture = try ClientFixture()
        try fixture.write("a { color: red }\n@import \"./nope.css\";\n", to: "app/broken.css")
        let problem = StyleCompiler.diagnostic(
            from: "Error: Can't resolve './nope.css' in '/x'\n", input: "app/broken.css", site: fixture.site)
        #expect(problem.place == "app/broken.css:2:10")
    }

    @Test func `a stylesheet that Tailwind refuses is shown at its line`() async throws {
        let fixture = try ClientFixture()
        try fixture.write("@import \"tailwindcss\";\n.a {\n  @apply nonsense;\n}\n", to: "app/app.css")
        let found = try await clientProblems { try await fixture.stage().build() }
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("app/app.css:3:10: error: Cannot apply unknown utility class `nonsense`."))
        try fixture.write("@import \"tailwindcss\";\n.a {\n", to: "app/app.css")
        let unclosed = try await clientProblems { try await fixture.stage().build() }
        #expect(unclosed == ["app/app.css:2:1: error: Missing closing } at .a.\n  2 | .a {\n    | ^"])
        await fixture.worker.close()
    }

    @Test func `a missing image and a missing head are errors in the site's words`() async throws {
        let fixture = try ClientFixture()
        try fixture.replace("leaf.png", with: "laef.png", in: "app/app.css")
        let image = try await clientProblems { try await fixture.stage().build() }
        #expect(image.first?.hasPrefix("app/app.css:5:20: error: There is no file ./images/laef.png.") == true)
        try fixture.replace("laef.png", with: "leaf.png", in: "app/app.css")
        try fixture.write("<p>No head.</p>", to: "app/index.html")
        let page = try await clientProblems { try await fixture.stage().build() }
        #expect(page.first?.hasPrefix("app/index.html: error: The page has no <head>…</head>.") == true)
        await fixture.worker.close()
    }

    @Test func `all that is wrong is told at once, in the order of places`() async throws {
        let fixture = try ClientFixture()
        try fixture.replace("'../labels'", with: "'../lables'", in: "app/routes/about.tsx")
        try fixture.replace("'../labels'", with: "'../lables'", in: "app/routes/home.tsx")
        try fixture.replace("leaf.png", with: "laef.png", in: "app/app.css")
        let found = try await clientProblems { try await fixture.stage().build() }
        #expect(
            found.map { $0.prefix { $0 != ":" } } == ["app/app.css", "app/routes/about.tsx", "app/routes/home.tsx"])
        await fixture.worker.close()
    }

    @Test func `a file that became a folder is found by a long-lived worker`() async throws {
        let fixture = try ClientFixture()
        let stage = try fixture.stage()
        _ = try await stage.build()
        let labels = try String(contentsOfFile: fixture.site + "/app/labels.ts", encoding: .utf8)
        try fixture.remove("app/labels.ts")
        try fixture.write(labels, to: "app/labels/index.ts")
        let output = try await stage.build()
        #expect(output.graph.contains { $0.name == "app/labels/index.ts" })
        await fixture.worker.close()
    }

    @Test func `a fall of the style compiler is told from a mistake in the stylesheet`() {
        func run(_ errors: String, _ code: Int32 = 1) -> ToolRun {
            ToolRun(status: .exited(code), output: [], errors: errors)
        }
        #expect(StyleCompiler.isCrash(run("30029 |   init_gen_mapping();\n              ^\n")))
        #expect(StyleCompiler.isCrash(run("TypeError: undefined is not a function\n")))
        #expect(StyleCompiler.isCrash(run("Bun v1\n    at init (/$bunfs/root/tailwindcss:3:9)\n")))
        #expect(!StyleCompiler.isCrash(run("≈ tailwindcss v4\n\nError: Cannot apply unknown utility class `p-x`\n")))
        #expect(!StyleCompiler.isCrash(run("≈ tailwindcss v4\n\nDone in 20ms\n", 0)))
    }
}
