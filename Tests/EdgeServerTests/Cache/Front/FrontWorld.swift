import Foundation
import Logging
import StaticAssets
import Synchronization
import Testing
import Workers
import WorkersTesting

@testable import EdgeServer

/// What a handler does in a test, and what it was asked.
final class Stage: Sendable {
    typealias Play = @Sendable (Request, ExecutionContext) async throws -> Response

    private let requests = Mutex<[Request]>([])
    private let play: Mutex<Play>

    init(_ play: @escaping Play) { self.play = Mutex(play) }

    /// Every request that reached the handler.
    var seen: [Request] { requests.withLock { $0 } }
    var runs: Int { seen.count }

    /// Another play from now on.
    func change(_ new: @escaping Play) { play.withLock { $0 = new } }

    func perform(_ request: Request, _ context: ExecutionContext) async throws -> Response {
        requests.withLock { $0.append(request) }
        return try await play.withLock { $0 }(request, context)
    }

    /// Waits until a condition holds.
    ///
    /// - Returns: false if it never did.
    func wait(until condition: @Sendable (Stage) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if condition(self) { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }
}

/// A Worker that is told by the test what to answer.
private struct Played: Worker {
    struct Env: WorkerEnvironment {
        let stage: Stage
        init(_ bindings: Bindings) throws {
            stage = bindings.resource("STAGE", kind: "stage", as: Stage.self, orElse: Stage { _, _ in Response() })
        }
    }

    func fetch(_ request: Request, env: Env, context: ExecutionContext) async throws -> Response {
        try await env.stage.perform(request, context)
    }
}

/// A Worker behind the cache in front of it, over real sockets and with a clock that moves by hand.
struct FrontWorld {
    let stage: Stage
    let clock: TestClock
    let port: Int
    let caches: WorkerCaches

    /// - Parameters:
    ///   - edge: whether the Worker is told about its requests, as the emulator does.
    ///   - version: of the Worker; `nil` for a cache that all versions share.
    ///   - folder: where responses outlive it; `nil` for a cache in memory alone.
    ///   - play: what the handler does first.
    static func run(
        edge: Bool = false, version: String? = "1", folder: String? = nil, _ play: @escaping Stage.Play,
        _ body: (FrontWorld) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let caches = try WorkerCaches(.init(folder: folder), now: clock.read)
        // What is on disk is known from here on.
        await caches.store.flush()
        let result: Result<Void, any Error>
        do {
            try await run(Stage(play), clock, caches, edge: edge, version: version, body)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await caches.close()
        try result.get()
    }

    /// The same with another version of the Worker over the same store.
    func redeployed(version: String?, _ body: (FrontWorld) async throws -> Void) async throws {
        try await FrontWorld.run(stage, clock, caches, edge: false, version: version, body)
    }

    /// A Worker whose configuration asks for no cache.
    static func withoutCache(_ stage: Stage, _ body: (FrontWorld) async throws -> Void) async throws {
        let clock = TestClock()
        let caches = try WorkerCaches(.init(), now: clock.read)
        try await run(stage, clock, caches, edge: false, version: nil, isEnabled: false, body)
    }

    private static func run(
        _ stage: Stage, _ clock: TestClock, _ caches: WorkerCaches, edge: Bool, version: String?,
        isEnabled: Bool = true, _ body: (FrontWorld) async throws -> Void
    ) async throws {
        var services = HostServices(now: clock.read)
        if isEnabled { services.cache = caches.front(of: "app", version: version) }
        if edge { services.edge = EdgeFields() }
        let host = try WorkerHost(
            Played.self, bindings: Bindings(["STAGE": .init(kind: "stage", resource: stage)]), services: services,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let router = AssetRouter(bundle: AssetBundle(files: []), settings: AssetSettings(), hasWorker: true)
        let live = LiveSite(Site(router: router, bundleHash: nil))
        let server = EdgeServer(threads: 2)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in
            Gateway(site: live, worker: host)
        }
        do {
            try await body(FrontWorld(stage: stage, clock: clock, port: address?.port ?? 0, caches: caches))
        } catch {
            await server.stop(within: .seconds(5))
            throw error
        }
        await server.stop(within: .seconds(5))
    }

    /// One request on a connection of its own.
    func ask(_ target: String, method: String = "GET", host: String = "a.test", _ headers: [String] = []) throws
        -> Answer
    {
        let client = try RawClient(port: port)
        let lines = ["\(method) \(target) HTTP/1.1", "Host: \(host)", "Connection: close"] + headers
        client.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try #require(Answer(client.read()))
    }
}

/// A response as text.
struct Answer {
    var status: Int
    var headers: [String: String]
    /// Without the framing of chunks.
    var body: String

    init?(_ text: String) {
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        guard let code = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        status = code
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let name = line[..<colon].lowercased()
            let value = String(line[line.index(after: colon)...].dropFirst())
            headers[name] = headers[name].map { $0 + ", " + value } ?? value
        }
        let rest = String(text[end.upperBound...])
        body = headers["transfer-encoding"] == "chunked" ? Answer.joined(rest) : rest
    }

    /// `CF-Cache-Status`.
    var cache: String? { headers["cf-cache-status"] }

    private static func joined(_ chunks: String) -> String {
        var body: [UInt8] = []
        var rest = Array(chunks.utf8)[...]
        while let line = rest.firstIndex(of: 13) {
            let size = Int(String(decoding: rest[..<line], as: UTF8.self), radix: 16) ?? 0
            rest = rest[line...].dropFirst(2)
            guard size > 0 else { break }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return String(decoding: body, as: UTF8.self)
    }
}
