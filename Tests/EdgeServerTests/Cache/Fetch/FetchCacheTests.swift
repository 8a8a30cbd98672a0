import Foundation
import HTTPTypes
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Workers
import WorkersTesting

@testable import EdgeServer

/// The network as a test plays it: every request is noted, and answered by a closure.
private final class ScriptedTransport: FetchTransport {
    private let requests = Mutex<[Request]>([])
    private let reply: Mutex<@Sendable (Request) async throws -> Response>

    init(_ reply: @escaping @Sendable (Request) async throws -> Response) { self.reply = Mutex(reply) }

    var seen: [Request] { requests.withLock { $0 } }
    func change(_ new: @escaping @Sendable (Request) async throws -> Response) { reply.withLock { $0 = new } }

    func send(_ request: Request) async throws -> Response {
        requests.withLock { $0.append(request) }
        return try await reply.withLock { $0 }(request)
    }
}

private struct World {
    let origin: ScriptedTransport
    let clock = TestClock()
    private let fetcher: RedirectingFetcher

    init(_ reply: @escaping @Sendable (Request) async throws -> Response) throws {
        origin = ScriptedTransport(reply)
        let caches = try WorkerCaches(.init(), now: clock.read)
        let transport = CachingTransport(origin, caches.fetch, group: MultiThreadedEventLoopGroup.singleton)
        fetcher = RedirectingFetcher(transport: MeteredTransport(transport), clock: clock.forFetching)
    }

    func fetch(
        _ path: String, _ caching: FetchCaching?, method: HTTPRequest.Method = .get, headers: Headers = [:],
        body: Body = .empty, maximumBody: Int? = nil
    ) async throws -> Response {
        let url = RequestURL(scheme: "https", authority: "api.test", target: path)
        return try await fetcher.fetch(
            Request(method, url, headers: headers, body: body),
            options: FetchOptions(maximumBody: maximumBody, cache: caching))
    }
}

extension World {
    /// How the cache came to an answer, once all of it is there: only then the next one finds it.
    fileprivate func status(_ path: String, _ caching: FetchCaching) async throws -> String? {
        let answer = try await fetch(path, caching)
        _ = try await answer.body.bytes()
        return answer.cacheStatus
    }
}

extension Response {
    fileprivate var cacheStatus: String? { HTTPField.Name("CF-Cache-Status").flatMap { headers[$0] } }
}

/// `fetch` with a wish for caching.
@Suite struct FetchCacheTests {
    private static func fresh(_ text: String, _ headers: Headers = [.cacheControl: "max-age=60"]) -> Response {
        Response(.ok, headers: headers, body: Body(text: text))
    }

    @Test func `a fetch that wishes nothing asks each time`() async throws {
        let world = try World { _ in Self.fresh("a") }
        for _ in 0..<2 {
            let answer = try await world.fetch("/a.js", nil)
            #expect(answer.cacheStatus == nil)
            #expect(try await answer.text() == "a")
        }
        #expect(world.origin.seen.count == 2)
    }

    @Test func `the extension of the path decides what is cached, unless everything is`() async throws {
        let world = try World { request in Self.fresh(request.url.path) }
        let standard = try FetchCaching()
        #expect(try await world.status("/a.js", standard) == "MISS")
        #expect(try await world.status("/a.js", standard) == "HIT")
        #expect(try await world.status("/a", standard) == "DYNAMIC")
        let everything = try FetchCaching(everything: true)
        #expect(try await world.status("/a", everything) == "MISS")
        let hit = try await world.fetch("/a", everything)
        #expect(hit.cacheStatus == "HIT")
        #expect(hit.headers[.age] == "0")
        #expect(try await hit.text() == "/a")
    }

    @Test func `a lifetime holds whatever the server says`() async throws {
        let world = try World { _ in Self.fresh("a", [.cacheControl: "no-store", .setCookie: "a=b"]) }
        let caching = try FetchCaching(ttl: 100)
        #expect(try await world.status("/a", caching) == "MISS")
        world.clock.advance(by: 99)
        let hit = try await world.fetch("/a", caching)
        #expect(hit.cacheStatus == "HIT")
        #expect(hit.headers[.setCookie] == nil)
        world.clock.advance(by: 1)
        #expect(try await world.status("/a", caching) == "EXPIRED")
        #expect(world.origin.seen.count == 2)
    }

    @Test func `lifetimes by status come before the one for all`() async throws {
        let world = try World { request in
            Response(.init(code: Int(request.url.path.dropFirst()) ?? 200), body: "x")
        }
        let caching = try FetchCaching(
            ttl: 10,
            ttlByStatus: [.init(200...299, seconds: 100), .init(404, seconds: 1), .init(500...599, seconds: -1)])
        for path in ["/200", "/404", "/500", "/302"] { _ = try await world.status(path, caching) }
        world.clock.advance(by: 5)
        #expect(try await world.status("/200", caching) == "HIT")
        #expect(try await world.status("/302", caching) == "HIT")
        #expect(try await world.status("/404", caching) == "EXPIRED")
        #expect(try await world.status("/500", caching) != "HIT")
    }

    @Test func `a key of one's own stands in the place of the URL`() async throws {
        let world = try World { request in Self.fresh(request.url.path) }
        let caching = try FetchCaching(everything: true, key: "shared")
        #expect(try await world.fetch("/one", caching).text() == "/one")
        #expect(try await world.fetch("/two", caching).text() == "/one")
        #expect(try await world.fetch("/two", try FetchCaching(everything: true)).text() == "/two")
    }

    @Test func `directives of one's own stand in the place of the server's`() async throws {
        let world = try World { _ in Self.fresh("a", [.cacheControl: "no-store"]) }
        let caching = try FetchCaching(control: "max-age=30, stale-while-revalidate=30")
        #expect(try await world.status("/a", caching) == "MISS")
        world.clock.advance(by: 29)
        #expect(try await world.status("/a", caching) == "HIT")
        world.clock.advance(by: 2)
        #expect(try await world.status("/a", caching) == "UPDATING")
    }

    @Test func `the cache option passes by, asks whether it holds, or fetches anew`() async throws {
        let world = try World { request in
            if request.headers[.ifNoneMatch] == "\"1\"" { return Response(.notModified, headers: [.eTag: "\"1\""]) }
            return Self.fresh("a", [.cacheControl: "max-age=60", .eTag: "\"1\""])
        }
        #expect(try await world.status("/a.js", try FetchCaching(mode: .noStore)) == "BYPASS")
        #expect(try await world.status("/a.js", try FetchCaching()) == "MISS")
        let validated = try await world.fetch("/a.js", try FetchCaching(mode: .noCache))
        #expect(validated.cacheStatus == "REVALIDATED")
        #expect(try await validated.text() == "a")
        let reloaded = try await world.fetch("/a.js", try FetchCaching(mode: .reload))
        #expect(reloaded.cacheStatus != "HIT")
        _ = try await reloaded.body.bytes()
        #expect(world.origin.seen.last?.headers[.ifNoneMatch] == nil)
        #expect(try await world.status("/a.js", try FetchCaching()) == "HIT")
        #expect(world.origin.seen.count == 4)
    }

    @Test func `fields that are to be stripped are not seen, and tags stay inside`() async throws {
        let world = try World { _ in
            var response = Self.fresh(
                "a", [.cacheControl: "max-age=60", .eTag: "\"1\"", .lastModified: "Sun, 24 May 2026 00:00:00 GMT"])
            if let name = HTTPField.Name("Cache-Tag") { response.headers[name] = "t" }
            return response
        }
        let caching = try FetchCaching(everything: true, tags: ["mine"], stripETags: true, stripLastModified: true)
        for status in ["MISS", "HIT"] {
            let answer = try await world.fetch("/a", caching)
            // Once all of it is there, the next one finds it.
            _ = try await answer.body.bytes()
            #expect(answer.cacheStatus == status)
            #expect(answer.headers[.eTag] == nil)
            #expect(answer.headers[.lastModified] == nil)
            #expect(HTTPField.Name("Cache-Tag").flatMap { answer.headers[$0] } == nil)
        }
    }

    @Test func `a type that contradicts the path is not stored under the armour`() async throws {
        let world = try World { _ in Self.fresh("a", [.cacheControl: "max-age=60", .contentType: "text/html"]) }
        #expect(try await world.status("/a.js", try FetchCaching(deceptionArmor: true)) == "BYPASS")
        #expect(try await world.status("/a.js", try FetchCaching()) == "MISS")
    }

    @Test func `each redirect is cached by itself`() async throws {
        let world = try World { request in
            if request.url.path == "/from" { return Response(.movedPermanently, headers: [.location: "/to"]) }
            return Self.fresh("there")
        }
        let caching = try FetchCaching(everything: true)
        for status in ["MISS", "HIT"] {
            let answer = try await world.fetch("/from", caching)
            #expect(answer.cacheStatus == status)
            #expect(try await answer.text() == "there")
        }
        #expect(world.origin.seen.map(\.url.path) == ["/from", "/to"])
    }

    @Test func `other methods and requests with a body go past`() async throws {
        let world = try World { request in Self.fresh(try await request.text()) }
        let caching = try FetchCaching(everything: true)
        for _ in 0..<2 {
            let answer = try await world.fetch("/a", caching, method: .post, body: "b")
            #expect(try await answer.text() == "b")
            #expect(answer.cacheStatus == nil)
        }
        #expect(world.origin.seen.count == 2)
    }

    @Test func `a HEAD is answered from what a GET has stored`() async throws {
        let world = try World { _ in Self.fresh("hello") }
        let caching = try FetchCaching(everything: true)
        #expect(try await world.fetch("/a", caching).text() == "hello")
        let head = try await world.fetch("/a", caching, method: .head)
        #expect(head.cacheStatus == "HIT")
        #expect(head.headers[.contentLength] == "5")
        #expect(try await head.text() == "")
    }

    @Test func `a large stream comes through at its reader's pace, and then from the store`() async throws {
        let pieces = (0..<300).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 5_003) }
        let whole = pieces.flatMap { $0 }
        let world = try World { _ in
            Response(.ok, headers: [.cacheControl: "max-age=60"], body: Body(stream: BodyStream(chunks: pieces)))
        }
        let caching = try FetchCaching(everything: true)
        #expect(try await world.fetch("/a", caching).bytes() == whole)
        let hit = try await world.fetch("/a", caching)
        #expect(hit.cacheStatus == "HIT")
        #expect(hit.body.length == whole.count)
        #expect(try await hit.bytes() == whole)
        let part = try await world.fetch("/a", caching, headers: [.range: "bytes=5002-5003"])
        #expect(part.status == .partialContent)
        #expect(try await part.bytes() == [0, 1])
        await #expect(throws: WorkersError.self) {
            _ = try await world.fetch("/a", caching, maximumBody: 1000).bytes()
        }
    }

    @Test func `a connection that fails is an error and not a response`() async throws {
        let lost = WorkersError.connectionLost("Nobody listens there.")
        let world = try World { _ in throw lost }
        await #expect(throws: lost) { try await world.fetch("/a", try FetchCaching(everything: true)) }
    }

    @Test func `a body that breaks off is an error for its reader, and is not stored`() async throws {
        let world = try World { _ in
            let (writer, stream) = BodyStream.pipe()
            _ = writer.offer([1, 2, 3])
            writer.fail(WorkersError(.error, "broken"))
            return Response(.ok, headers: [.cacheControl: "max-age=60"], body: Body(stream: stream))
        }
        let caching = try FetchCaching(everything: true)
        for _ in 0..<2 {
            let answer = try await world.fetch("/a", caching)
            await #expect(throws: WorkersError(.error, "broken")) { try await answer.bytes() }
        }
        #expect(world.origin.seen.count == 2)
    }

    @Test func `many that miss at once make one request`() async throws {
        let isOpen = Atomic<Bool>(false)
        let world = try World { _ in
            while !isOpen.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
            return Self.fresh("a")
        }
        let caching = try FetchCaching(everything: true)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await world.fetch("/a", caching).text() } }
            while world.origin.seen.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            isOpen.store(true, ordering: .releasing)
            for try await text in group { #expect(text == "a") }
        }
        #expect(world.origin.seen.count == 1)
    }

    @Test func `a fetch that is cancelled ends, and what others may use is stored all the same`() async throws {
        let isOpen = Atomic<Bool>(false)
        let world = try World { _ in
            while !isOpen.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
            return Self.fresh("a")
        }
        let caching = try FetchCaching(everything: true)
        let task = Task { try await world.fetch("/a", caching).text() }
        while world.origin.seen.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        isOpen.store(true, ordering: .releasing)
        #expect(try await world.fetch("/a", caching).text() == "a")
        #expect(world.origin.seen.count == 1)
    }

    @Test func `a fetch counts once, whoever answers it`() async throws {
        let world = try World { _ in Self.fresh("a") }
        let meter = RequestMeter(limits: PlatformLimits(.free), mode: .measuring, event: .fetch)
        let caching = try FetchCaching(everything: true)
        try await RequestMeter.$current.withValue(meter) {
            for _ in 0..<3 { _ = try await world.fetch("/a", caching).text() }
        }
        #expect(meter.report(now: 0)[.subrequests]?.used == 3)
        #expect(world.origin.seen.count == 1)
    }
}
