import EdgeServer
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import Workers
import WorkersTesting

/// What only a network has: connections, pace, addresses, packed content.
@Suite struct NetworkFetcherTests {
    private func with(
        addresses: AddressPolicy = .emulator, _ answer: @escaping @Sendable (Exchange) -> Void,
        _ body: (NetworkFetcher, OriginServer) async throws -> Void
    ) async throws {
        let server = try await OriginServer(answer)
        let fetcher = NetworkFetcher(
            group: MultiThreadedEventLoopGroup.singleton, options: NetworkOptions(addresses: addresses))
        do {
            try await body(fetcher, server)
        } catch {
            await fetcher.stop()
            await server.stop()
            throw error
        }
        await fetcher.stop()
        await server.stop()
    }

    private func request(_ server: OriginServer, _ path: String = "/", host: String = "127.0.0.1") -> Request {
        Request(.get, RequestURL(scheme: "http", authority: "\(host):\(server.port)", target: path))
    }

    @Test func `connections are kept, also over a redirect with a body and a HEAD`() async throws {
        let addresses = Notes<String>()
        try await with { exchange in
            addresses.add(exchange.remoteAddress.map { "\($0)" } ?? "")
            if exchange.head.uri == "/old" {
                exchange.answer(302, [(name: "location", value: "/new")], Array("moved".utf8))
            } else {
                exchange.answer("new")
            }
        } _: { fetcher, server in
            let moved = try await fetcher.fetch(request(server, "/old"))
            #expect(try await moved.text() == "new")
            var head = request(server)
            head.method = .head
            let headed = try await fetcher.fetch(head)
            #expect(headed.body.isNull)
            let again = try await fetcher.fetch(request(server))
            #expect(try await again.text() == "new")
            #expect(addresses.count == 4)
            #expect(Set(addresses.all).count == 1)
        }
    }

    @Test(arguments: [
        ("/", "/"), ("/?", "/?"), ("/a%2Fb", "/a%2Fb"), ("/a//b/./c/../d", "/a//b/./c/../d"), ("//a", "//a"),
        ("/a;b,c=d!e*f'g(h)i@j:k$l&m+n", "/a;b,c=d!e*f'g(h)i@j:k$l&m+n"),
        ("/?q=a%20b+c&u=http://x/?y", "/?q=a%20b+c&u=http://x/?y"), ("/~%7E", "/~%7E"), ("/%zz%4", "/%25zz%254"),
        ("/a%2Fb?y[]=1&z=%20", "/a%2Fb?y%5B%5D=1&z=%20"), ("/a|b^c`d{e}", "/a%7Cb%5Ec%60d%7Be%7D"),
        ("/\"<>\\", "/%22%3C%3E%5C"), ("/ä ö", "/%C3%A4%20%C3%B6"),
    ])
    func `the target arrives as it was written, with what a target cannot have as escapes`(
        target: String, arrived: String
    ) async throws {
        let targets = Notes<String>()
        try await with { exchange in
            targets.add(exchange.head.uri)
            exchange.answer("")
        } _: { fetcher, server in
            let url = RequestURL(scheme: "http", authority: "127.0.0.1:\(server.port)", target: target)
            _ = try await fetcher.fetch(Request(.get, url))
            #expect(targets.all == [arrived])
        }
    }

    @Test func `a question that changes nothing is asked again when its connection breaks, others are not`()
        async throws
    {
        let methods = Notes<String>()
        try await with { exchange in
            methods.add(exchange.head.method.rawValue)
            if methods.count % 3 == 2 { exchange.abort() } else { exchange.answer("answer") }
        } _: { fetcher, server in
            _ = try await fetcher.fetch(request(server)).bytes()
            let again = try await fetcher.fetch(request(server))
            #expect(try await again.text() == "answer")
            #expect(methods.all == ["GET", "GET", "GET"])
            _ = try await fetcher.fetch(request(server)).bytes()
            var post = request(server)
            post.method = .post
            let asked = post
            let error = await #expect(throws: WorkersError.self) { try await fetcher.fetch(asked) }
            #expect(error?.message.hasSuffix("closed the connection before its response was complete.") == true)
            #expect(methods.all.last == "POST")
            #expect(methods.count == 5)
        }
    }

    @Test func `an answer before the end of an upload is the answer, and ends the upload`() async throws {
        let stopped = Tally()
        try await with { exchange in
            exchange.answer(413, [], Array("too much".utf8))
        } _: { fetcher, server in
            var upload = request(server)
            upload.method = .put
            upload.body = Body(
                stream: BodyStream(onCancel: { stopped.add() }) {
                    // A producer with all the time in the world.
                    try await Task.sleep(for: .milliseconds(1))
                    return [UInt8](repeating: 1, count: 1000)
                })
            let response = try await fetcher.fetch(upload)
            #expect(response.status == .contentTooLarge)
            #expect(try await response.text() == "too much")
            try await eventually { stopped.value == 1 }
        }
    }

    @Test func `an upload goes at the pace of the server`() async throws {
        let seen = Tally()
        let isOpen = Tally()
        let size = 64 * 1024 * 1024
        try await with { exchange in
            let loop = MultiThreadedEventLoopGroup.currentEventLoop!
            let bound = NIOLoopBound(exchange, eventLoop: loop)
            exchange.streamBody { event in
                switch event {
                case .bytes(let bytes):
                    if seen.add(bytes.readableBytes) == bytes.readableBytes {
                        // The first bytes: nothing more is read until the test says so.
                        bound.value.isBodyPaused = true
                        loop.scheduleRepeatedTask(initialDelay: .milliseconds(10), delay: .milliseconds(10)) { task in
                            guard isOpen.value > 0 else { return }
                            task.cancel()
                            bound.value.isBodyPaused = false
                        }
                    }
                case .end: bound.value.answer("\(seen.value)")
                case .failed: break
                }
            }
        } _: { fetcher, server in
            let produced = Tally()
            let stream = BodyStream(length: size) {
                guard produced.value < size else { return nil }
                // The client hears of a full socket by its loop, which on a busy machine needs a moment to say so.
                try await Task.sleep(for: .milliseconds(1))
                produced.add(65_536)
                return [UInt8](repeating: 7, count: 65_536)
            }
            var upload = request(server)
            upload.method = .put
            upload.body = Body(stream: stream)
            let asked = upload
            let answer = Task { try await fetcher.fetch(asked) }
            try await eventually { seen.value > 0 }
            let waiting = try await settled(produced)
            #expect(waiting < size / 2)
            isOpen.add()
            let whole = try await answer.value
            #expect(try await whole.text() == "\(size)")
        }
    }

    @Test func `a download goes at the pace of its reader, and ends when the reader goes`() async throws {
        let written = Tally()
        let gone = Tally()
        try await with { exchange in
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: nil), chunked: true)
            exchange.onCancel = { gone.add() }
            pump(exchange, written)
        } _: { fetcher, server in
            var response: Response? = try await fetcher.fetch(request(server))
            var stream = try response?.body.stream()
            #expect(try await stream?.next()?.isEmpty == false)
            let most = try await settled(written)
            #expect(most < 64 * 1024 * 1024)
            response = nil
            stream = nil
            try await eventually { gone.value == 1 }
        }
    }

    /// Writes whenever the socket takes more, without an end.
    private func pump(_ exchange: Exchange, _ written: Tally) {
        let part = ByteBuffer(repeating: 9, count: 65_536)
        func fill() {
            while exchange.isWritable {
                exchange.write(part)
                if written.add(part.readableBytes) > 256 * 1024 * 1024 { return }
            }
        }
        exchange.onWritable = { [unowned exchange] in
            var count = 0
            while exchange.isWritable, count < 64 {
                exchange.write(part)
                written.add(part.readableBytes)
                count += 1
            }
        }
        fill()
    }

    @Test func `a cancelled fetch closes its connection`() async throws {
        let came = Tally()
        let gone = Tally()
        try await with { exchange in
            let bound = NIOLoopBound(exchange, eventLoop: MultiThreadedEventLoopGroup.currentEventLoop!)
            exchange.onCancel = {
                _ = bound.value
                gone.add()
            }
            came.add()
        } _: { fetcher, server in
            let asked = request(server)
            let task = Task { try await fetcher.fetch(asked) }
            try await eventually { came.value == 1 }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try await eventually { gone.value == 1 }
        }
    }

    @Test func `a request's stream that fails fails the fetch with its own error`() async throws {
        struct Broken: Error {}
        try await with { exchange in
            exchange.collectBody(limit: 1 << 20) { _ in }
        } _: { fetcher, server in
            var upload = request(server)
            upload.method = .post
            upload.body = Body(stream: BodyStream { throw Broken() })
            let asked = upload
            await #expect(throws: Broken.self) { try await fetcher.fetch(asked) }
        }
    }

    @Test func `a body that breaks off is an error, not an end`() async throws {
        try await with { exchange in
            exchange.start(ResponseHead(status: 200, headers: [], contentLength: 1000), chunked: false)
            exchange.write(ByteBuffer(string: "part"))
            exchange.abort()
        } _: { fetcher, server in
            let error = await #expect(throws: WorkersError.self) { try await fetcher.fetch(request(server)).bytes() }
            #expect(error?.message.hasPrefix("Network connection lost.") == true)
        }
    }

    @Test func `a server that is not there is one sentence`() async throws {
        let gone = try await OriginServer { $0.answer("") }
        await gone.stop()
        try await with {
            $0.answer("")
        } _: { fetcher, _ in
            let url = RequestURL(
                scheme: "http", authority: "127.0.0.1:\(gone.port)", path: "/key", query: "token=secret")
            let error = await #expect(throws: WorkersError.self) { try await fetcher.fetch(Request(.get, url)) }
            #expect(
                error?.description
                    == "Error: Network connection lost. 127.0.0.1:\(gone.port): connection refused.")
            let name = RequestURL(scheme: "http", authority: "no-such-name.invalid", path: "/")
            let unknown = await #expect(throws: WorkersError.self) { try await fetcher.fetch(Request(.get, name)) }
            #expect(unknown?.message == "Network connection lost. The name no-such-name.invalid could not be resolved.")
        }
    }

    @Test func `TLS with a server that has none is one sentence`() async throws {
        try await with {
            $0.answer("")
        } _: { fetcher, server in
            let url = RequestURL(scheme: "https", authority: "127.0.0.1:\(server.port)", path: "/")
            let error = await #expect(throws: WorkersError.self) { try await fetcher.fetch(Request(.get, url)) }
            #expect(error?.message == "Network connection lost. TLS with 127.0.0.1:\(server.port) failed.")
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1"])
    func `in production this machine is out of reach under any of its names`(host: String) async throws {
        let came = Tally()
        try await with(addresses: .production) { exchange in
            came.add()
            exchange.answer("secret")
        } _: { fetcher, server in
            let asked = request(server, host: host)
            let error = await #expect(throws: WorkersError.self) { try await fetcher.fetch(asked) }
            #expect(error?.message.contains("is a loopback address") == true)
            #expect(came.value == 0)
        }
    }

    @Test func `header fields of a response are bounded`() async throws {
        try await with { exchange in
            let value = String(repeating: "v", count: 30_000)
            exchange.answer(200, (0..<5).map { (name: "x-\($0)", value: value) })
        } _: { fetcher, server in
            let error = await #expect(throws: WorkersError.self) { try await fetcher.fetch(request(server)) }
            #expect(error?.message.contains("larger than 131072 bytes") == true)
        }
    }

    @Test func `packed content comes unpacked, and says so`() async throws {
        let text = String(repeating: "A page of text. ", count: 5000)
        let asked = Notes<String>()
        try await with { exchange in
            asked.add(exchange.head.headers["accept-encoding"].joined())
            let coding = String(exchange.head.uri.dropFirst())
            exchange.answer(200, [(name: "content-encoding", value: coding)], Pack.bytes(Array(text.utf8), coding))
        } _: { fetcher, server in
            for coding in ["gzip", "deflate", "br", "br, gzip"] {
                let response = try await fetcher.fetch(request(server, "/" + coding.replacing(" ", with: "")))
                #expect(response.headers[.contentEncoding] == nil)
                #expect(response.headers[.contentLength] == nil)
                #expect(response.body.length == nil)
                #expect(try await response.text() == text)
            }
            #expect(asked.all.first == "br, gzip")
            let plain = try await fetcher.fetch(request(server, "/unknown"))
            #expect(plain.headers[.contentEncoding] == "unknown")
            #expect(try await plain.text() == text)
        }
    }

    @Test func `the size limit counts unpacked bytes`() async throws {
        let bomb = Pack.bytes([UInt8](repeating: 0, count: 20_000_000), "gzip")
        try await with { exchange in
            exchange.answer(200, [(name: "content-encoding", value: "gzip")], bomb)
        } _: { fetcher, server in
            #expect(bomb.count < 100_000)
            let error = await #expect(throws: WorkersError.self) {
                try await fetcher.fetch(request(server), options: FetchOptions(maximumBody: 1_000_000)).bytes()
            }
            #expect(error?.message.contains("1000000 bytes") == true)
        }
    }

    @Test func `nothing is fetched after the stop`() async throws {
        let fetcher = NetworkFetcher(
            group: MultiThreadedEventLoopGroup.singleton, options: NetworkOptions(addresses: .emulator))
        await fetcher.stop()
        let error = await #expect(throws: WorkersError.self) {
            try await fetcher.fetch(Request(.get, RequestURL(authority: "a.test", path: "/")))
        }
        #expect(error?.message == "Network connection lost. The server is stopping.")
    }
}
