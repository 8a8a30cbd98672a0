import EdgeServer
import Foundation
import HTTPTypes
import NIOCore
import Workers
import WranglerConfig

/// The state of a project, for a command: through the emulator that holds it, or by itself when nobody does.
///
/// ```swift
/// let access = try await StateAccess(options)
/// print(try await access.overview().snapshots)
/// await access.close()
/// ```
/// Calls throw `Problem`, whose message is for the person at the terminal.
public struct StateAccess: Sendable {
    /// What there is.
    public struct Overview: Sendable {
        public struct Part: Sendable {
            public var name: String
            public var bytes: Int
            public var entries: Int
        }

        public struct Snapshot: Sendable {
            public var name: String
            /// Milliseconds since 1970.
            public var created: Int
            public var bytes: Int
        }

        public var folder: String
        public var parts: [Part]
        /// Oldest first.
        public var snapshots: [Snapshot]
    }

    private enum Way {
        case own(LocalServices, StateCalls)
        case emulator(StateClient)
    }

    private let way: Way
    /// Who is asked, when it is another process.
    public let holder: StateHolder?

    /// - Throws: `StartFailure`, `StateFailure`; a `StateFailure` of the kind `inUse` when whoever holds the folder cannot be
    ///   asked.
    public init(_ options: EmulatorOptions) async throws {
        let settings = try [EmulatorSettings(options)] + options.furtherConfigs.map { try .init(options.forConfig($0)) }
        let path = settings[0].stateFolder
        do {
            let services = try await LocalServices(
                path: path, configs: settings.map(\.config), opensAll: true, clock: WallClock(), kv: KVBehaviour(),
                console: .silent)
            way = .own(services, StateCalls(services.state))
            holder = nil
        } catch let failure as StateFailure where failure.kind == .inUse {
            guard let holder = StateFolder.lastHolder(of: path), let services = holder.services,
                let url = RequestURL(parsing: services)
            else { throw failure }
            var generator = SystemRandomNumberGenerator()
            let credentials = try Credentials.load(
                settings[0].config.folder + "/.lilypad/credentials.json", environment: options.process,
                using: &generator)
            way = .emulator(StateClient(url, token: credentials.apiToken, holder: holder))
            self.holder = holder
        }
    }

    public func close() async {
        switch way {
        case .own(let services, _): await services.close()
        case .emulator(let client): await client.close()
        }
    }

    // MARK: Calls

    public func overview() async throws -> Overview {
        let json = try await call(.get, [])
        let parts = (json["parts"]?.array ?? []).map { part in
            Overview.Part(
                name: part["name"]?.string ?? "", bytes: part["bytes"]?.integer ?? 0,
                entries: part["entries"]?.integer ?? 0)
        }
        let snapshots = (json["snapshots"]?.array ?? []).map { snapshot in
            Overview.Snapshot(
                name: snapshot["name"]?.string ?? "", created: snapshot["created"]?.integer ?? 0,
                bytes: snapshot["bytes"]?.integer ?? 0)
        }
        return Overview(folder: json["folder"]?.string ?? "", parts: parts, snapshots: snapshots)
    }

    /// - Returns: the name of the snapshot, and its bytes.
    public func snapshot(_ name: String?) async throws -> (name: String, bytes: Int) {
        let body = JSON.object(name.map { [.init("name", .string($0))] } ?? [])
        let json = try await call(.post, ["snapshots"], body)
        return (json["name"]?.string ?? "", json["bytes"]?.integer ?? 0)
    }

    public func removeSnapshot(_ name: String) async throws { _ = try await call(.delete, ["snapshots", name]) }

    public func restore(_ name: String) async throws {
        _ = try await call(.post, ["restore"], .object([.init("name", .string(name))]))
    }

    /// - Parameter parts: `nil` for all.
    public func clear(_ parts: [String]?) async throws {
        let value = parts.map { JSON.array($0.map { .string($0) }) } ?? .null
        _ = try await call(.post, ["clear"], .object([.init("parts", value)]))
    }

    /// Fills the stores from a seed file. Files that it names are read here, relative to its own folder.
    ///
    /// - Returns: how many entries, objects and messages were written.
    public func seed(file: String) async throws -> (kv: Int, r2: Int, queues: Int) {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Problem(.badRequest, code: "no_seed", "The seed file \(file) cannot be read.")
        }
        let json: JSON
        do {
            json = try JSON(parsing: Array(data))
        } catch {
            throw Problem(.badRequest, code: "bad_seed", "\(file) is not JSON. \(error)")
        }
        let whole = try SeedAttachments.filled(json, folder: (file as NSString).deletingLastPathComponent)
        let counts = try await call(.post, ["seed"], whole)
        return (counts["kv"]?.integer ?? 0, counts["r2"]?.integer ?? 0, counts["queues"]?.integer ?? 0)
    }

    private func call(_ method: HTTPRequest.Method, _ path: [String], _ body: JSON? = nil) async throws -> JSON {
        switch way {
        case .emulator(let client): return try await client.call(method, path, body)
        case .own(_, let calls):
            let url = RequestURL(scheme: "http", authority: "localhost", path: "/api/state")
            let request = Request(method, url, body: body.map { Body(bytes: Array($0.text.utf8)) } ?? .empty)
            return try await calls.answer(method.rawValue, path, request) ?? .null
        }
    }
}

/// Asks an emulator about the state that it holds.
private struct StateClient: Sendable {
    private let url: RequestURL
    private let token: String
    private let holder: StateHolder
    private let server = EdgeServer(threads: 1)
    private let fetcher: NetworkFetcher

    init(_ url: RequestURL, token: String, holder: StateHolder) {
        self.url = url
        self.token = token
        self.holder = holder
        fetcher = NetworkFetcher(group: server.eventLoopGroup, options: NetworkOptions(addresses: .emulator))
    }

    func call(_ method: HTTPRequest.Method, _ path: [String], _ body: JSON?) async throws -> JSON {
        var target = url
        // Names of snapshots need no escaping; what is none is refused there.
        let segments = path.map { $0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }
        target.path = (["/api/state"] + segments).joined(separator: "/")
        var request = Request(method, target)
        request.headers[.authorization] = "Bearer \(token)"
        if let body {
            request.headers[.contentType] = "application/json"
            request.body = Body(bytes: Array(body.text.utf8))
        }
        let response: Response
        let bytes: [UInt8]
        do {
            response = try await fetcher.fetch(request)
            bytes = try await response.bytes(limit: 16 << 20)
        } catch {
            throw Problem(
                .badGateway, code: "no_answer",
                "The state is held by \(holder.description), which does not answer at \(url.text): \(error)")
        }
        let json = bytes.isEmpty ? JSON.null : (try? JSON(parsing: bytes)) ?? .null
        if response.status.kind == .successful { return json }
        let message = json["detail"]?.string ?? json["message"]?.string
        throw Problem(
            response.status, code: json["code"]?.string ?? "refused",
            message ?? "The emulator (\(holder.description)) answers \(response.status.code) to what was asked of it.")
    }

    func close() async {
        await fetcher.stop()
        await server.stop(within: .seconds(1))
    }
}
