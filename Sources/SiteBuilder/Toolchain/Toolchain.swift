import Foundation

/// The front-end tools of one project: absolute paths, every one of them checked to be there.
///
/// `lilypad setup` puts them into `.toolchain/` of the project root, or into the folder that `LILYPAD_TOOLCHAIN` names,
/// so that several checkouts can share one.
public struct Toolchain: Sendable, Equatable {
    /// The folder that holds everything below.
    public var folder: String
    /// Bundler, type checker, formatter and test runner, as one binary.
    public var bun: String
    /// Tailwind's own command line, as one binary.
    public var tailwind: String
    /// The linter, as one binary.
    public var oxlint: String
    /// A Python whose `pygments` and `playwright` modules are the pinned ones.
    public var python: String
    /// Hugo, which only the benchmark asks for: `nil` until `lilypad setup --bench` has run.
    public var hugo: String?

    /// The command that highlights code: append Pygments' own arguments, or use its modules through ``python``.
    public var pygmentize: [String] { [python, "-I", "-m", "pygments"] }

    /// Where the tools of a project belong, whether or not they are there yet. A relative `LILYPAD_TOOLCHAIN` is relative
    /// to the project root.
    public static func folder(
        projectRoot: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        let root = absolutePath(projectRoot)
        guard let override = environment["LILYPAD_TOOLCHAIN"], !override.isEmpty else { return root + "/.toolchain" }
        return override.hasPrefix("/") ? override : root + "/" + override
    }

    /// Finds the tools of a project.
    ///
    /// - Throws: a `Diagnostic` that says to run `lilypad setup` and names the tools that are missing.
    public static func locate(
        projectRoot: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Toolchain {
        let toolchain = Toolchain(at: folder(projectRoot: projectRoot, environment: environment))
        let missing = toolchain.missingTools
        guard missing.isEmpty else {
            throw Diagnostic(
                file: toolchain.folder,
                message: "The front-end tools are not installed (\(missing.joined(separator: ", "))).",
                hint: "Run `lilypad setup`.")
        }
        return toolchain
    }

    /// The places of the tools below a folder, not checked.
    init(at folder: String) {
        self.folder = folder
        bun = folder + "/bin/bun"
        tailwind = folder + "/bin/tailwindcss"
        oxlint = folder + "/bin/oxlint"
        python = folder + "/python/bin/python"
        let hugo = folder + "/bin/hugo"
        self.hugo = FileManager.default.isExecutableFile(atPath: hugo) ? hugo : nil
    }

    private var missingTools: [String] {
        [("Bun", bun), ("Tailwind", tailwind), ("oxlint", oxlint), ("Python", python)]
            .filter { !FileManager.default.isExecutableFile(atPath: $0.1) }
            .map(\.0)
    }
}

func absolutePath(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
}
