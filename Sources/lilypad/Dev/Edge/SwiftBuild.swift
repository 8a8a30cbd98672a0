import FoundationEssentials
import SiteBuilder

#if canImport(Glibc)
    import Glibc
#endif

/// `swift build` of the edge, as a child process that a cancelled task ends.
struct SwiftBuild: Sendable {
    /// The project root, absolute.
    var root: String
    /// `debug` or `release`.
    var configuration: String
    var environment: [String: String]
    var children: ChildList

    var binary: String { "\(root)/.build/\(configuration)/lilypad-edge" }

    func run() async throws -> EdgeWorkshop.Build {
        // Through env, because a spawned program is named by its path and `swift` is found by PATH.
        let child = try ChildProcess(
            "/usr/bin/env", ["swift", "build", "-c", configuration, "--product", "lilypad-edge"], directory: root,
            environment: environment)
        children.add(child)
        defer { children.remove(child) }
        let (text, status) = await withTaskCancellationHandler {
            async let output = SwiftBuild.collect(child.output)
            async let errors = SwiftBuild.collect(child.errors)
            let status = await child.waitForExit()
            return (await output + "\n" + (await errors), status)
        } onCancel: {
            // The compilers it started go with it; half-written objects are made again by the next build.
            child.kill(SIGKILL, wholeGroup: true)
        }
        try Task.checkCancellation()
        if status == .exited(0) { return .built(stamp: SwiftBuild.stamp(of: binary)) }
        let errors = SwiftDiagnostics.errors(in: text, root: root)
        if !errors.isEmpty { return .failed(errors) }
        let said = text.split(separator: "\n").suffix(8).joined(separator: "\n")
        return .failed([Diagnostic(file: "Package.swift", message: "`swift build` failed (\(status)).\n\(said)")])
    }

    /// The linker writes a new file whenever it runs.
    private static func stamp(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return "" }
        return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }

    private static func collect(_ stream: AsyncStream<[UInt8]>) async -> String {
        var bytes: [UInt8] = []
        for await piece in stream { bytes += piece }
        return String(decoding: bytes, as: UTF8.self)
    }
}
