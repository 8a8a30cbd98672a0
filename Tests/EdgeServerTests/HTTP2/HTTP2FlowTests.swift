import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

@Suite struct HTTP2FlowTests {
    @Test func `a client may send as much as a handler takes, and no more`() async throws {
        var limits = HTTPLimits()
        limits.http2.streamWindow = 100_000
        limits.http2.connectionWindow = 150_000
        let taken = Tally()
        let held = Held()
        try await withHTTP2(
            limits: limits,
            { exchange in
                guard exchange.head.method == .POST else {
                    held.resumeAll()
                    return exchange.answer(exchange.head.uri)
                }
                exchange.isBodyPaused = true
                held.add(exchange)
                exchange.streamBody { event in
                    if case .bytes(let bytes) = event { taken.add(bytes.readableBytes) }
                    if case .end = event { exchange.answer("\(taken.value)") }
                }
            }
        ) { server in
            let client = try FrameClient(port: server.port)
            client.read { $0 == .settingsAcknowledged }
            client.send(.headers(1, Frame.request("/", method: "POST"), ends: false))
            let piece = [UInt8](repeating: 1, count: 10_000)
            for _ in 0..<10 { client.send(.data(1, piece)) }
            // Another request goes by. Had the server allowed more, it would have said so before its answer.
            client.send(.ping())
            client.read { $0.kind == Frame.Kind.ping }
            #expect(taken.value == 0)
            let early = client.mayGoOn
            #expect(!early)
            client.get(3, "/go")
            let other = client.answer(3).text
            #expect(other == "/go")
            client.awaitWindow()
            client.send(.data(1, piece, ends: true))
            let text = client.answer(1).text
            #expect(text == "110000")
        }
    }

    @Test func `a client that sends more than it may is closed`() async throws {
        var limits = HTTPLimits()
        limits.http2.streamWindow = 70_000
        try await withHTTP2(
            limits: limits,
            { exchange in
                guard exchange.head.method == .POST else { return exchange.answer(exchange.head.uri) }
                exchange.isBodyPaused = true
                exchange.streamBody { _ in }
            }
        ) { server in
            let client = try FrameClient(port: server.port)
            client.send(.headers(1, Frame.request("/", method: "POST"), ends: false))
            for _ in 0..<20 { client.send(.data(1, [UInt8](repeating: 1, count: 10_000))) }
            #expect(client.answer(1).reset == 3 || client.readToEnd() == 3)
            try #expect(server.isWell())
        }
    }

    @Test func `a handler that streams waits for a slow reader`() async throws {
        let written = Tally()
        try await withHTTP2({ exchange in
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            let piece = ByteBuffer(repeating: 1, count: 16_000)
            let go = {
                while exchange.isWritable, written.value < 2_000_000 {
                    exchange.write(piece)
                    written.add(piece.readableBytes)
                }
                if written.value >= 2_000_000 {
                    exchange.onWritable = nil
                    exchange.end()
                }
            }
            exchange.onWritable = go
            go()
        }) { server in
            // It allows a kilobyte at first.
            let client = try FrameClient(port: server.port, settings: [(4, 1000)])
            client.get(1, "/")
            client.read { $0.kind == Frame.Kind.data }
            let waiting = try await settled(written)
            #expect(waiting < 200_000)
            client.send(.windowUpdate(0, 10_000_000), .windowUpdate(1, 10_000_000))
            #expect(client.answer(1).content.count == 2_000_000)
        }
    }

    @Test func `large contents go both ways, beside each other`() async throws {
        try await withHTTP2({ exchange in
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            exchange.onWritable = { exchange.isBodyPaused = false }
            exchange.streamBody { event in
                switch event {
                case .bytes(let bytes):
                    exchange.write(bytes)
                    if !exchange.isWritable { exchange.isBodyPaused = true }
                case .end: exchange.end()
                case .failed: break
                }
            }
        }) { server in
            let client = try FrameClient(port: server.port, settings: [(4, 0x7FFF_FFFF)])
            client.read { $0 == .settingsAcknowledged }
            client.send(.windowUpdate(0, 0x7000_0000))
            let streams: [UInt32] = [1, 3, 5, 7]
            for stream in streams { client.send(.headers(stream, Frame.request("/", method: "POST"), ends: false)) }
            // Four times 100 kB; what came is what is allowed again, so the window is never exceeded.
            let piece = [UInt8](repeating: 7, count: 10_000)
            for step in 0..<10 {
                for stream in streams { client.send(.data(stream, piece, ends: step == 9)) }
                let target = (step + 1) * piece.count
                while streams.contains(where: { (client.answers[$0]?.content.count ?? 0) < target }) {
                    guard client.next() != nil else { break }
                }
            }
            for stream in streams { #expect(client.answer(stream).content.count == 100_000) }
        }
    }

    @Test func `a body that nobody wants is swallowed, and refused when it is long`() async throws {
        var limits = HTTPLimits()
        limits.discardedBody = 50_000
        try await withHTTP2(limits: limits) { server in
            let client = try FrameClient(port: server.port)
            client.send(
                .headers(1, Frame.request("/short", method: "POST"), ends: false), .data(1, [1, 2, 3], ends: true))
            let short = client.answer(1)
            #expect(short.text == "/short" && short.reset == nil)
            client.send(.headers(3, Frame.request("/long", method: "POST"), ends: false))
            for _ in 0..<6 { client.send(.data(3, [UInt8](repeating: 1, count: 10_000))) }
            #expect(client.answer(3).text == "/long")
            // The answer is whole; the reset only says that the rest is not wanted (RFC 9113 §8.1).
            client.read { $0.kind == Frame.Kind.reset }
            #expect(client.answers[3]?.reset == 0)
            client.get(5, "/well")
            #expect(client.answer(5).text == "/well")
        }
    }

    @Test func `a server that stops finishes what is under way and refuses the rest`() async throws {
        let held = Held()
        let arrived = Tally()
        let server = try await HTTP2Server { exchange in
            held.add(exchange)
            arrived.add()
        }
        let client = try FrameClient(port: server.port)
        let idle = try FrameClient(port: server.port)
        client.get(1, "/slow")
        client.get(3, "/slow")
        idle.send(.ping())
        idle.read { $0.kind == Frame.Kind.ping }
        try await eventually { arrived.value == 2 }
        async let stopped: Void = server.stop(within: .seconds(10))
        let goodbye = client.read { $0.kind == Frame.Kind.goAway }
        // The last request that was begun: the client knows which to send elsewhere.
        #expect(goodbye.map { Frame.number($0.payload[0...]) } == 3)
        #expect(goodbye?.code == 0)
        client.get(5, "/new")
        held.answerAll("late")
        #expect(client.answer(1).text == "late")
        #expect(client.answer(3).text == "late")
        client.readToEnd()
        #expect(client.answers[5]?.status == nil)
        #expect(idle.readToEnd() == 0)
        await stopped
    }

    @Test func `nothing of a connection stays when it has gone`() async throws {
        let held = Held()
        try await withHTTP2({ exchange in
            exchange.isBodyPaused = true
            exchange.streamBody { _ in }
            held.add(exchange)
        }) { server in
            var client: FrameClient? = try FrameClient(port: server.port)
            client?.send(
                .headers(1, Frame.request("/", method: "POST"), ends: false),
                .data(1, [UInt8](repeating: 1, count: 16_000)))
            try await eventually { held.count == 1 }
            client = nil
            try await eventually { held.allGone }
        }
    }
}

extension FrameClient {
    /// Whether the server has given the first stream more room.
    fileprivate var mayGoOn: Bool { frames.contains { $0.kind == Frame.Kind.windowUpdate && $0.stream == 1 } }

    fileprivate func awaitWindow() {
        if !mayGoOn { read { $0.kind == Frame.Kind.windowUpdate && $0.stream == 1 } }
    }
}
