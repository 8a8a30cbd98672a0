import Foundation
import Subprocess
import Testing

@testable import SiteBuilder

/// The tools and packages that `lilypad setup` puts into this checkout. `make test` runs it first.
enum InstalledTools {
    static let projectRoot: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 1...4 { url.deleteLastPathComponent() }
        return url.path
    }()

    static let toolchain: Toolchain? =
        FileManager.default.fileExists(atPath: projectRoot + "/site/node_modules/react/package.json")
        ? try? Toolchain.locate(projectRoot: projectRoot) : nil
}

/// The generated packages under the tools that use them.
@Suite(.enabled(if: InstalledTools.toolchain != nil, "run `lilypad setup` first"))
struct GeneratedReactTests {
    /// Runs Bun in a folder that holds `files` and sees the site's packages.
    private func bun(_ arguments: [String], nodeEnv: String, files: [String: String]) async throws -> ProcessOutcome {
        let folder = FileManager.default.temporaryDirectory.path + "/lilypad-react-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createSymbolicLink(
            atPath: folder + "/node_modules", withDestinationPath: InstalledTools.projectRoot + "/site/node_modules")
        for (name, text) in files { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
        let result = try await Subprocess.run(
            .path(.init(try #require(InstalledTools.toolchain).bun)), arguments: Arguments(arguments),
            environment: .inherit.updating(["NODE_ENV": nodeEnv, "NO_COLOR": "1"]), workingDirectory: .init(folder),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        let status = if case .exited(let code) = result.terminationStatus { Int(code) } else { -1 }
        return ProcessOutcome(status: status, output: result.standardOutput + result.standardError)
    }

    @Test("elements, hooks and React DOM load in both modes", arguments: ["production", "development"])
    func runs(nodeEnv: String) async throws {
        let script = """
            import { version, use, useOptimistic, createContext, Fragment, isValidElement } from 'react'
            import { jsx, jsxs, Fragment as F } from 'react/jsx-runtime'
            import { createRoot, version as clientVersion } from 'react-dom/client'
            import { createPortal, flushSync, useFormStatus } from 'react-dom'
            import { c } from 'react/compiler-runtime'

            // Fast Refresh throws in production: no production bundle may hold it.
            const refresh = process.env.NODE_ENV === 'production'
              ? () => {} : (await import('react-refresh/runtime')).performReactRefresh
            const ref = () => {}
            const plain = jsx('p', { ref, title: 'x' }, 7)
            const spread = jsx('p', { key: 'own', title: 'x' }, 'given')
            const list = jsxs('ul', { children: [jsx('li', {}), jsx('li', {})] })
            console.log(JSON.stringify({
              version, clientVersion, sameFragment: F === Fragment,
              valid: [plain, spread, list].every(isValidElement),
              plain: [plain.key, plain.props.ref === ref, plain.props.title],
              spread: [spread.key, 'key' in { ...spread.props }],
              marked: list.props.children.map((child) => child._store?.validated ?? null),
              functions: [use, useOptimistic, createContext, createRoot, createPortal, flushSync, useFormStatus, c,
                refresh].map((f) => typeof f).join() === Array(9).fill('function').join(),
            }))
            """
        let outcome = try await bun(
            ["--no-install", "run", "script.js"], nodeEnv: nodeEnv, files: ["script.js": script])
        let marks = nodeEnv == "production" ? "[null,null]" : "[1,1]"
        let warning = #"The props spread into <p> hold a "key". Pass the key by itself: <p key={…} {...props} />."#
        let json =
            #"{"version":"19.2.4","clientVersion":"19.2.4","sameFragment":true,"valid":true,"plain":["7",true,"x"],"#
            + #""spread":["own",false],"marked":\#(marks),"functions":true}"#
        #expect(
            outcome == ProcessOutcome(status: 0, output: json + "\n" + (nodeEnv == "production" ? "" : warning + "\n")))
    }

    private static let tsconfig = """
        { "compilerOptions": { "target": "es2023", "module": "esnext", "moduleResolution": "bundler",
          "lib": ["es2023", "dom", "dom.iterable"], "jsx": "react-jsx", "strict": true, "noEmit": true,
          "verbatimModuleSyntax": true, "noUncheckedIndexedAccess": true, "types": ["react", "react-dom"] } }
        """

    @Test func `React 19 as its documentation shows it has no type error`() async throws {
        let source = """
            import { Activity, Suspense, createContext, use, useActionState, useDeferredValue, useEffectEvent, useOptimistic,
              useReducer, useRef, useTransition, type ComponentProps, type JSX, type ReactNode, type Ref } from 'react'
            import { createRoot } from 'react-dom/client'
            import { useFormStatus } from 'react-dom'

            const Theme = createContext<'light' | 'dark'>('light')
            function Input({ ref, ...rest }: { ref?: Ref<HTMLInputElement> } & ComponentProps<'input'>) {
              return <input ref={ref} {...rest} />
            }
            function Submit() {
              const form = useFormStatus()
              return <button disabled={form.pending}>{form.pending ? form.method : 'Send'}</button>
            }
            async function Later() { return <p>later</p> }
            function Text() { return 'a string is a node' }
            export function App({ name, children }: { name: Promise<string>; children: ReactNode }): JSX.Element {
              const [items, add] = useOptimistic<string[], string>([], (all, item) => [...all, item])
              const [sum, send] = useActionState(async (before: number, form: FormData) => before + form.getAll('n').length, 0)
              const [open, toggle] = useReducer((is: boolean) => !is, false)
              const [, start] = useTransition()
              const input = useRef<HTMLInputElement>(null)
              const timer = useRef<number>(undefined)
              const log = useEffectEvent((text: string) => console.log(text, open))
              timer.current = 1
              return (
                <Theme value="dark">
                  <form action={send}><Input ref={input} name="n" /><Submit /><button formAction={(f) => { f.get('n') }} /></form>
                  <p ref={(element) => { element?.focus(); return () => log('gone') }}>{use(name)}{use(Theme)}{sum}</p>
                  <Activity mode={open ? 'visible' : 'hidden'}>{items.map((item) => <i key={item}>{item}</i>)}</Activity>
                  <Suspense fallback={<Text />}><Later />{useDeferredValue(children, null)}</Suspense>
                  <dialog closedby="any" onToggle={(event) => event.newState} inert onClick={() => { toggle(); add('x') }} />
                  <button type="button" onClick={() => start(async () => { await name })} popoverTarget="menu" />
                </Theme>
              )
            }
            createRoot(document.body, { onUncaughtError: (error, info) => console.log(error, info.componentStack) })
              .render(<App name={Promise.resolve('Ada')}>text</App>)
            """
        let outcome = try await bun(
            ["check", "--no-pretty"], nodeEnv: "development",
            files: ["tsconfig.json": Self.tsconfig, "app.tsx": source])
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test(
        "a mistake that React 19's own types find is found",
        arguments: [
            ("const wrong: number = use(Promise.resolve('x'))", "TS2322"),
            ("useRef<HTMLInputElement>()", "TS2554"),
            ("export const element: JSX.Element = <p />", "TS2503"),
            ("export const element = <Hello nam=\"x\" />", "TS2322"),
            ("export const element = <a hreff=\"/\" />", "TS2322"),
            ("export const element = <p ref=\"text\" />", "TS2322"),
            ("export const C: React.VFC = () => null", "TS2694"),
            ("export const element = <Theme value={1} />", "TS2322"),
        ])
    func finds(line: String, code: String) async throws {
        let source = """
            import { createContext, use, useRef } from 'react'
            export function Hello(props: { name: string }) { useRef(null); use(Theme); return <p>{props.name}</p> }
            export const Theme = createContext('light')
            \(line)
            """
        let outcome = try await bun(
            ["check", "--no-pretty"], nodeEnv: "development",
            files: ["tsconfig.json": Self.tsconfig, "app.tsx": source])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("app.tsx(4,") && outcome.output.contains(code), "\(outcome.output)")
    }
}
