import NIOCore
import NIOHTTP1
import Testing

@testable import EdgeServer

@Suite struct HTTP2ExchangeTests {
    @Test func `a request is answered with its fields, its content and a date`() async throws {
        try await withHTTP2({ exchange in
            exchange.answer(203, [("Content-Type", "text/plain"), ("Connection", "close")], Array("hello".utf8))
        }) { server in
            let client = try FrameClient(port: server.port)
            client.get(1, "/")
            let answer = client.answer(1)
            #expect(answer.status == "203")
            #expect(answer.text == "hello")
            #expect(answer.value("content-type") == "text/plain")
            #expect(answer.value("content-length") == "5")
            #expect(answer.value("date")?.hasSuffix(" GMT") == true)
            #expect(answer.value("connection") == nil)
            #expect(answer.heads.allSatisfy { $0.allSatisfy { $0.name == $0.name.lowercased() } })
        }
    }

    @Test func `a handler sees the authority as Host, cookies in one piece, and the version`() async throws {
        try await withHTTP2({ exchange in
            let head = exchange.head
            let seen = [
                "\(head.version)", head.method.rawValue, head.uri, exchange.host,
                head.headers["host"].joined(separator: ","), head.headers["cookie"].joined(separator: ","),
                head.headers["x"].joined(separator: ","),
            ]
            exchange.answer(seen.joined(separator: "|"))
        }) { server in
            let client = try FrameClient(port: server.port)
            client.get(1, "/a?b", [("cookie", "a=1"), ("x", "1"), ("cookie", "b=2"), ("x", "2"), ("host", "A.test")])
            #expect(client.answer(1).text == "HTTP/2.0|GET|/a?b|a.test|a.test|a=1; b=2|1,2")
        }
    }

    @Test func `what the server can do as a whole it says itself, and no path is anything but ASCII`() async throws {
        try await withHTTP2({ $0.answer("handler") }) { server in
            let client = try FrameClient(port: server.port)
            client.send(.headers(1, Frame.request("*", method: "OPTIONS")))
            let options = client.answer(1)
            #expect(options.status == "204" && options.content.isEmpty && options.reset == nil)
            #expect(options.value("allow")?.hasPrefix("GET, HEAD, POST") == true)
            for (stream, path) in [(UInt32(3), "*"), (5, "/\u{E9}"), (7, "/\u{212A}")] {
                client.get(stream, path)
                #expect(client.answer(stream).status == "400")
            }
        }
    }

    @Test func `HEAD has the length and no content, 304 and 204 have no content`() async throws {
        try await withHTTP2({ exchange in
            let status = Int(exchange.head.uri.dropFirst()) ?? 200
            exchange.respond(
                ResponseHead(status: status, headers: [("etag", "\"1\"")], contentLength: status == 204 ? nil : 4),
                body: ByteBuffer(string: "abcd"))
        }) { server in
            let client = try FrameClient(port: server.port)
            client.send(.headers(1, Frame.request("/200", method: "HEAD")))
            let head = client.answer(1)
            #expect(head.value("content-length") == "4")
            #expect(head.content.isEmpty && head.reset == nil)
            for (stream, status) in [(UInt32(3), "304"), (5, "204")] {
                client.get(stream, "/" + status)
                let answer = client.answer(stream)
                #expect(answer.status == status)
                #expect(answer.content.isEmpty && answer.reset == nil)
            }
        }
    }

    @Test func `a body is read whole, with and without a length, in any pieces`() async throws {
        try await withHTTP2({ exchange in
            exchange.collectBody(limit: 100) { result in
                switch result {
                case .success(let body): exchange.answer(200, [], Array(body.readableBytesView))
                case .failure: exchange.answer(413)
                }
            }
        }) { server in
            let client = try FrameClient(port: server.port)
            client.send(
                .headers(1, Frame.request("/", method: "POST", [("content-length", "5")]), ends: false),
                .data(1, Array("he".utf8)), .data(1, Array("llo".utf8), ends: true))
            #expect(client.answer(1).text == "hello")
            client.send(
                .headers(3, Frame.request("/", method: "POST"), ends: false), .data(3, Array("hel".utf8)),
                .data(3, Array("lo".utf8)), .data(3, ends: true))
            #expect(client.answer(3).text == "hello")
            // Padding is not content, but it counts for flow control.
            let padded = Frame(
                kind: Frame.Kind.data, flags: Frame.padded | Frame.endStream, stream: 5,
                payload: [9] + Array("hello".utf8) + [UInt8](repeating: 0, count: 9))
            client.send(.headers(5, Frame.request("/", method: "POST"), ends: false), padded)
            #expect(client.answer(5).text == "hello")
            client.send(
                .headers(7, Frame.request("/", method: "POST"), ends: false),
                .data(7, [UInt8](repeating: 0x61, count: 200), ends: true))
            #expect(client.answer(7).status == "413")
        }
    }

    @Test func `trailers go both ways, and 1xx before the answer`() async throws {
        try await withHTTP2({ exchange in
            exchange.inform(103, ["Link": "</a.css>; rel=preload"])
            exchange.streamBody { event in
                guard case .end(let trailers) = event else { return }
                exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
                exchange.write(ByteBuffer(string: "content"))
                exchange.end(trailers: ["X-Sum": trailers?.first(name: "x-sum") ?? "none", "Connection": "x"])
            }
        }) { server in
            let client = try FrameClient(port: server.port)
            client.send(
                .headers(1, Frame.request("/", method: "POST"), ends: false), .data(1, Array("abc".utf8)),
                .headers(1, [("x-sum", "42")]))
            let answer = client.answer(1)
            #expect(answer.heads.map { $0.first?.value } == ["103", "200", "42"])
            #expect(answer.value("link") == "</a.css>; rel=preload")
            #expect(answer.heads.last?.map(\.name) == ["x-sum"])
            #expect(answer.text == "content")
        }
    }

    @Test func `a client that expects 100 gets it when the body is wanted`() async throws {
        try await withHTTP2({ exchange in
            exchange.collectBody(limit: 100) { _ in exchange.answer("done") }
        }) { server in
            let client = try FrameClient(port: server.port)
            client.send(
                .headers(1, Frame.request("/", method: "POST", [("expect", "100-continue")]), ends: false))
            client.read { $0.kind == Frame.Kind.headers }
            #expect(client.answers[1]?.heads.first?.first?.value == "100")
            client.send(.data(1, [1], ends: true))
            #expect(client.answer(1).text == "done")
        }
    }

    @Test func `a response in parts without a length ends with its stream`() async throws {
        try await withHTTP2({ exchange in
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            for part in ["a", "b", "c"] { exchange.write(ByteBuffer(string: part)) }
            exchange.end()
        }) { server in
            let client = try FrameClient(port: server.port)
            client.get(1, "/")
            let answer = client.answer(1)
            #expect(answer.text == "abc")
            #expect(answer.value("transfer-encoding") == nil)
        }
    }

    @Test func `a handler that breaks off resets its stream and no other`() async throws {
        try await withHTTP2({ exchange in
            guard exchange.head.uri == "/broken" else { return exchange.answer("fine") }
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            exchange.write(ByteBuffer(string: "half"))
            exchange.abort()
        }) { server in
            let client = try FrameClient(port: server.port)
            client.get(1, "/broken")
            let broken = client.answer(1)
            #expect(broken.text == "half")
            #expect(broken.reset == 2)
            client.get(3, "/")
            #expect(client.answer(3).text == "fine")
        }
    }

    @Test func `a response shorter or longer than it said resets its stream`() async throws {
        try await withHTTP2({ exchange in
            guard let length = Int(exchange.head.uri.dropFirst()) else { return exchange.answer("fine") }
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: length), chunked: false)
            exchange.write(ByteBuffer(string: "abcde"))
            exchange.end()
        }) { server in
            let client = try FrameClient(port: server.port)
            for (stream, length) in [(UInt32(1), 3), (3, 9)] {
                client.get(stream, "/\(length)")
                #expect(client.answer(stream).reset != nil)
            }
            client.get(5, "/x")
            #expect(client.answer(5).text == "fine")
        }
    }

    @Test func `a hundred requests at once are answered, in the order of their answers`() async throws {
        let held = Held()
        try await withHTTP2({ exchange in
            held.add(exchange)
            guard held.count == 100 else { return }
            for exchange in held.takeAll().reversed() { exchange.answer(exchange.head.uri) }
        }) { server in
            let client = try FrameClient(port: server.port)
            for number in 0..<UInt32(100) { client.get(number * 2 + 1, "/\(number)") }
            for number in 0..<UInt32(100) { #expect(client.answer(number * 2 + 1).text == "/\(number)") }
            let order = client.frames.filter { $0.kind == Frame.Kind.headers }.map(\.stream)
            #expect(order.first == 199 && order.count == 100)
        }
    }

    @Test func `the request after a hundred at once is refused without harm to the others`() async throws {
        let held = Held()
        try await withHTTP2({ exchange in
            held.add(exchange)
        }) { server in
            let client = try FrameClient(port: server.port)
            for number in 0..<UInt32(101) { client.get(number * 2 + 1, "/\(number)") }
            let refusal = client.read { $0.code != nil }
            #expect(refusal != nil)
            #expect(held.count == 100)
            try #expect(FrameClient(port: server.port).send(.ping()))
        }
    }

    @Test func `what a client takes back is cancelled, and logged as incomplete`() async throws {
        let cancelled = Tally()
        let records = Notes<AccessLog.Record>()
        let log = AccessLog(wants: { _ in true }, write: { records.add($0) })
        let arrived = Tally()
        try await withHTTP2(
            log: log,
            { exchange in
                exchange.onCancel = { cancelled.add() }
                arrived.add()
            }
        ) { server in
            let client = try FrameClient(port: server.port)
            client.get(1, "/slow")
            try await eventually { arrived.value == 1 }
            client.send(.reset(1))
            try await eventually { cancelled.value == 1 && records.count == 1 }
            #expect(records.all.first?.completed == false)
            // And when it goes away without a word.
            var second: FrameClient? = try FrameClient(port: server.port)
            second?.get(1, "/slow")
            try await eventually { arrived.value == 2 }
            second = nil
            try await eventually { cancelled.value == 2 }
        }
    }

    @Test func `the log has a record for each request`() async throws {
        let records = Notes<AccessLog.Record>()
        let log = AccessLog(wants: { _ in true }, write: { records.add($0) })
        try await withHTTP2(log: log) { server in
            let client = try FrameClient(port: server.port)
            client.get(1, "/a")
            client.get(3, "/b")
            _ = (client.answer(1), client.answer(3))
            try await eventually { records.count == 2 }
            #expect(records.all.map(\.target) == ["/a", "/b"])
            #expect(records.all.allSatisfy { $0.completed && $0.status == 200 && $0.bytes == 2 })
        }
    }
}
