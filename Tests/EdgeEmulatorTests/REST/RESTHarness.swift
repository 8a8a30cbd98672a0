import EdgeServer
import Foundation
import HTTPTypes
import NIOPosix
import StaticAssets
import Testing
import Workers

@testable import EdgeEmulator

/// Answers with what it counts, and remembers the messages it gets.
struct RESTWorker: Worker {
    struct Env: WorkerEnvironment {
        let notes: any KVNamespace
        let jobs: any Queue

        init(_ bindings: Bindings) throws {
            notes = try bindings.kv("NOTES")
            jobs = try bindings.queue("JOBS")
        }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        if request.url.path == "/note" { return .text(try await env.notes.get("note") ?? "none") }
        let count = Int(try await env.notes.get("count") ?? "") ?? 0
        try await env.notes.put("count", String(count + 1))
        return Response(
            .ok, headers: [.cacheControl: "max-age=600", .cacheTag: "all"], body: Body(text: "\(count)"))
    }

    func queue(_ batch: MessageBatch, env: Env, context: ExecutionContext) async throws {
        for message in batch.messages { try await env.notes.put(message.id, message.body.text ?? "") }
    }
}

extension HTTPField.Name {
    fileprivate static var cacheTag: HTTPField.Name { HTTPField.Name("Cache-Tag") ?? .pragma }
}

/// The REST interface over stores of its own, asked without a socket.
struct RESTHarness {
    static let config = """
        name = "app"
        main = "x.js"
        compatibility_date = "2026-01-01"
        [cache]
        enabled = true
        [[kv_namespaces]]
        binding = "NOTES"
        id = "0123456789abcdef0123456789abcdef"
        [[queues.producers]]
        binding = "JOBS"
        queue = "jobs"
        [[queues.consumers]]
        queue = "jobs"
        max_batch_timeout = 0
        """

    let service: RESTService
    let platform: LocalPlatform
    let live: LiveSite
    let runtime: LocalRuntime

    var account: String { platform.credentials.accountId }
    var clock: MovableClock? { platform.clock as? MovableClock }

    /// Starts everything in a folder of its own, or in one that was used before.
    static func with(
        _ folder: String? = nil, config: String = config, enforcesLimits: Bool = false, isEventual: Bool = false,
        _ body: (RESTHarness) async throws -> Void
    ) async throws {
        guard let folder else {
            return try await withTemporaryFolder {
                try await with(
                    $0, config: config, enforcesLimits: enforcesLimits, isEventual: isEventual, body)
            }
        }
        try Data(config.utf8).write(to: URL(fileURLWithPath: folder + "/wrangler.toml"))
        try Data().write(to: URL(fileURLWithPath: folder + "/x.js"))
        var options = EmulatorOptions(currentFolder: folder, process: [:])
        options.hasMovableClock = true
        options.hasEventualKV = isEventual
        let console = Console(format: .json, now: { 0 }, write: { _ in })
        let settings = try EmulatorSettings(options)
        let router = AssetRouter(bundle: AssetBundle(files: []), settings: AssetSettings(), hasWorker: true)
        let live = LiveSite(Site(router: router, bundleHash: nil))
        let runtime = try await LocalRuntime(
            options, [settings], stateFolder: settings.stateFolder, site: live, release: "1",
            linked: ["app": LinkedWorker(RESTWorker.self)], group: MultiThreadedEventLoopGroup.singleton,
            console: console)
        var generator = SystemRandomNumberGenerator()
        let credentials = Credentials(using: &generator)
        runtime.start()
        let result: Result<Void, any Error>
        do {
            let platform = try #require(runtime.platform(credentials, console, enforcesLimits: enforcesLimits))
            try await body(
                RESTHarness(service: RESTService(platform), platform: platform, live: live, runtime: runtime))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await runtime.stop(within: .seconds(5))
        await runtime.close()
        try result.get()
    }

    // MARK: Asking

    /// - Parameter path: behind the account, or the whole one.
    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: Body = .empty, type: String? = nil,
        token: String? = nil
    ) async throws -> Answer {
        let whole = path.hasPrefix("/client") ? path : "/client/v4/accounts/\(account)\(path)"
        let url = RequestURL(scheme: "http", authority: "127.0.0.1", target: whole)
        var request = Request(method, url, body: body)
        request.headers[.authorization] = "Bearer \(token ?? platform.credentials.apiToken)"
        request.headers[.contentType] = type
        let response = await service.fetch(request)
        return Answer(
            status: response.status.code, headers: response.headers, bytes: try await response.bytes())
    }

    func ask(_ method: HTTPRequest.Method, _ path: String, _ body: JSON) async throws -> Answer {
        try await ask(method, path, Body(text: body.text), type: "application/json")
    }

    /// What a call that must succeed has in its envelope.
    @discardableResult
    func result(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> JSON {
        let answer = try await ask(
            method, path, body.map { Body(text: $0) } ?? .empty, type: body == nil ? nil : "application/json")
        try #require(answer.status == 200, "\(method) \(path): \(answer.text)")
        return try #require(answer.json?["result"])
    }

    struct Answer {
        let status: Int
        let headers: Headers
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: JSON? { try? JSON(parsing: bytes) }
        /// Status and Cloudflare's number.
        var refusal: [Int] { [status, json?["errors"]?[0]?["code"]?.integer ?? 0] }
        var message: String { json?["errors"]?[0]?["message"]?.string ?? "" }
    }
}
