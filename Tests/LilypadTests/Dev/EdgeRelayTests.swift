import EdgeServer
import Foundation
import FoundationNetworking
import NIOCore
import Testing

@testable import lilypad

/// An edge that says who it is, echoes bodies, and hangs up when it is asked to.
private final class FakeEdge: RequestHandler {
    let name: String
    init(_ name: String) { self.name = name }

    func receive(_ exchange: Exchange) {
        switch exchange.head.uri {
        case "/hang-up": exchange.abort()
        case "/echo":
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            exchange.streamBody { event in
                switch event {
                case .bytes(let bytes): exchange.write(bytes)
                case .end: exchange.end()
                case .failed: exchange.abort()
                }
            }
        default:
            let body = ByteBuffer(string: "\(name) \(exchange.head.method) \(exchange.head.uri)")
            exchange.respond(
                ResponseHead(status: 200, headers: [("x-edge", name)], contentLength: body.readableBytes), body: body)
        }
    }
}

@Suite struct EdgeRelayTests {
    private let gate = EdgeGate(limit: 4)
    private let folder: String

    init() throws {
        // Short: the path of a socket ends at 107 bytes.
        folder = "/tmp/lp-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func edge(_ name: String, generation: Int) async throws -> (EdgeServer, GateState.Upstream) {
        let server = EdgeServer(threads: 1)
        let upstream = GateState.Upstream(path: "\(folder)/\(name)", generation: generation)
        try await server.listen(on: .unix(path: upstream.path)) { _ in FakeEdge(name) }
        return (server, upstream)
    }

    private func withRelay(
        patience: TimeAmount = .seconds(20), _ body: (_ base: String) async throws -> Void
    ) async throws {
        let server = EdgeServer(threads: 1)
        let gate = gate
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { loop in
            EdgeRelay(loop: loop, gate: gate, patience: patience)
        }
        do {
            try await body("http://127.0.0.1:\(address?.port ?? 0)")
        } catch {
            await server.stop(within: .seconds(2))
            throw error
        }
        await server.stop(within: .seconds(2))
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func fetch(_ url: String, body: Data? = nil) async throws -> (status: Int, text: String) {
        var request = URLRequest(url: URL(string: url)!)
        request.httpMethod = body == nil ? "GET" : "POST"
        request.httpBody = body
        let session = URLSession(configuration: .ephemeral)
        defer { session.finishTasksAndInvalidate() }
        let (data, response) = try await session.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
    }

    @Test func `requests and answers pass through unchanged`() async throws {
        let (server, upstream) = try await edge("one", generation: 1)
        gate.open(upstream)
        try await withRelay { base in
            #expect(try await fetch(base + "/a?b=c").text == "one GET /a?b=c")
            // Larger than every buffer on the way, so that it has to stream.
            let large = Data(repeating: 0x61, count: 3_000_000)
            let echoed = try await fetch(base + "/echo", body: large)
            #expect(echoed.status == 200)
            #expect(echoed.text.utf8.count == large.count)
        }
        await server.stop(within: .seconds(1))
    }

    @Test func `a request that comes during a swap waits for the new edge`() async throws {
        let (old, first) = try await edge("old", generation: 1)
        gate.open(first)
        try await withRelay { base in
            #expect(try await fetch(base + "/").text == "old GET /")
            gate.hold()
            await old.stop(within: .seconds(1))
            async let held = fetch(base + "/held", body: Data("x".utf8))
            while gate.waitingCount == 0 { await Task.yield() }
            let (new, second) = try await edge("new", generation: 2)
            gate.open(second)
            #expect(try await held.text == "new POST /held")
            await new.stop(within: .seconds(1))
        }
    }

    @Test func `an edge that vanished closes the gate, and nobody is refused`() async throws {
        let (old, first) = try await edge("old", generation: 1)
        gate.open(first)
        try await withRelay { base in
            await old.stop(within: .seconds(1))
            async let held = fetch(base + "/")
            while gate.waitingCount == 0 { await Task.yield() }
            #expect(!gate.isOpen)
            let (new, second) = try await edge("new", generation: 2)
            gate.open(second)
            #expect(try await held.text == "new GET /")
            await new.stop(within: .seconds(1))
        }
    }

    @Test func `an edge that hangs up on every try is not asked for ever`() async throws {
        let (server, upstream) = try await edge("one", generation: 1)
        gate.open(upstream)
        try await withRelay { base in
            let answer = try await fetch(base + "/hang-up")
            #expect(answer.status == 502)
            #expect(answer.text.contains("edge_lost"))
        }
        await server.stop(within: .seconds(1))
    }

    @Test func `waiting has an end`() async throws {
        try await withRelay(patience: .milliseconds(50)) { base in
            let answer = try await fetch(base + "/")
            #expect(answer.status == 503)
            #expect(answer.text.contains("edge_not_ready"))
        }
    }
}
