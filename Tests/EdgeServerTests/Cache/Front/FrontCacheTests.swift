import Foundation
import HTTPCaching
import HTTPTypes
import Synchronization
import Testing
import Workers

@testable import EdgeServer

/// The cache in front of a Worker, as clients see it.
@Suite struct FrontCacheTests {
    private static func fresh(_ text: String, _ control: String = "max-age=60", _ headers: Headers = [:]) -> Response {
        var response = Response.text(text)
        response.headers[.cacheControl] = control
        response.headers.append(contentsOf: headers)
        return response
    }

    @Test func `the second request does not reach the Worker, and says so`() async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("hello") }) { world async throws in
            let first = try world.ask("/a")
            #expect(first.status == 200)
            #expect(first.body == "hello")
            #expect(first.cache == "MISS")
            #expect(first.headers["age"] == nil)
            world.clock.advance(by: 7)
            let second = try world.ask("/a")
            #expect(second.body == "hello")
            #expect(second.cache == "HIT")
            #expect(second.headers["age"] == "7")
            #expect(second.headers["content-type"] == first.headers["content-type"])
            #expect(world.stage.runs == 1)
            world.clock.advance(by: 53)
            #expect(try world.ask("/a").cache == "EXPIRED")
            #expect(world.stage.runs == 2)
        }
    }

    @Test func `what says nothing about caching is kept by its status`() async throws {
        try await FrontWorld.run({ request, _ in
            request.url.path == "/none" ? Response(.notFound, body: "none") : .text("hello")
        }) { world async throws in
            #expect(try world.ask("/some").cache == "MISS")
            #expect(try world.ask("/none").cache == "MISS")
            world.clock.advance(by: 179)
            #expect(try world.ask("/some").cache == "HIT")
            #expect(try world.ask("/none").cache == "HIT")
            world.clock.advance(by: 1)
            #expect(try world.ask("/none").cache == "EXPIRED")
            world.clock.advance(by: 7019)
            #expect(try world.ask("/some").cache == "HIT")
            world.clock.advance(by: 1)
            #expect(try world.ask("/some").cache == "EXPIRED")
        }
    }

    @Test func `a HEAD that comes first is run as GET, and both share what it brings`() async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("hello") }) { world async throws in
            let head = try world.ask("/a", method: "HEAD")
            #expect(head.cache == "MISS")
            #expect(head.headers["content-length"] == "5")
            #expect(head.body.isEmpty)
            #expect(world.stage.seen.map(\.method) == [.get])
            // The head is out before the content is in, so this may still be the same answer on its way.
            #expect(try world.ask("/a").body == "hello")
            #expect(try world.ask("/a").cache == "HIT")
            let again = try world.ask("/a", method: "HEAD")
            #expect(again.cache == "HIT")
            #expect(again.headers["content-length"] == "5")
            #expect(again.body.isEmpty)
            #expect(world.stage.runs == 1)
        }
    }

    @Test func `a HEAD of something endless that is not stored ends it`() async throws {
        let ended = Atomic<Bool>(false)
        try await FrontWorld.run({ _, _ in
            let stream = BodyStream(
                onCancel: { ended.store(true, ordering: .relaxed) }, next: { [UInt8](repeating: 0x78, count: 1000) })
            return Response(headers: [.cacheControl: "no-store"], body: Body(stream: stream))
        }) { world async throws in
            #expect(try world.ask("/a", method: "HEAD").cache == "BYPASS")
            #expect(await world.stage.wait { _ in ended.load(ordering: .relaxed) })
        }
    }

    @Test func `path and query tell answers apart, the host does not`() async throws {
        try await FrontWorld.run({ request, _ in Self.fresh(request.url.query ?? "-") }) { world async throws in
            #expect(try world.ask("/a", host: "one.test").cache == "MISS")
            #expect(try world.ask("/a", host: "two.test").cache == "HIT")
            for target in ["/a/", "/a?b=1&c=2", "/a?c=2&b=1", "/A"] { #expect(try world.ask(target).cache == "MISS") }
            #expect(try world.ask("/a?c=2&b=1").body == "c=2&b=1")
            #expect(world.stage.runs == 5)
        }
    }

    @Test(
        "a field by which a client may make it another request is part of the key",
        arguments: CachePolicy.workersCache.keyFields)
    func overrides(name: String) async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("hello") }) { world async throws in
            #expect(try world.ask("/a").cache == "MISS")
            #expect(try world.ask("/a", ["\(name.uppercased()): evil"]).cache == "MISS")
            #expect(try world.ask("/a", ["\(name): evil"]).cache == "HIT")
            #expect(try world.ask("/a", ["X-Other: evil"]).cache == "HIT")
        }
    }

    @Test func `every version of a Worker has its own answers, unless they are shared`() async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("hello") }) { world async throws in
            #expect(try world.ask("/a").cache == "MISS")
            try await world.redeployed(version: "2") { again async throws in
                #expect(try again.ask("/a").cache == "MISS")
            }
            try await world.redeployed(version: "1") { again async throws in #expect(try again.ask("/a").cache == "HIT")
            }
            try await world.redeployed(version: nil) { again async throws in
                #expect(try again.ask("/a").cache == "MISS")
            }
            try await world.redeployed(version: nil) { again async throws in #expect(try again.ask("/a").cache == "HIT")
            }
        }
    }

    @Test func `a range is cut from the whole, which is what the Worker is asked for`() async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("0123456789") }) { world async throws in
            let miss = try world.ask("/a", ["Range: bytes=2-4"])
            #expect(miss.status == 206)
            #expect(miss.body == "234")
            #expect(miss.headers["content-range"] == "bytes 2-4/10")
            #expect(world.stage.seen.first?.headers[.range] == nil)
            // The part may be there before the whole is stored.
            var hit = try world.ask("/a", ["Range: bytes=-2"])
            for _ in 1...500 where hit.cache != "HIT" {
                usleep(10_000)
                hit = try world.ask("/a", ["Range: bytes=-2"])
            }
            #expect(hit.body == "89")
            #expect(hit.cache == "HIT")
            #expect(try world.ask("/a", ["Range: bytes=10-"]).status == 416)
            #expect(try world.ask("/a").body == "0123456789")
            #expect(world.stage.runs == 1)
        }
    }

    @Test func `a condition of the client is answered by the cache`() async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("hello", "max-age=60", [.eTag: "\"1\""]) }) {
            world async throws in
            #expect(try world.ask("/a", ["If-None-Match: \"1\""]).status == 304)
            #expect(world.stage.seen.first?.headers[.ifNoneMatch] == nil)
            // The 304 is out before the content is in; after this it is.
            #expect(try world.ask("/a").body == "hello")
            let hit = try world.ask("/a", ["If-None-Match: \"1\""])
            #expect(hit.status == 304)
            #expect(hit.cache == "HIT")
        }
    }

    @Test func `what a client says about caching changes nothing`() async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("hello") }) { world async throws in
            #expect(try world.ask("/a", ["Cache-Control: no-store"]).cache == "MISS")
            #expect(try world.ask("/a", ["Cache-Control: no-cache", "Pragma: no-cache"]).cache == "HIT")
        }
    }

    @Test func `a stale answer goes out at once where it may, and is made fresh behind it`() async throws {
        let count = Atomic<Int>(0)
        try await FrontWorld.run({ _, _ in
            Self.fresh("\(count.add(1, ordering: .relaxed).newValue)", "max-age=10, stale-while-revalidate=30")
        }) { world async throws in
            #expect(try world.ask("/a").body == "1")
            world.clock.advance(by: 15)
            let stale = try world.ask("/a")
            #expect(stale.cache == "UPDATING")
            #expect(stale.body == "1")
            #expect(stale.headers["age"] == "15")
            let deadline = ContinuousClock.now + .seconds(20)
            var fresh = try world.ask("/a")
            while fresh.cache != "HIT", ContinuousClock.now < deadline { fresh = try world.ask("/a") }
            #expect(fresh.body == "2")
            #expect(world.stage.runs == 2)
            world.clock.advance(by: 41)
            #expect(try world.ask("/a").cache == "EXPIRED")
        }
    }

    @Test func `a validator is used, and a 304 keeps the body`() async throws {
        try await FrontWorld.run({ request, _ in
            if request.headers[.ifNoneMatch] == "\"1\"" { return Response(.notModified, headers: [.eTag: "\"1\""]) }
            return Self.fresh("hello", "no-cache", [.eTag: "\"1\""])
        }) { world async throws in
            #expect(try world.ask("/a").cache == "MISS")
            let again = try world.ask("/a")
            #expect(again.status == 200)
            #expect(again.cache == "REVALIDATED")
            #expect(again.body == "hello")
            world.stage.change { _, _ in Self.fresh("new", "no-cache", [.eTag: "\"2\""]) }
            let changed = try world.ask("/a")
            #expect(changed.cache == "EXPIRED")
            #expect(changed.body == "new")
        }
    }

    struct Broken: Error {}

    @Test func `a Worker that fails is stood in for by what it answered before, for as long as that takes`()
        async throws
    {
        try await FrontWorld.run({ _, _ in Self.fresh("good") }) { world async throws in
            #expect(try world.ask("/a").cache == "MISS")
            world.clock.advance(by: 1_000_000)
            world.stage.change { _, _ in throw Broken() }
            let thrown = try world.ask("/a")
            #expect(thrown.status == 200)
            #expect(thrown.cache == "STALE")
            #expect(thrown.body == "good")
            world.stage.change { _, _ in Response(.serviceUnavailable) }
            #expect(try world.ask("/a").body == "good")
            world.stage.change { _, _ in Response(.notFound, body: "gone") }
            #expect(try world.ask("/a").status == 404)
        }
    }

    @Test(
        "an error is an error where the answer before it says so",
        arguments: ["max-age=10, stale-if-error=0", "max-age=10, must-revalidate", "max-age=10, stale-if-error=20"])
    func errors(control: String) async throws {
        try await FrontWorld.run({ _, _ in Self.fresh("good", control) }) { world async throws in
            #expect(try world.ask("/a").cache == "MISS")
            world.clock.advance(by: 31)
            world.stage.change { _, _ in throw Broken() }
            let failed = try world.ask("/a")
            #expect(failed.status == 500)
            #expect(!failed.body.contains("good"))
        }
    }

    @Test(
        "what is for one client alone is not stored",
        arguments: [
            ["Set-Cookie: a=b"], ["Cache-Control: private, max-age=60"], ["Cache-Control: no-store"], ["Vary: *"],
            ["Cache-Control: max-age=0"],
        ])
    func bypass(fields: [String]) async throws {
        try await FrontWorld.run({ _, _ in
            var response = Response.text("hello")
            for field in fields {
                let parts = field.components(separatedBy: ": ")
                response.headers.append(.init(name: .init(parts[0]) ?? .via, value: parts[1]))
            }
            return response
        }) { world async throws in
            for _ in 0..<2 {
                let answer = try world.ask("/a")
                #expect(answer.cache == "BYPASS")
                #expect(answer.body == "hello")
                #expect(answer.headers["set-cookie"] == (fields[0].hasPrefix("Set-Cookie") ? "a=b" : nil))
            }
            #expect(world.stage.runs == 2)
        }
    }

    @Test func `a cookie that is named as private is left out, and the rest is stored`() async throws {
        try await FrontWorld.run({ _, _ in
            Self.fresh("hello", "private=\"set-cookie\", max-age=60", [.setCookie: "a=b"])
        }) { world async throws in
            #expect(try world.ask("/a").cache == "MISS")
            let hit = try world.ask("/a")
            #expect(hit.cache == "HIT")
            #expect(hit.headers["set-cookie"] == nil)
        }
    }

    @Test func `an answer to somebody with credentials is stored only if it says that it may be`() async throws {
        try await FrontWorld.run({ request, _ in
            Self.fresh("hello", request.url.path == "/open" ? "public, max-age=60" : "max-age=60")
        }) { world async throws in
            let credentials = ["Authorization: Bearer x"]
            #expect(try world.ask("/closed", credentials).cache == "BYPASS")
            #expect(try world.ask("/closed", credentials).cache == "BYPASS")
            #expect(try world.ask("/open", credentials).cache == "MISS")
            #expect(try world.ask("/open").cache == "HIT")
        }
    }

    @Test func `Vary keeps an answer for each value`() async throws {
        try await FrontWorld.run({ request, _ in
            Self.fresh(request.headers[.acceptLanguage] ?? "-", "max-age=60", [.vary: "Accept-Language"])
        }) { world async throws in
            for status in ["MISS", "HIT"] {
                for language in ["de", "en"] {
                    let answer = try world.ask("/a", ["Accept-Language: \(language)"])
                    #expect(answer.body == language)
                    #expect(answer.cache == status)
                }
            }
            #expect(try world.ask("/a").body == "-")
            #expect(world.stage.runs == 3)
        }
    }

    @Test func `a more specific field rules, and does not go out`() async throws {
        try await FrontWorld.run({ _, _ in
            var response = Self.fresh("hello", "no-store")
            if let name = HTTPField.Name("Cloudflare-CDN-Cache-Control") { response.headers[name] = "max-age=60" }
            if let name = HTTPField.Name("CDN-Cache-Control") { response.headers[name] = "no-store" }
            return response
        }) { world async throws in
            for status in ["MISS", "HIT"] {
                let answer = try world.ask("/a")
                #expect(answer.cache == status)
                #expect(answer.headers["cloudflare-cdn-cache-control"] == nil)
                #expect(answer.headers["cdn-cache-control"] == "no-store")
                #expect(answer.headers["cache-control"] == "no-store")
            }
        }
    }

    @Test func `other methods go past the cache and change nothing in it`() async throws {
        try await FrontWorld.run({ request, _ in Self.fresh("\(request.method) \(try await request.text())") }) {
            world in
            #expect(try world.ask("/a").body == "GET ")
            let client = try RawClient(port: world.port)
            client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc")
            let posted = try #require(Answer(client.read()))
            #expect(posted.body == "POST abc")
            #expect(posted.cache == nil)
            #expect(try world.ask("/a", method: "DELETE").body == "DELETE ")
            #expect(try world.ask("/a").cache == "HIT")
        }
    }
}

extension Headers {
    fileprivate mutating func append(contentsOf other: Headers) {
        for field in other { append(field) }
    }
}
