import NIOCore
import Synchronization
import Testing

@testable import EdgeServer

/// Answers with the method, the target and the size of the content, and keeps a list of the targets.
private final class Recorder: RequestHandler {
    let seen: SeenTargets

    init(_ seen: SeenTargets) { self.seen = seen }

    func receive(_ exchange: Exchange) {
        seen.add(exchange.head.uri)
        exchange.collectBody(limit: 1000) { result in
            switch result {
            case .success(let content):
                let text = "\(exchange.head.method.rawValue) \(exchange.head.uri) \(content.readableBytes)"
                let body = ByteBuffer(string: text)
                exchange.respond(ResponseHead(status: 200, headers: [], contentLength: body.readableBytes), body: body)
            case .failure(.tooLarge):
                let answer = ServerProblem.bodyTooLarge.answer
                exchange.respond(answer.head, body: answer.body)
            case .failure(.incomplete): break
            }
        }
    }
}

private final class SeenTargets: Sendable {
    private let list = Mutex<[String]>([])
    var targets: [String] { list.withLock { $0 } }
    func add(_ target: String) { list.withLock { $0.append(target) } }
}

@Suite struct HostileTests {
    private static let good = "GET /good HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    @Test(
        "a shape that two servers could read in two ways harms nobody",
        arguments: [
            HostileShape.lengths, HostileShape.codings, HostileShape.chunks, HostileShape.trailers,
            HostileShape.lineEnds, HostileShape.firstLines, HostileShape.fields, HostileShape.wishes,
            HostileShape.targets, HostileShape.hosts,
        ].flatMap { $0 })
    func survives(shape: HostileShape) async throws {
        let seen = SeenTargets()
        let server = EdgeServer(threads: 1, limits: limits)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in Recorder(seen) }
        let port = address?.port ?? 0
        do {
            try check(shape, port)
            let unharmed = RawAnswers(try exchange(port, HostileTests.good))
            #expect(unharmed.statuses == [200])
            #expect(unharmed.bodies == ["GET /good 0"])
        } catch {
            await server.stop(within: .seconds(5))
            throw error
        }
        await server.stop(within: .seconds(5))
        if !shape.mayReachTheSmuggled { #expect(!seen.targets.contains("/smuggled")) }
    }

    private var limits: HTTPLimits {
        var limits = HTTPLimits()
        // Long enough for everything the shapes send, and no longer.
        limits.lingerTime = .milliseconds(500)
        return limits
    }

    private func exchange(_ port: Int, _ text: String) throws -> String {
        let client = try RawClient(port: port)
        client.send(text)
        return client.read()
    }

    private func check(_ shape: HostileShape, _ port: Int) throws {
        let client = try RawClient(port: port)
        client.send(shape.bytes)
        if shape.endsSending { client.finishSending() }
        switch shape.outcome {
        case .answered(let bodies):
            var text = client.read { RawAnswers($0).statuses.count >= bodies.count }
            client.send(HostileTests.good)
            text += client.read()
            let answers = RawAnswers(text)
            #expect(answers.bodies == bodies + ["GET /good 0"])
            #expect(answers.statuses.allSatisfy { $0 == 200 })
        case .refused(let status, let bodies):
            let text = client.read()
            let answers = RawAnswers(text)
            #expect(answers.statuses == bodies.map { _ in 200 } + [status])
            #expect(Array(answers.bodies.dropLast()) == bodies)
            #expect(text.occurrences(of: "connection: close\r\n") == 1)
            #expect(text.contains("application/problem+json"))
        case .closed(let bodies):
            let answers = RawAnswers(client.read())
            #expect(answers.bodies == bodies)
            #expect(answers.statuses.allSatisfy { $0 == 200 })
        }
    }
}

extension HostileShape {
    /// Whether the request behind the first one is meant to be one.
    fileprivate var mayReachTheSmuggled: Bool {
        if case .answered(let bodies) = outcome { bodies.contains("GET /smuggled 0") } else { false }
    }
}
