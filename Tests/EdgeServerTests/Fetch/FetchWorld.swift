import EdgeServer
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import Workers
import WorkersTesting

/// One request as an origin got it.
struct Received: Sendable {
    var method: String
    var target: String
    var headers: [String: String]
    var body: String
}

/// What an origin does with one kind of request.
struct Route: Sendable {
    enum Answer: Sendable {
        case reply(@Sendable (Received) -> Response)
        /// There is never a response.
        case silence
        /// Some bytes of a longer body, and then nothing.
        case stall(String)
    }

    var method: HTTPRequest.Method
    var path: String
    /// The origin that has it: 0 or 1.
    var origin: Int
    var answer: Answer

    static func on(
        _ method: HTTPRequest.Method, _ path: String, origin: Int = 0,
        _ reply: @escaping @Sendable (Received) -> Response
    ) -> Route {
        Route(method: method, path: path, origin: origin, answer: .reply(reply))
    }

    static func on(
        _ path: String, origin: Int = 0, _ reply: @escaping @Sendable (Received) -> Response
    ) -> Route {
        on(.get, path, origin: origin, reply)
    }

    static func redirect(_ method: HTTPRequest.Method, _ path: String, _ status: Int, to location: String) -> Route {
        on(method, path) { _ in Response(.init(code: status), headers: [.location: location]) }
    }

    static func redirect(_ path: String, _ status: Int = 302, to location: String) -> Route {
        redirect(.get, path, status, to: location)
    }
}

/// The fetchers that one contract is for.
enum FetcherKind: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case scripted
    case network
    var testDescription: String { rawValue }
}

/// A fetcher and the two origins that it can reach.
final class FetchWorld: Sendable {
    let fetcher: any Fetcher
    let origins: [String]
    let clock = TestClock()
    let received = Notes<Received>()
    private let servers: [OriginServer]
    private let network: NetworkFetcher?

    /// - Parameter routes: may name the origins' URLs, which are known by then.
    static func run(
        _ kind: FetcherKind, _ routes: ([String]) -> [Route], _ body: (FetchWorld) async throws -> Void
    ) async throws {
        let world = try await FetchWorld(kind, routes)
        do {
            try await body(world)
        } catch {
            await world.stop()
            throw error
        }
        await world.stop()
    }

    private init(_ kind: FetcherKind, _ routes: ([String]) -> [Route]) async throws {
        switch kind {
        case .scripted:
            origins = ["http://one.test", "http://two.test"]
            servers = []
            network = nil
            let script = ScriptedFetcher(clock: clock)
            fetcher = script
            for route in routes(origins) { FetchWorld.add(route, to: script, origins, received) }
        case .network:
            let table = Table()
            let servers = [try await table.server(0, received), try await table.server(1, received)]
            self.servers = servers
            origins = servers.map(\.url)
            let fetcher = NetworkFetcher(
                group: MultiThreadedEventLoopGroup.singleton, options: NetworkOptions(addresses: .emulator),
                clock: clock.forFetching)
            network = fetcher
            self.fetcher = fetcher
            for route in routes(origins) { table.routes.add(route) }
        }
    }

    func url(_ target: String, origin: Int = 0) -> RequestURL {
        RequestURL(
            scheme: "http", authority: String(origins[origin].dropFirst("http://".count)), target: target)
    }

    func get(_ target: String, headers: Headers = [:], options: FetchOptions = FetchOptions()) async throws -> Response
    {
        try await fetcher.fetch(Request(.get, url(target), headers: headers), options: options)
    }

    func post(_ target: String, _ body: Body, headers: Headers = [:]) async throws -> Response {
        try await fetcher.fetch(Request(.post, url(target), headers: headers, body: body))
    }

    private func stop() async {
        await network?.stop()
        for server in servers { await server.stop() }
    }

    private static func add(
        _ route: Route, to script: ScriptedFetcher, _ origins: [String], _ received: Notes<Received>
    ) {
        let expectation = script.expect(route.method, origins[route.origin] + route.path).anyTimes()
        let note: @Sendable (Request) async throws -> Received = { request in
            var headers: [String: String] = [:]
            for field in request.headers { headers[field.name.canonicalName] = field.value }
            let target = request.url.path + (request.url.query.map { "?" + $0 } ?? "")
            let seen = Received(
                method: request.method.rawValue, target: target, headers: headers, body: try await request.text())
            received.add(seen)
            return seen
        }
        switch route.answer {
        case .reply(let reply): expectation.answer { request in reply(try await note(request)) }
        case .silence:
            expectation.answer { request in
                _ = try await note(request)
                try await Task.sleep(for: .seconds(3600))
                return Response()
            }
        case .stall(let text):
            expectation.answer { request in
                _ = try await note(request)
                let bytes = Array(text.utf8)
                let chunks = Tally()
                let stream = BodyStream(length: bytes.count + 100) {
                    if chunks.add() == 1 { return bytes }
                    try await Task.sleep(for: .seconds(3600))
                    return nil
                }
                return Response(body: Body(stream: stream))
            }
        }
    }
}

/// The routes of both servers, which are listening before their URLs are known.
private final class Table: Sendable {
    let routes = Notes<Route>()

    func server(_ origin: Int, _ received: Notes<Received>) async throws -> OriginServer {
        try await OriginServer { [routes] exchange in
            let head = exchange.head
            exchange.collectBody(limit: 1 << 26) { result in
                guard case .success(let body) = result else { return }
                var headers: [String: String] = [:]
                for (name, value) in head.headers { headers[name.lowercased()] = value }
                let seen = Received(
                    method: head.method.rawValue, target: head.uri, headers: headers, body: String(buffer: body))
                received.add(seen)
                let route = routes.all.first {
                    $0.origin == origin && $0.method.rawValue == seen.method && $0.path == seen.target
                }
                switch route?.answer {
                case nil: exchange.answer(404)
                case .silence: keptExchanges.add(KeptExchange(exchange: exchange))
                case .stall(let text):
                    let length = text.utf8.count + 100
                    exchange.start(ResponseHead(status: 200, headers: [], contentLength: length), chunked: false)
                    exchange.write(ByteBuffer(string: text))
                    keptExchanges.add(KeptExchange(exchange: exchange))
                case .reply(let reply):
                    let response = reply(seen)
                    let fields = response.headers.map { (name: $0.name.rawName, value: $0.value) }
                    exchange.answer(response.status.code, fields, response.body.buffered ?? [])
                }
            }
        }
    }
}

/// Exchanges that are never answered have to live until their connection ends.
private let keptExchanges = Notes<KeptExchange>()

/// Unchecked: it is only kept, never touched.
private struct KeptExchange: @unchecked Sendable {
    let exchange: Exchange
}
