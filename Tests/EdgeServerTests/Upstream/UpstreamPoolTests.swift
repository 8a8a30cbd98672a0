import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

/// Which connection a request takes, and what happens when there is none.
@Suite struct UpstreamPoolTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    /// Answers every request on every connection.
    static func origin() throws -> ScriptedOrigin {
        try ScriptedOrigin { peer in while !peer.readHead().isEmpty { peer.send(ok) } }
    }

    @Test func `one connection serves requests one after the other`() async throws {
        let origin = try UpstreamPoolTests.origin()
        let client = try await UpstreamClient(origin)
        for turn in 0..<5 {
            let outcome = try await client.fetch()
            #expect(outcome.isComplete)
            #expect(outcome.isReused == (turn > 0))
        }
        #expect(try await client.counters == .init(opened: 1, refused: 0, reused: 4, retried: 0))
        #expect(origin.accepted.value == 1)
    }

    @Test func `the connection used last is used next`() async throws {
        let gate = Tally()
        let origin = try ScriptedOrigin { peer in
            while true {
                let head = peer.readHead()
                if head.isEmpty { return }
                while head.contains("/slow"), gate.value == 0 { blockThread() }
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(peer.number)")
            }
        }
        let client = try await UpstreamClient(origin)
        let slow = try await client.start(.GET, "/slow")
        #expect(try await client.fetch().body == "1")
        gate.add()
        #expect(try await slow.finished().body == "0")
        for _ in 0..<3 { #expect(try await client.fetch().body == "0") }
        #expect(try await client.on { $0.idleCount } == 2)
    }

    @Test func `requests beyond the connections wait for one, in their order`() async throws {
        let origin = try UpstreamPoolTests.origin()
        let client = try await UpstreamClient(origin) { $0.connections = 2 }
        var calls: [RunningCall] = []
        for _ in 0..<20 { calls.append(try await client.start()) }
        for call in calls { #expect(try await call.finished().isComplete) }
        #expect(origin.accepted.value <= 2)
    }

    @Test func `more requests than may wait are refused at once`() async throws {
        let origin = try ScriptedOrigin { peer in peer.readToEnd() }
        let client = try await UpstreamClient(origin) {
            $0.connections = 1
            $0.waitingRequests = 2
        }
        let first = try await client.start()
        try await untilTrue(client) { $0.waitingCount == 0 }
        let waiting = [try await client.start(), try await client.start()]
        let outcome = try await client.fetch()
        #expect(outcome.failure == .tooManyWaiting)
        #expect(outcome.failure?.status == 503)
        #expect(waiting.allSatisfy { !$0.so.isEnded })
        try await first.on { $0.cancel() }
    }

    @Test func `a request that waits for a connection does not wait for ever`() async throws {
        let origin = try ScriptedOrigin { peer in peer.readToEnd() }
        let client = try await UpstreamClient(origin) {
            $0.connections = 1
            $0.connectTime = .milliseconds(50)
        }
        let first = try await client.start()
        try await untilTrue(client) { $0.waitingCount == 0 }
        #expect(try await client.fetch().failure == .waitedTooLong)
        #expect(!first.so.isEnded)
        try await first.on { $0.cancel() }
    }

    @Test func `a connection that goes makes room for a request that waits`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok")
        }
        let client = try await UpstreamClient(origin) { $0.connections = 1 }
        var calls: [RunningCall] = []
        for _ in 0..<5 { calls.append(try await client.start()) }
        for call in calls { #expect(try await call.finished().body == "ok") }
        #expect(origin.accepted.value == 5)
    }

    @Test func `an idle connection that the origin closes is forgotten`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(UpstreamPoolTests.ok)
        }
        let client = try await UpstreamClient(origin)
        for turn in 1...3 {
            #expect(try await client.fetch().isComplete)
            try await untilEmpty(client)
            #expect(origin.accepted.value == turn)
        }
        #expect(try await client.counters.retried == 0)
    }

    @Test func `an idle connection on which the origin speaks is closed`() async throws {
        let go = Tally()
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(UpstreamPoolTests.ok)
            while go.value == 0 { blockThread() }
            peer.send("HTTP/1.1 ")
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin)
        #expect(try await client.fetch().isComplete)
        go.add()
        try await untilEmpty(client)
        #expect(try await client.fetch().isReused == false)
    }

    @Test func `a connection nobody uses is closed in time, and then nothing is left to do`() async throws {
        let closed = Tally()
        let origin = try ScriptedOrigin { peer in
            while !peer.readHead().isEmpty { peer.send(UpstreamPoolTests.ok) }
            closed.add()
        }
        let client = try await UpstreamClient(origin) { $0.keepAliveTime = .milliseconds(30) }
        #expect(try await client.fetch().isComplete)
        try await eventually { closed.value == 1 }
        try await untilEmpty(client)
    }

    @Test func `only so many connections are kept`() async throws {
        let origin = try UpstreamPoolTests.origin()
        let client = try await UpstreamClient(origin) { $0.idleConnections = 1 }
        var calls: [RunningCall] = []
        for _ in 0..<4 { calls.append(try await client.start()) }
        for call in calls { #expect(try await call.finished().isComplete) }
        #expect(try await client.on { $0.idleCount } <= 1)
    }

    // MARK: Connections that died while they were idle

    /// Answers one request on the first connection and closes it when the second request has arrived, which is what a
    /// client sees that sends into a connection the origin is just closing.
    static func forgetful(second: @escaping @Sendable (Peer) -> Void = { _ in }) throws -> ScriptedOrigin {
        try ScriptedOrigin { peer in
            peer.readHead()
            peer.send(ok)
            if peer.number == 0 {
                peer.readHead()
                second(peer)
                return
            }
            while !peer.readHead().isEmpty { peer.send(ok) }
        }
    }

    @Test(
        "a safe request that meets a dead connection is sent once more, on a new one",
        arguments: [HTTPMethod.GET, .HEAD, .OPTIONS])
    func staleSafe(method: HTTPMethod) async throws {
        for resets in [true, false] {
            let origin = try UpstreamPoolTests.forgetful { if resets { $0.reset() } }
            let client = try await UpstreamClient(origin)
            #expect(try await client.fetch().isComplete)
            // `HEAD` would leave the body of this origin's answer over.
            let outcome = try await client.fetch(method)
            #expect(outcome.isComplete)
            #expect(outcome.isRetried)
            #expect(!outcome.isReused)
            #expect(try await client.counters == .init(opened: 2, refused: 0, reused: 1, retried: 1))
        }
    }

    @Test("what is not safe is not sent twice", arguments: [HTTPMethod.POST, .PUT, .RAW(value: "M-SEARCH")])
    func staleUnsafe(method: HTTPMethod) async throws {
        let origin = try UpstreamPoolTests.forgetful()
        let client = try await UpstreamClient(origin)
        #expect(try await client.fetch().isComplete)
        #expect(try await client.fetch(method, body: .bytes(ByteBuffer(string: "x"))).failure == .noAnswer)
        #expect(origin.accepted.value == 1)
    }

    @Test func `the caller may say that a request can be repeated, with its body`() async throws {
        let origin = try UpstreamPoolTests.forgetful()
        let client = try await UpstreamClient(origin)
        #expect(try await client.fetch().isComplete)
        let body = ByteBuffer(string: "x")
        #expect(try await client.fetch(.PUT, body: .bytes(body), isRepeatable: true).isRetried)
    }

    @Test func `a streamed body is lost with its connection`() async throws {
        let origin = try UpstreamPoolTests.forgetful { $0.read(count: 1) }
        let client = try await UpstreamClient(origin)
        #expect(try await client.fetch().isComplete)
        let call = try await client.start(.PUT, body: .stream(length: 5), isRepeatable: true)
        try await call.write("x")
        #expect(try await call.finished().failure == .noAnswer)
    }

    @Test func `a streamed body that has not begun is not lost`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            if peer.number == 0 {
                peer.send(UpstreamPoolTests.ok)
                peer.readHead()
                return
            }
            let body = peer.read(count: 5)
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\(body)")
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin)
        #expect(try await client.fetch().isComplete)
        let call = try await client.start(.PUT, body: .stream(length: 5), isRepeatable: true)
        _ = try await call.on { _ in }
        try await eventually { origin.accepted.value == 2 }
        try await call.write("hello")
        try await call.end()
        #expect(try await call.finished().body == "hello")
        #expect(call.so.isRetried)
    }

    @Test func `an answer that has begun is not asked for again`() async throws {
        let origin = try UpstreamPoolTests.forgetful { $0.send("HTTP/1.1 103 Early Hints\r\n\r\n") }
        let client = try await UpstreamClient(origin)
        #expect(try await client.fetch().isComplete)
        let outcome = try await client.fetch()
        #expect(outcome.failure == .noAnswer)
        #expect(outcome.interim.count == 1)
    }

    @Test func `a request is sent twice at most`() async throws {
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            if peer.number == 0 {
                peer.send(UpstreamPoolTests.ok)
                peer.readHead()
            }
        }
        let client = try await UpstreamClient(origin)
        #expect(try await client.fetch().isComplete)
        #expect(try await client.fetch().failure == .noAnswer)
        #expect(origin.accepted.value == 2)
    }

    // MARK: The end

    @Test func `a cancelled request is heard of no more, and its connection closes`() async throws {
        let closed = Tally()
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
            peer.readToEnd()
            closed.add()
        }
        let client = try await UpstreamClient(origin)
        let call = try await client.start()
        _ = try await call.until { $0.body == "ok" }
        try await call.on { $0.cancel() }
        try await eventually { closed.value == 1 }
        #expect(!call.so.isEnded)
        #expect(try await client.on { $0.connectionCount } == 0)
    }

    @Test func `a request that is cancelled before it has a connection leaves one for the next`() async throws {
        let origin = try UpstreamPoolTests.origin()
        let client = try await UpstreamClient(origin)
        try await client.on { pool in
            let call = pool.send(UpstreamRequest(method: .GET, target: "/", headers: ["Host": "a"])) { _ in }
            call.cancel()
        }
        try await untilTrue(client) { $0.idleCount == 1 }
        #expect(try await client.fetch().isComplete)
        #expect(try await client.on { $0.waitingCount } == 0)
    }

    @Test func `a stopped pool finishes what runs and takes nothing more`() async throws {
        let go = Tally()
        let origin = try ScriptedOrigin { peer in
            peer.readHead()
            while go.value == 0 { blockThread() }
            peer.send(UpstreamPoolTests.ok)
            peer.readToEnd()
        }
        let client = try await UpstreamClient(origin) { $0.connections = 1 }
        let running = try await client.start()
        try await untilTrue(client) { $0.waitingCount == 0 }
        let waiting = try await client.start()
        try await client.on { $0.shutDown() }
        #expect(try await waiting.finished().failure == .stopped)
        #expect(try await client.fetch().failure == .stopped)
        go.add()
        #expect(try await running.finished().isComplete)
        try await untilEmpty(client)
    }

    @Test func `nothing is left of a pool that nobody uses any more`() async throws {
        let origin = try UpstreamPoolTests.origin()
        let watched = Watched()
        let loop: any EventLoop
        do {
            let client = try await UpstreamClient(origin) { $0.keepAliveTime = .milliseconds(20) }
            loop = client.loop
            try await client.on { watched.start(on: $0) }
            try await eventually { watched.ended.value == 1 }
        }
        for _ in 0..<2000 where try await loop.submit({ !watched.isGone }).get() {
            try await Task.sleep(for: .milliseconds(5))
        }
        #expect(try await loop.submit { watched.isGone }.get())
    }

    /// Looks at a pool and a call without keeping them. Used on their loop only.
    private final class Watched: @unchecked Sendable {
        let ended = Tally()
        private weak var pool: UpstreamPool?
        private weak var call: UpstreamCall?
        private weak var body: Body?
        private final class Body {}

        var isGone: Bool { pool == nil && call == nil && body == nil }

        func start(on pool: UpstreamPool) {
            let body = Body()
            let call = pool.send(UpstreamRequest(method: .GET, target: "/", headers: ["Host": "a"])) { [ended] event in
                _ = body
                if case .end = event { ended.add() }
            }
            self.pool = pool
            self.call = call
            self.body = body
        }
    }

    // MARK: No connection

    @Test func `an origin that refuses connections is told so`() async throws {
        let client = try await UpstreamClient(UpstreamOrigin(scheme: .http, host: "127.0.0.1", port: 1))
        let outcome = try await client.fetch()
        #expect(outcome.failure == .connectFailed("connection refused"))
        #expect(outcome.failure?.code == "connection_refused")
        #expect(try await client.counters.refused == 1)
    }

    @Test func `a name that nobody knows is told so`() async throws {
        let client = try await UpstreamClient(UpstreamOrigin(scheme: .http, host: "nobody.invalid"))
        let failure = try await client.fetch().failure
        #expect(failure == .connectFailed("the name is unknown"))
    }

    @Test func `a name is looked up`() async throws {
        let origin = try UpstreamPoolTests.origin()
        let client = try await UpstreamClient(UpstreamOrigin(scheme: .http, host: "localhost", port: origin.port))
        #expect(try await client.fetch().isComplete)
    }

    @Test func `a unix socket is an origin, too`() async throws {
        let path = "/tmp/lilypad-\(UInt64.random(in: .min ... .max)).sock"
        defer { removeFile(path) }
        let origin = try ScriptedOrigin(path: path) { peer in
            while !peer.readHead().isEmpty { peer.send(UpstreamPoolTests.ok) }
        }
        let client = try await UpstreamClient(UpstreamOrigin("unix:\(path)"))
        #expect(try await client.fetch().isComplete)
        #expect(try await client.fetch().isReused)
        #expect(origin.accepted.value == 1)
        let missing = try await UpstreamClient(UpstreamOrigin("unix:\(path).not"))
        #expect(try await missing.fetch().failure == .connectFailed("the socket does not exist"))
    }

    private func untilEmpty(_ client: UpstreamClient) async throws {
        try await untilTrue(client) { $0.connectionCount == 0 }
    }

    private func untilTrue(
        _ client: UpstreamClient, _ condition: @escaping @Sendable (UpstreamPool) -> Bool
    ) async throws {
        for _ in 0..<2000 {
            if try await client.on(condition) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw TooLate()
    }
}
