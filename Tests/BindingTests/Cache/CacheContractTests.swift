import HTTPTypes
import Synchronization
import Testing
import Workers
import WorkersTesting

/// What every implementation of the Cache API must do beyond the vectors.
@Suite struct CacheContractTests {
    private static let url = "https://shop.test/item/9"

    private func response(_ body: Body, lifetime: Int = 600, headers: Headers = [:]) -> Response {
        var response = Response(.ok, headers: headers, body: body)
        response.headers[.cacheControl] = "max-age=\(lifetime)"
        return response
    }

    private func bytes(_ count: Int, seed: UInt8 = 0) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) &+ seed }
    }

    /// A stream in odd pieces whose length nobody knows.
    private func stream(_ bytes: [UInt8], piece: Int = 10_007) -> BodyStream {
        let position = Mutex(0)
        return BodyStream {
            position.withLock { position in
                guard position < bytes.count else { return nil }
                let end = min(position + piece, bytes.count)
                defer { position = end }
                return Array(bytes[position..<end])
            }
        }
    }

    @Test("a large body of unknown length comes back whole, and in parts", arguments: CacheImplementation.allCases)
    func largeStream(_ implementation: CacheImplementation) async throws {
        let content = bytes(1_500_000)
        try await implementation.with { caches, _ in
            try await caches.default.put(Self.url, response(Body(stream: stream(content))))
            for _ in 0..<2 {
                let found = try #require(try await caches.default.match(Self.url))
                #expect(found.body.length == content.count)
                #expect(try await found.bytes() == content)
            }
            var request = Request(.get, RequestURL(authority: "shop.test", path: "/item/9"))
            request.headers[.range] = "bytes=700000-1299999"
            let part = try #require(try await caches.default.match(request))
            #expect(part.status == .partialContent)
            #expect(part.headers[.contentLength] == "600000")
            #expect(try await part.bytes() == Array(content[700_000..<1_300_000]))

            request.headers[.range] = "bytes=0-9,-300000,5-5"
            let parts = try #require(try await caches.default.match(request))
            let whole = try await parts.bytes()
            #expect(parts.headers[.contentLength] == String(whole.count))
            #expect(whole.count > 300_011)
        }
    }

    @Test("the stream is read as fast as it is taken in, and not sooner", arguments: CacheImplementation.allCases)
    func backpressure(_ implementation: CacheImplementation) async throws {
        try await implementation.with { caches, _ in
            let (writer, stream) = BodyStream.pipe(capacity: 1000)
            async let put: Void = caches.default.put(Self.url, response(Body(stream: stream)))
            for _ in 0..<500 { try await writer.write([UInt8](repeating: 7, count: 1000)) }
            writer.finish()
            try await put
            #expect(try await caches.default.match(Self.url)?.bytes().count == 500_000)
        }
    }

    @Test("a stream that fails stores nothing and leaves what was there", arguments: CacheImplementation.allCases)
    func failingStream(_ implementation: CacheImplementation) async throws {
        try await implementation.with { caches, _ in
            for size in [10, 300_000] {
                let (writer, stream) = BodyStream.pipe(capacity: 1 << 20)
                try await writer.write(bytes(size))
                writer.fail(WorkersError(.error, "the origin has gone"))
                await #expect(throws: WorkersError(.error, "the origin has gone")) {
                    try await caches.default.put(Self.url, response(Body(stream: stream)))
                }
                #expect(try await caches.default.match(Self.url) == nil)
            }
            try await caches.default.put(Self.url, response("old"))
            let short = BodyStream(chunks: [[1, 2]], length: 3)
            await #expect(throws: WorkersError.self) {
                try await caches.default.put(Self.url, response(Body(stream: short)))
            }
            #expect(try await caches.default.match(Self.url)?.text() == "old")
        }
    }

    @Test("the body is used up, stored or not, and a used one is refused", arguments: CacheImplementation.allCases)
    func bodyUse(_ implementation: CacheImplementation) async throws {
        try await implementation.with { caches, _ in
            for lifetime in [0, 60] {
                let (writer, stream) = BodyStream.pipe(capacity: 10)
                let given = response(Body(stream: stream), lifetime: lifetime)
                async let put: Void = caches.default.put(Self.url, given)
                // A writer whose reader had left would fail here.
                for _ in 0..<10 { try await writer.write([UInt8](repeating: 1, count: 10)) }
                writer.finish()
                try await put
                #expect(given.body.isUsed)
                await #expect(throws: WorkersError.self) { try await caches.default.put(Self.url, given) }
            }
        }
    }

    @Test("beyond its bytes a cache drops what has not been used for longest", arguments: CacheImplementation.allCases)
    func eviction(_ implementation: CacheImplementation) async throws {
        try await implementation.with(limit: 250_000) { caches, _ in
            let cache = caches.default
            for name in ["a", "b"] {
                try await cache.put("https://shop.test/\(name)", response(Body(bytes: bytes(100_000))))
            }
            #expect(try await cache.match("https://shop.test/a") != nil)
            try await cache.put("https://shop.test/c", response(Body(stream: stream(bytes(100_000)))))
            #expect(try await cache.match("https://shop.test/b") == nil)
            for name in ["a", "c"] {
                #expect(try await cache.match("https://shop.test/\(name)")?.bytes() == bytes(100_000))
            }
        }
    }

    @Test("a body that no cache could hold is read to its end and not stored", arguments: CacheImplementation.allCases)
    func tooLarge(_ implementation: CacheImplementation) async throws {
        try await implementation.with(limit: 200_000) { caches, _ in
            try await caches.default.put("https://shop.test/small", response("small"))
            try await caches.default.put(Self.url, response(Body(stream: stream(bytes(300_000)))))
            #expect(try await caches.default.match(Self.url) == nil)
            #expect(try await caches.default.match("https://shop.test/small")?.text() == "small")
        }
    }

    @Test("removing everything counts what was still good", arguments: CacheImplementation.allCases)
    func removeAll(_ implementation: CacheImplementation) async throws {
        let clock = TestClock()
        try await implementation.with(clock: clock) { caches, removeAll in
            let named = try await caches.open("named")
            try await caches.default.put(Self.url, response(Body(bytes: bytes(100_000)), lifetime: 60))
            try await named.put(Self.url, response("b", lifetime: 60))
            try await named.put("https://shop.test/short", response("c", lifetime: 10))
            clock.advance(by: 10)
            #expect(try await removeAll() == 2)
            #expect(try await removeAll() == 0)
            #expect(try await caches.default.match(Self.url) == nil)
            #expect(try await named.match(Self.url) == nil)
            try await named.put(Self.url, response("again"))
            #expect(try await named.match(Self.url)?.text() == "again")
        }
    }

    @Test("a hit tells its age, its date and that it is one", arguments: CacheImplementation.allCases)
    func fields(_ implementation: CacheImplementation) async throws {
        // Sun, 31 May 2026 12:00:00 GMT
        let clock = TestClock(now: 1_780_228_800)
        try await implementation.with(clock: clock) { caches, _ in
            var given = response("hello", headers: [.age: "7, 9", .connection: "X-Hop", .eTag: "\"é\""])
            given.headers[HTTPField.Name("X-Hop")!] = "gone"
            given.headers.append(HTTPField(name: HTTPField.Name("Link")!, value: "<a>; rel=preload"))
            given.headers.append(HTTPField(name: HTTPField.Name("Link")!, value: "<b>"))
            given.headers[.contentLength] = "99"
            try await caches.default.put(Self.url, given)
            clock.advance(by: 5.5)
            let hit = try #require(try await caches.default.match(Self.url))
            #expect(hit.headers[.age] == "12")
            #expect(hit.headers[.date] == "Sun, 31 May 2026 12:00:00 GMT")
            #expect(hit.headers[HTTPField.Name("CF-Cache-Status")!] == "HIT")
            #expect(hit.headers[values: HTTPField.Name("Link")!] == ["<a>; rel=preload", "<b>"])
            #expect(hit.headers[.contentLength] == "5")
            #expect(hit.headers[.connection] == nil)
            #expect(hit.headers[HTTPField.Name("X-Hop")!] == nil)
        }
    }

    @Test("refusals have their texts", arguments: CacheImplementation.allCases)
    func refusals(_ implementation: CacheImplementation) async throws {
        try await implementation.with { caches, _ in
            let cases: [(Response, String)] = [
                (Response(HTTPResponse.Status(code: 0)), "Cache is unable to store an error response"),
                (Response(.partialContent), "Cannot cache response to a range request (206 Partial Content)."),
            ]
            for (response, message) in cases {
                await #expect(throws: WorkersError(.typeError, message)) {
                    try await caches.default.put(Self.url, response)
                }
            }
            await #expect(throws: WorkersError(.typeError, "Cache name is too long.")) {
                _ = try await caches.open(String(repeating: "n", count: 1024))
            }
            for url in [
                "", "item", "//shop.test/", "https://", "https://a b/", "ftp://shop.test/", "https://u:p@shop.test/",
            ] {
                await #expect(throws: WorkersError.self, "\(url)") { try await caches.default.match(url) }
            }
        }
    }

    @Test("a name is not the default cache, whatever it is", arguments: CacheImplementation.allCases)
    func names(_ implementation: CacheImplementation) async throws {
        try await implementation.with { caches, _ in
            try await caches.default.put(Self.url, response("default"))
            for name in ["", "default", "=", "\u{E9}", "e\u{301}"] {
                let cache = try await caches.open(name)
                #expect(try await cache.match(Self.url) == nil)
                try await cache.put(Self.url, response(Body(text: name)))
            }
            #expect(try await caches.default.match(Self.url)?.text() == "default")
            #expect(try await caches.open("=").match(Self.url)?.text() == "=")
        }
    }

    @Test("many tasks at once leave a cache as it should be", arguments: CacheImplementation.allCases)
    func concurrency(_ implementation: CacheImplementation) async throws {
        try await implementation.with(limit: 3 << 20) { caches, _ in
            let cache = caches.default
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        for round in 0..<12 {
                            let url = "https://shop.test/\((task + round) % 5)"
                            let size = 1000 + (task * 12 + round) * 2000
                            switch round % 4 {
                            case 0, 1:
                                let seed = UInt8(size / 1000)
                                let body = Body(stream: stream(bytes(size, seed: seed)))
                                try await cache.put(url, response(body))
                            case 2:
                                if let found = try await cache.match(url) {
                                    let content = try await found.bytes()
                                    #expect(content == bytes(content.count, seed: UInt8(content.count / 1000)))
                                }
                            default: _ = try await cache.delete(url)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
