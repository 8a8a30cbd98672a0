import EdgeServer
import FileWatcher
import Foundation
import Synchronization
import Testing
import Workers

@testable import EdgeEmulator

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct WatchScopeTests {
    private let scope = WatchScope(folder: "/work/dist/public")

    @Test(
        "sees the folder, what is in it, and the manifest beside it",
        arguments: [
            "/work", "/work/dist", "/work/dist/public", "/work/dist/public/a/b.js", "/work/dist/manifest.json",
        ])
    func sees(path: String) { #expect(scope.contains(path)) }

    @Test func `a build that changes places with the one before is seen, and so is the next`() async throws {
        let project = FileManager.default.temporaryDirectory.appending(path: "scope-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: project) }
        let scope = WatchScope(folder: project + "/dist/public")
        func build(_ name: String) throws {
            try FileManager.default.createDirectory(
                atPath: "\(project)/\(name)/public", withIntermediateDirectories: true)
        }
        try build("dist")
        let watcher = try FileWatcher(roots: [scope.root], ignores: { !scope.contains($0) }, quiet: 5)
        var batches = watcher.batches.makeAsyncIterator()
        for _ in 1...3 {
            try build(".staging")
            #expect(rename(project + "/dist", project + "/.retired") == 0)
            #expect(rename(project + "/.staging", project + "/dist") == 0)
            var seen: Set<String> = []
            while !seen.contains(project + "/dist/public"), let batch = await batches.next() {
                seen.formUnion(batch.paths)
            }
            #expect(seen.contains(project + "/dist/public"))
            try FileManager.default.removeItem(atPath: project + "/.retired")
        }
        watcher.stop()
    }

    @Test(
        "does not see the neighbours",
        arguments: ["/work/src", "/work/dist/maps", "/work/dist/public-old", "/work/dist/public2/a.js"])
    func ignores(path: String) { #expect(!scope.contains(path)) }
}

@Suite struct StartTests {
    /// The sentence with which a start fails.
    private func refusal(_ change: (inout EmulatorOptions) -> Void) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "start-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data("name = \"test\"\ncompatibility_date = \"2025-01-01\"\n[assets]\ndirectory = \".\"\n".utf8)
            .write(to: URL(fileURLWithPath: folder + "/wrangler.toml"))
        var options = EmulatorOptions(currentFolder: folder, process: [:])
        options.threads = 1
        change(&options)
        let console = Console(format: .json, now: { 0 }, write: { _ in })
        let failure = await #expect(throws: StartFailure.self) {
            try await Emulator(options, release: "1", workers: ["x": LinkedWorker(NoWorker.self)], console: console)
                .run()
        }
        return failure?.description ?? ""
    }

    private struct NoWorker: Worker {
        struct Env: WorkerEnvironment { init(_ bindings: Bindings) throws {} }
        func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response { Response() }
    }

    @Test func `a socket path that is too long is explained in one sentence`() async throws {
        let path = "/" + String(repeating: "a", count: 107)
        #expect(
            try await refusal { $0.unixSocket = path }
                == "The path of the socket is 108 bytes long; the kernel takes at most 107: \(path)")
    }

    @Test func `an address that is not this machine's is explained in one sentence`() async throws {
        let text = try await refusal {
            $0.host = "192.0.2.1"
            $0.port = 0
        }
        #expect(text.hasPrefix("The address 192.0.2.1 cannot be listened on; "))
    }
}
