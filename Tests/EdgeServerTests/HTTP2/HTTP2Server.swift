import NIOCore

@testable import EdgeServer

/// A server of HTTP/2 without TLS that answers as a test says.
final class HTTP2Server: Sendable {
    private final class Handler: RequestHandler {
        private let answer: @Sendable (Exchange) -> Void
        init(_ answer: @escaping @Sendable (Exchange) -> Void) { self.answer = answer }
        func receive(_ exchange: Exchange) { answer(exchange) }
    }

    let port: Int
    private let server: EdgeServer

    /// - Parameter answer: called for each request on its event loop; it answers then or later.
    init(
        _ limits: HTTPLimits = HTTPLimits(), log: AccessLog? = nil,
        _ answer: @escaping @Sendable (Exchange) -> Void = { $0.answer($0.head.uri) }
    ) async throws {
        server = EdgeServer(threads: 1, limits: limits)
        let address = try await server.listen(
            on: .tcp(host: "127.0.0.1", port: 0), clients: .direct, cleartext: .http2, log: log
        ) { _ in Handler(answer) }
        port = address?.port ?? 0
    }

    func stop(within limit: TimeAmount = .milliseconds(100)) async { await server.stop(within: limit) }

    /// Whether a new client gets its answer.
    func isWell() throws -> Bool {
        let client = try FrameClient(port: port)
        client.get(1, "/well")
        return client.answer(1).text == "/well"
    }
}

/// Runs a test against a server, and stops that afterwards.
func withHTTP2(
    limits: HTTPLimits = HTTPLimits(), log: AccessLog? = nil,
    _ answer: @escaping @Sendable (Exchange) -> Void = { $0.answer($0.head.uri) },
    _ body: (HTTP2Server) async throws -> Void
) async throws {
    let server = try await HTTP2Server(limits, log: log, answer)
    do {
        try await body(server)
        await server.stop()
    } catch {
        await server.stop()
        throw error
    }
}
