import NIOCore
import NIOHPACK
import Synchronization
import Testing

@testable import EdgeServer

/// What an attacker or a broken client may send, and how it has to end.
private struct Shape: Sendable, CustomTestStringConvertible {
    enum End: Sendable {
        /// The connection closes, after a GOAWAY where there is somebody to tell.
        case closed
        /// The first stream is reset; the connection goes on.
        case reset
        /// The first stream gets this status; the connection goes on.
        case status(String)
    }

    var name: String
    var end: End
    /// Sent behind the preface and settings, unless `greets` is false.
    var bytes: [UInt8]
    var greets = true

    var testDescription: String { name }

    init(_ name: String, _ end: End, _ frames: Frame..., greets: Bool = true) {
        self.name = name
        self.end = end
        self.greets = greets
        bytes = frames.flatMap(\.bytes)
    }

    init(_ name: String, _ end: End, bytes: [UInt8], greets: Bool = true) {
        self.name = name
        self.end = end
        self.bytes = bytes
        self.greets = greets
    }

    /// A request whose fields are given in full.
    static func fields(_ name: String, _ end: End, _ fields: [(String, String)]) -> Shape {
        Shape(name, end, .headers(1, fields))
    }

    /// The same in more than one frame.
    static func long(_ name: String, _ end: End, _ fields: [(String, String)]) -> Shape {
        var frames: [Frame] = []
        var rest = Frame.block(fields)[...]
        while !rest.isEmpty {
            let kind = frames.isEmpty ? Kind.headers : Kind.continuation
            let piece = rest.prefix(16_000)
            rest = rest.dropFirst(16_000)
            let flags: UInt8 = (frames.isEmpty ? Frame.endStream : 0) | (rest.isEmpty ? Frame.endHeaders : 0)
            frames.append(Frame(kind: kind, flags: flags, stream: 1, payload: Array(piece)))
        }
        return Shape(name, end, bytes: frames.flatMap(\.bytes))
    }

    /// A good request with something behind its fields.
    static func request(_ name: String, _ end: End, _ further: [(String, String)]) -> Shape {
        Shape(name, end, .headers(1, Frame.request("/", further)))
    }

}

private typealias Kind = Frame.Kind

private enum Shapes {
    static var all: [Shape] { connections + heads + names + contents + order + floods }

    static let connections: [Shape] = [
        Shape("a request of HTTP/1.1", .closed, bytes: Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), greets: false),
        Shape("noise", .closed, bytes: [UInt8](repeating: 0xAB, count: 100), greets: false),
        Shape("half of a wrong preface", .closed, bytes: Array("PRI * HTTP/2.0\r\n\r\nXX".utf8), greets: false),
        Shape("no settings behind the preface", .closed, bytes: Frame.preface + Frame.ping().bytes, greets: false),
        Shape("settings of a broken size", .closed, Frame(kind: Kind.settings, payload: [0, 1, 0])),
        Shape("settings on a stream", .closed, Frame(kind: Kind.settings, stream: 1)),
        Shape(
            "an acknowledgement with settings", .closed,
            Frame(kind: Kind.settings, flags: 1, payload: Frame.settings([(1, 1)]).payload)),
        Shape("an acknowledgement of nothing", .closed, .settingsAcknowledged, .settingsAcknowledged),
        Shape("a window that is too large", .closed, .settings([(4, 0x8000_0000)])),
        Shape("a frame size that is too small", .closed, .settings([(5, 100)])),
        Shape("push that is neither on nor off", .closed, .settings([(2, 2)])),
        Shape(
            "a frame that is too long", .closed,
            bytes: [0x40, 0, 1, 0, 0, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 0x4001)),
        Shape("a short ping", .closed, Frame(kind: Kind.ping, payload: [1])),
        Shape(
            "a ping on a stream", .closed, Frame(kind: Kind.ping, stream: 1, payload: [UInt8](repeating: 0, count: 8))),
        Shape(
            "a short reset", .closed, .headers(1, Frame.request("/")), Frame(kind: Kind.reset, stream: 1, payload: [1])),
        Shape("a reset of the connection", .closed, .reset(0)),
        Shape("a reset of a stream that is not there", .closed, .reset(1)),
        Shape(
            "a promise of a client", .closed, .headers(1, Frame.request("/")),
            Frame(kind: Kind.push, flags: 4, stream: 1, payload: [0, 0, 0, 2] + Frame.block(Frame.request("/")))),
        Shape("a window update of nothing", .closed, .windowUpdate(0, 0)),
        Shape("a connection window that overflows", .closed, .windowUpdate(0, 0x7FFF_FFFF)),
        Shape("a short window update", .closed, Frame(kind: Kind.windowUpdate, payload: [1])),
        Shape("a window update on a stream that is not there", .closed, .windowUpdate(1, 1)),
    ]

    static let heads: [Shape] = [
        .fields("no method", .reset, [(":scheme", "http"), (":authority", "a"), (":path", "/")]),
        .fields("no scheme", .reset, [(":method", "GET"), (":authority", "a"), (":path", "/")]),
        .fields("no path", .reset, [(":method", "GET"), (":scheme", "http"), (":authority", "a")]),
        .fields("an empty path", .reset, Frame.request("")),
        .fields("no authority", .status("400"), [(":method", "GET"), (":scheme", "http"), (":path", "/")]),
        .fields(
            "an empty authority", .status("400"),
            [(":method", "GET"), (":scheme", "http"), (":authority", ""), (":path", "/")]),
        .fields("two methods", .reset, Frame.request("/") + [(":method", "GET")]),
        .fields("two paths", .reset, Frame.request("/") + [(":path", "/b")]),
        .fields("two authorities", .reset, Frame.request("/") + [(":authority", "b")]),
        .fields("a pseudo-field behind a field", .reset, [("x", "1")] + Frame.request("/")),
        .fields("a pseudo-field that nobody knows", .reset, Frame.request("/") + [(":secret", "1")]),
        .fields("the status of a response", .reset, Frame.request("/") + [(":status", "200")]),
        .fields("a protocol without CONNECT", .reset, Frame.request("/") + [(":protocol", "websocket")]),
        .fields("a path without a slash", .status("400"), Frame.request("a")),
        .fields("a path with a space", .reset, Frame.request("/a b")),
        .fields("a path with a fragment", .status("400"), Frame.request("/a#b")),
        .fields("a path in absolute form", .status("400"), Frame.request("http://a.test/")),
        .fields("a path with a line break", .reset, Frame.request("/a\r\nx: y")),
        // Until the client has acknowledged our settings the library takes 16 KiB of fields at most (RFC 9113 §6.5.3).
        .long("a giant path", .closed, Frame.request("/" + String(repeating: "a", count: 17_000))),
        .fields(
            "another scheme", .status("400"),
            [(":method", "GET"), (":scheme", "ftp"), (":authority", "a"), (":path", "/")]),
        .fields(
            "a user in the authority", .status("400"),
            [(":method", "GET"), (":scheme", "http"), (":authority", "me@a"), (":path", "/")]),
        .fields(
            "a path in the authority", .status("400"),
            [(":method", "GET"), (":scheme", "http"), (":authority", "a/b"), (":path", "/")]),
        .fields(
            "a method with a space", .reset,
            [(":method", "GET /a"), (":scheme", "http"), (":authority", "a"), (":path", "/")]),
        .fields(
            "an empty method", .status("400"),
            [(":method", ""), (":scheme", "http"), (":authority", "a"), (":path", "/")]),
        .fields("CONNECT", .status("400"), [(":method", "CONNECT"), (":authority", "a:80")]),
        .fields("CONNECT with a path", .reset, Frame.request("/", method: "CONNECT")),
    ]

    static let names: [Shape] = [
        .request("a name in upper case", .reset, [("X-Y", "1")]),
        .request("an empty name", .closed, [("", "1")]),
        .request("a name with a space", .reset, [("x y", "1")]),
        .request("a name with a colon", .reset, [("x:y", "1")]),
        .request("a name with a line break", .reset, [("x\r\ny", "1")]),
        .request("a value with a line break", .reset, [("x", "1\r\ny: 2")]),
        .request("a value with NUL", .reset, [("x", "1\0")]),
        .request("a value with a control character", .status("400"), [("x", "1\u{1}")]),
        .request("a value with a space before it", .status("400"), [("x", " 1")]),
        .request("a value with a space behind it", .status("400"), [("x", "1 ")]),
        .request("Connection", .reset, [("connection", "close")]),
        .request("Keep-Alive", .reset, [("keep-alive", "timeout=5")]),
        .request("Proxy-Connection", .reset, [("proxy-connection", "x")]),
        .request("Upgrade", .reset, [("upgrade", "websocket")]),
        .request("Transfer-Encoding", .reset, [("transfer-encoding", "chunked")]),
        .request("TE other than trailers", .reset, [("te", "gzip")]),
        .request("another Host", .status("400"), [("host", "b.test")]),
        .request("two other Hosts", .status("400"), [("host", "a.test"), ("host", "b.test")]),
        .request("too many fields", .status("431"), (0..<300).map { ("x\($0)", "1") }),
        .long(
            "fields that are too large", .closed,
            Frame.request("/", (0..<5).map { ("x\($0)", String(repeating: "a", count: 15_000)) })),
    ]

    static let contents: [Shape] = [
        .request("a length without a body", .reset, [("content-length", "5")]),
        .request("a length with a sign", .status("400"), [("content-length", "+0")]),
        .request("a length below zero", .reset, [("content-length", "-1")]),
        .request("a length that is no number", .reset, [("content-length", "five")]),
        .request("a length beyond all numbers", .reset, [("content-length", "99999999999999999999")]),
        .request("two lengths", .reset, [("content-length", "0"), ("content-length", "1")]),
        Shape(
            "less than the length", .reset,
            .headers(1, Frame.request("/wait", method: "POST", [("content-length", "5")]), ends: false),
            .data(1, [1], ends: true)),
        Shape(
            "more than the length", .reset,
            .headers(1, Frame.request("/wait", method: "POST", [("content-length", "1")]), ends: false),
            .data(1, [1, 2], ends: true)),
        Shape(
            "trailers with a pseudo-field", .reset, .headers(1, Frame.request("/wait", method: "POST"), ends: false),
            .headers(1, [(":path", "/b")])),
        Shape(
            "trailers that do not end the stream", .reset,
            .headers(1, Frame.request("/wait", method: "POST"), ends: false), .headers(1, [("x", "1")], ends: false)),
        Shape(
            "padding longer than its frame", .closed, .headers(1, Frame.request("/wait", method: "POST"), ends: false),
            Frame(kind: Kind.data, flags: Frame.padded, stream: 1, payload: [9, 1])),
        Shape("data on the connection", .closed, .data(0, [1])),
        Shape("data of a stream that is not there", .closed, .data(1, [1])),
        Shape(
            "data behind the end", .reset, .headers(1, Frame.request("/wait")), .data(1, [1]),
            .data(1, [1], ends: true)),
        Shape(
            "a window update of nothing on a stream", .reset, .headers(1, Frame.request("/wait")), .windowUpdate(1, 0)),
        Shape(
            "a stream window that overflows", .reset, .headers(1, Frame.request("/wait")), .windowUpdate(1, 0x7FFF_FFFF)
        ),
    ]

    static let order: [Shape] = [
        Shape("a head on the connection", .closed, .headers(0, Frame.request("/"))),
        Shape("a stream of the server's", .closed, .headers(2, Frame.request("/"))),
        Shape(
            "a stream number that goes back", .closed, .headers(5, Frame.request("/")), .headers(3, Frame.request("/"))),
        Shape(
            "a head that depends on itself", .closed,
            Frame(
                kind: Kind.headers, flags: 0x25, stream: 1, payload: [0, 0, 0, 1, 0] + Frame.block(Frame.request("/")))),
        Shape(
            "a continuation of nothing", .closed,
            Frame(kind: Kind.continuation, flags: 4, stream: 1, payload: Frame.block(Frame.request("/")))),
        Shape(
            "another frame within a head", .closed, Frame(kind: Kind.headers, flags: 1, stream: 1, payload: [0]),
            .ping()),
        Shape(
            "a continuation of another stream", .closed, Frame(kind: Kind.headers, flags: 1, stream: 1, payload: [0]),
            Frame(kind: Kind.continuation, flags: 4, stream: 3, payload: [0])),
        Shape(
            "an index beyond the tables", .closed,
            Frame(kind: Kind.headers, flags: 5, stream: 1, payload: [0xFF, 0x80, 0x7F])),
        Shape(
            "a table larger than allowed", .closed,
            Frame(
                kind: Kind.headers, flags: 5, stream: 1,
                payload: [0x3F, 0xFF, 0xFF, 0x7F] + Frame.block(Frame.request("/")))),
        Shape(
            "a string longer than its frame", .closed,
            Frame(kind: Kind.headers, flags: 5, stream: 1, payload: [0, 0x7F, 0xFF, 0x7F, 0x61])),
        Shape(
            "an endless number", .closed,
            Frame(kind: Kind.headers, flags: 5, stream: 1, payload: [0x7F] + [UInt8](repeating: 0xFF, count: 40))),
        Shape(
            "broken Huffman code", .closed,
            Frame(kind: Kind.headers, flags: 5, stream: 1, payload: [0, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0])),
    ]

    static let floods: [Shape] = [
        flood("resets (CVE-2023-44487)", 2000) { [.headers($0 * 2 + 1, wait), .reset($0 * 2 + 1)] },
        flood("resets of our own (CVE-2025-8671)", 2000) {
            [.headers($0 * 2 + 1, wait), .windowUpdate($0 * 2 + 1, 0)]
        },
        flood("malformed requests", 2000) { [.headers($0 * 2 + 1, [("x", "1")])] },
        flood("pings", 5000) { _ in [.ping()] },
        flood("settings", 5000) { _ in [.settings([(1, 4096)])] },
        flood("priorities", 5000) { _ in [Frame(kind: Kind.priority, stream: 1, payload: [0, 0, 0, 0, 1])] },
        flood("empty data", 5000, behind: upload) { _ in [.data(1)] },
        flood("continuations (CVE-2024-27316)", 5000, behind: openHead) { _ in
            [Frame(kind: Kind.continuation, stream: 1, payload: [0, 1, 0x61, 1, 0x61])]
        },
        flood("empty continuations", 5000, behind: openHead) { _ in [Frame(kind: Kind.continuation, stream: 1)] },
        flood("window updates", 200_000) { _ in [.windowUpdate(0, 1)] },
        flood("frames of a type that nobody knows", 100) { _ in [Frame(kind: 0xEE, payload: zeros(16_000))] },
        flood("padding", 20_000, behind: upload) { _ in
            [Frame(kind: Kind.data, flags: Frame.padded, stream: 1, payload: [255] + zeros(255))]
        },
        Shape("a head that unpacks to a bomb", .closed, bomb),
    ]

    private static let wait = Frame.request("/wait")
    private static let upload = Frame.headers(1, Frame.request("/wait", method: "POST"), ends: false)
    private static let openHead = Frame(kind: Kind.headers, flags: 1, stream: 1)

    /// One byte of input that becomes four thousand: an entry of the table, named again and again (CVE-2016-1544).
    private static let bomb: Frame = {
        var block = Frame.block(Frame.request("/"))
        block += [0x40, 1, 0x61, 127, 0xA1, 30]
        block += [UInt8](repeating: 0x62, count: 4000)
        block += [UInt8](repeating: 0xBE, count: 4000)
        return Frame(kind: Kind.headers, flags: 5, stream: 1, payload: block)
    }()

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    private static func flood(
        _ name: String, _ count: UInt32, behind first: Frame? = nil, _ make: (UInt32) -> [Frame]
    ) -> Shape {
        var bytes = first?.bytes ?? []
        for number in 0..<count { for frame in make(number) { bytes += frame.bytes } }
        return Shape(name, .closed, bytes: bytes)
    }
}

@Suite struct HostileFramesTests {
    @Test("ends a hostile conversation and answers the next client", arguments: Shapes.all)
    fileprivate func survives(shape: Shape) async throws {
        try await withHTTP2({ exchange in
            // What waits is answered never, so that only the shape decides how its stream ends.
            if !exchange.head.uri.hasPrefix("/wait") { exchange.answer(exchange.head.uri) }
        }) { server in
            let client = try FrameClient(port: server.port, greets: shape.greets)
            client.send(shape.bytes)
            switch shape.end {
            case .closed:
                // The server says goodbye and closes its side. It does not wait for ours.
                let code = client.readToEnd()
                if shape.greets { #expect(code != nil && code != 0, "\(client.frames.suffix(3))") }
            case .reset:
                #expect(client.answer(1).reset != nil)
                #expect(client.answers[1]?.status == nil)
                client.get(3, "/well")
                #expect(client.answer(3).text == "/well")
            case .status(let status):
                #expect(client.answer(1).status == status)
                client.get(3, "/well")
                #expect(client.answer(3).text == "/well")
            }
            try #expect(server.isWell())
        }
    }

    @Test func `there are enough shapes`() {
        #expect(Shapes.all.count >= 100)
        #expect(Set(Shapes.all.map(\.name)).count == Shapes.all.count)
    }

    @Test func `a client that sends its preface and nothing else is closed`() async throws {
        var limits = HTTPLimits()
        limits.idleTime = .milliseconds(60)
        try await withHTTP2(limits: limits) { server in
            try #expect(FrameClient(port: server.port).readToEnd() == 0)
        }
    }

    @Test func `a client that sends nothing is closed`() async throws {
        var limits = HTTPLimits()
        limits.headTime = .milliseconds(60)
        try await withHTTP2(limits: limits) { server in
            let client = try FrameClient(port: server.port, greets: false)
            client.readToEnd()
            #expect(client.frames.allSatisfy { $0.kind != Kind.headers })
        }
    }

    @Test func `a head that never ends is closed with its connection`() async throws {
        var limits = HTTPLimits()
        limits.idleTime = .milliseconds(60)
        try await withHTTP2(limits: limits) { server in
            let client = try FrameClient(port: server.port)
            client.send(Frame(kind: Kind.headers, stream: 1, payload: [0, 1]))
            client.readToEnd()
            try #expect(server.isWell())
        }
    }

    @Test func `a body that stops is reset`() async throws {
        var limits = HTTPLimits()
        limits.bodyTime = .milliseconds(60)
        let failed = Tally()
        try await withHTTP2(
            limits: limits,
            { exchange in
                guard exchange.head.method == .POST else { return exchange.answer(exchange.head.uri) }
                exchange.collectBody(limit: 1000) { result in if case .failure = result { failed.add() } }
            }
        ) { server in
            let client = try FrameClient(port: server.port)
            client.send(.headers(1, Frame.request("/", method: "POST"), ends: false), .data(1, [1]))
            #expect(client.answer(1).reset == 8)
            try await eventually { failed.value == 1 }
            client.get(3, "/well")
            #expect(client.answer(3).text == "/well")
        }
    }

    @Test func `a client that does not take its answer is reset`() async throws {
        var limits = HTTPLimits()
        limits.writeTime = .milliseconds(60)
        try await withHTTP2(
            limits: limits,
            { $0.answer(200, [], [UInt8](repeating: 1, count: 100_000)) }
        ) { server in
            // It allows ten bytes and never more.
            let client = try FrameClient(port: server.port, settings: [(4, 10)])
            client.get(1, "/")
            let answer = client.answer(1)
            #expect(answer.content.count == 10)
            #expect(answer.reset == 8)
        }
    }
}
