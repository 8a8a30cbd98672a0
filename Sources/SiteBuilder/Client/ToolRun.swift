import Glibc

/// One run of a command-line tool to its end.
struct ToolRun: Sendable {
    var status: ChildProcess.Status
    var output: [UInt8]
    var errors: String

    var text: String { String(decoding: output, as: UTF8.self) }

    /// Runs a tool and collects what it prints. A cancelled task kills it.
    static func of(
        _ executable: String, _ arguments: [String], directory: String, environment: [String: String] = [:]
    ) async throws -> ToolRun {
        let child = try ChildProcess(
            executable, arguments, directory: directory, environment: Self.environment.merging(environment) { $1 })
        return try await withTaskCancellationHandler {
            async let output = collect(child.output)
            async let errors = collect(child.errors)
            let run = ToolRun(
                status: await child.waitForExit(), output: await output,
                errors: String(decoding: await errors, as: UTF8.self))
            try Task.checkCancellation()
            return run
        } onCancel: {
            child.kill()
        }
    }

    /// What tools need of the environment and nothing that could change what they produce.
    static let environment: [String: String] = {
        var kept = ["LANG": "C.UTF-8", "NO_COLOR": "1", "DO_NOT_TRACK": "1"]
        for name in ["PATH", "HOME", "TMPDIR"] {
            if let value = getenv(name) { kept[name] = String(cString: value) }
        }
        return kept
    }()

    private static func collect(_ stream: AsyncStream<[UInt8]>) async -> [UInt8] {
        var bytes: [UInt8] = []
        for await piece in stream { bytes += piece }
        return bytes
    }
}
