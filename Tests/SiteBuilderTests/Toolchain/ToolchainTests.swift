import Testing

@testable import SiteBuilder

@Suite struct ToolchainTests {
    @Test(
        "the tools lie in the project, or where LILYPAD_TOOLCHAIN says",
        arguments: [
            ([:], "/project/.toolchain"),
            (["LILYPAD_TOOLCHAIN": ""], "/project/.toolchain"),
            (["LILYPAD_TOOLCHAIN": "/opt/tools"], "/opt/tools"),
            (["LILYPAD_TOOLCHAIN": "tools"], "/project/tools"),
        ])
    func folder(environment: [String: String], expected: String) {
        #expect(Toolchain.folder(projectRoot: "/project", environment: environment) == expected)
    }

    @Test func `tools that are missing are one sentence and one command`() throws {
        let error = #expect(throws: Diagnostic.self) { try Toolchain.locate(projectRoot: "/nowhere", environment: [:]) }
        #expect(error?.message == "The front-end tools are not installed (Bun, Tailwind, oxlint, Python).")
        #expect(error?.hint == "Run `lilypad setup`.")
    }

    @Test(
        "a step's line gives its time in tenths of a second",
        arguments: [
            (Duration.milliseconds(14_150), "python tools … 14.2 s"),
            (Duration.milliseconds(4), "python tools … 0.0 s"),
        ])
    func line(duration: Duration, expected: String) {
        #expect(StepReport.finished("python tools", duration).line == expected)
    }

    @Test func `the start of a step leaves no line`() { #expect(StepReport.started("python tools").line == nil) }
}
