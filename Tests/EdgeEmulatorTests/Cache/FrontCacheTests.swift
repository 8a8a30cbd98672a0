import EdgeServer
import Foundation
import HTTPTypes
import NIOPosix
import StaticAssets
import Testing
import Workers

@testable import EdgeEmulator

/// Answers with what is in its variable.
private struct Counter: Worker {
    struct Env: WorkerEnvironment {
        let name: String
        init(_ bindings: Bindings) throws { name = try bindings.text("NAME") }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        if request.url.path == "/purge" {
            return .text("\(try await context.cache.purge(everything: true).isSuccess)")
        }
        return Response(.ok, headers: [.cacheControl: "max-age=60"], body: Body(text: env.name))
    }
}

/// `[cache]` of a configuration, from the file to the answer.
@Suite struct FrontCacheTests {
    /// Starts a Worker, asks it, and stops it.
    private func with(_ folder: String, _ config: String, _ body: (Client) async throws -> Void) async throws {
        let text = "name = \"app\"\nmain = \"x.js\"\ncompatibility_date = \"2025-01-01\"\n" + config
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/wrangler.toml"))
        try Data().write(to: URL(fileURLWithPath: folder + "/x.js"))
        let options = EmulatorOptions(currentFolder: folder, process: [:])
        let console = Console(format: .json, now: { 0 }, write: { _ in })
        let settings = try EmulatorSettings(options)
        let router = AssetRouter(bundle: AssetBundle(files: []), settings: AssetSettings(), hasWorker: true)
        let live = LiveSite(Site(router: router, bundleHash: nil))
        let server = EdgeServer(threads: 1)
        let runtime = try await LocalRuntime(
            options, [settings], stateFolder: settings.stateFolder, site: live, release: "1",
            linked: ["app": LinkedWorker(Counter.self)], group: server.eventLoopGroup, console: console)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
            Gateway(site: live, worker: runtime.worker)
        }
        let client = NetworkFetcher(
            group: MultiThreadedEventLoopGroup.singleton, options: NetworkOptions(addresses: .emulator))
        let result: Result<Void, any Error>
        do {
            try await body(Client(fetcher: client, port: address?.port ?? 0))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await client.stop()
        await server.stop(within: .seconds(5)) { await runtime.stop(within: .seconds(5)) }
        await runtime.close()
        try result.get()
    }

    private struct Client {
        let fetcher: NetworkFetcher
        let port: Int

        /// `CF-Cache-Status` and the body.
        func get(_ path: String) async throws -> String {
            let url = RequestURL(scheme: "http", authority: "127.0.0.1:\(port)", target: path)
            let answer = try await fetcher.fetch(Request(.get, url))
            let status = HTTPField.Name("CF-Cache-Status").flatMap { answer.headers[$0] }
            return "\(status ?? "-") \(try await answer.text())"
        }
    }

    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "front-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func `a configuration that asks for a cache gets one, and its Worker can purge it`() async throws {
        try await withFolder { folder in
            try await with(folder, "[cache]\nenabled = true\n[vars]\nNAME = \"one\"\n") { client async throws in
                #expect(try await client.get("/a") == "MISS one")
                #expect(try await client.get("/a") == "HIT one")
                #expect(try await client.get("/purge") == "MISS true")
                #expect(try await client.get("/a") == "MISS one")
            }
        }
    }

    @Test("without it every request reaches the Worker", arguments: ["", "[cache]\nenabled = false\n"])
    func off(config: String) async throws {
        try await withFolder { folder in
            try await with(folder, config + "[vars]\nNAME = \"one\"\n") { client async throws in
                for _ in 0..<2 { #expect(try await client.get("/a") == "- one") }
            }
        }
    }

    @Test func `another value of a variable is another version, which has its own answers`() async throws {
        try await withFolder { folder in
            for name in ["one", "two"] {
                try await with(folder, "[cache]\nenabled = true\n[vars]\nNAME = \"\(name)\"\n") { client async throws in
                    #expect(try await client.get("/a") == "MISS \(name)")
                    #expect(try await client.get("/a") == "HIT \(name)")
                }
            }
        }
    }
}
