import Foundation
import Subprocess

/// Everything that set-up reads from the machine around it, so that a test can give it another machine.
struct SetupContext: Sendable {
    var projectRoot: String
    /// The folder the tools go to.
    var toolchain: String
    /// Our own packages, pins and edits.
    var resources = Resources.toolchain
    /// Where Debian installs JavaScript packages.
    var debianModules = "/usr/share/nodejs"
    /// Debian's own Python first: the pinned wheels are for it, and another one in `PATH` may lack `venv`.
    var pythons = ["/usr/bin/python3", "/usr/local/bin/python3"]
    var chromiums = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    var platform = Platform.current
    var isRoot = getuid() == 0
    /// Runs a program to its end and returns what it said.
    var execute: @Sendable (_ executable: String, _ arguments: [String]) async throws -> ProcessOutcome = launch
    /// How long to wait before asking an unreachable network again.
    var retryDelay = Duration.seconds(3)

    init(projectRoot: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.projectRoot = absolutePath(projectRoot)
        toolchain = Toolchain.folder(projectRoot: projectRoot, environment: environment)
    }

    var nodeModules: String { projectRoot + "/site/node_modules" }
    var python: String? { pythons.first { FileManager.default.isExecutableFile(atPath: $0) } }
}

/// The end of a process.
struct ProcessOutcome: Sendable, Equatable {
    /// The exit code; 128 + N after signal N, as shells count.
    var status: Int
    /// Standard output, then standard error.
    var output: String
    var succeeded: Bool { status == 0 }
}

@Sendable private func launch(_ executable: String, _ arguments: [String]) async throws -> ProcessOutcome {
    let result = try await Subprocess.run(
        .path(.init(executable)), arguments: Arguments(arguments), output: .string(limit: 1 << 22),
        error: .string(limit: 1 << 22)
    )
    let status =
        switch result.terminationStatus {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    return ProcessOutcome(status: status, output: result.standardOutput + result.standardError)
}

/// The files that travel with this module.
enum Resources {
    // `resourceURL` is of no use: it takes our folder's name for a part of the bundle's own structure.
    static let toolchain = Bundle.module.bundlePath + "/Resources/Toolchain"
}
