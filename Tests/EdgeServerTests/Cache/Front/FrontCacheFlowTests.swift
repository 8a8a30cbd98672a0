import Foundation
import HTTPTypes
import Synchronization
import Testing
import Workers

@testable import EdgeServer

/// The cache in front of a Worker when many come at once, when answers take their time, and when they are taken back.
@Suite struct FrontCacheFlowTests {
    private static func fresh(_ body: Body, tags: String? = nil) -> Response {
        var response = Response(.ok, headers: [.contentType: "text/plain", .cacheControl: "max-age=600"], body: body)
        if let tags, let name = HTTPField.Name("Cache-Tag") { response.headers[name] = tags }
        return response
    }

    /// A door that a test opens.
    private final class Gate: Sendable {
        private let isOpen = Atomic<Bool>(false)
        func open() { isOpen.store(true, ordering: .releasing) }
        func pass() async throws {
            while !isOpen.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func `a hundred that miss at once make one run, and all get its answer`() async throws {
        let gate = Gate()
        try await FrontWorld.run({ request, _ in
            if request.method == .post { return .text("pong") }
            try await gate.pass()
            return Self.fresh("hello")
        }) { world async throws in
            var clients: [RawClient] = []
            for _ in 0..<100 {
                let client = try RawClient(port: world.port)
                client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                clients.append(client)
            }
            #expect(await world.stage.wait { $0.runs == 1 })
            #expect(try world.ask("/ping", method: "POST", ["Content-Length: 0"]).body == "pong")
            gate.open()
            for client in clients {
                let answer = Answer(client.read())
                #expect(answer?.status == 200)
                #expect(answer?.body == "hello")
            }
            #expect(world.stage.seen.filter { $0.method == .get }.count == 1)
        }
    }

    @Test func `those who wait for an answer that cannot be shared each get their own`() async throws {
        let gate = Gate()
        let count = Atomic<Int>(0)
        try await FrontWorld.run({ _, _ in
            try await gate.pass()
            let number = count.add(1, ordering: .relaxed).newValue
            return Response(headers: [.setCookie: "id=\(number)"], body: Body(text: "\(number)"))
        }) { world async throws in
            let clients = try (0..<10).map { _ in try RawClient(port: world.port) }
            for client in clients { client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") }
            #expect(await world.stage.wait { $0.runs >= 1 })
            gate.open()
            let bodies = Set(clients.compactMap { Answer($0.read())?.body })
            #expect(bodies.count == 10)
        }
    }

    @Test func `a stream is stored while it is sent, and comes back whole`() async throws {
        let pieces = (0..<60).map { Array(repeating: UInt8(0x41 + $0 % 26), count: 7_001) }
        try await FrontWorld.run({ request, _ in
            let size = pieces.reduce(0) { $0 + $1.count }
            let length = request.url.path == "/known" ? size : nil
            return Self.fresh(Body(stream: BodyStream(chunks: pieces, length: length)))
        }) { world async throws in
            for path in ["/known", "/unknown"] {
                let first = try world.ask(path)
                #expect(first.cache == "MISS")
                #expect(first.headers["content-length"] == (path == "/known" ? "420060" : nil))
                let second = try world.ask(path)
                #expect(second.cache == "HIT")
                #expect(second.headers["content-length"] == "420060")
                let isSame = second.body.utf8.elementsEqual(first.body.utf8)
                #expect(isSame)
                let part = try world.ask(path, ["Range: bytes=7000-7001"])
                #expect(part.body == "AB")
            }
        }
    }

    @Test func `an answer that breaks off is not stored, and is not taken for whole`() async throws {
        try await FrontWorld.run({ _, _ in
            let (writer, stream) = BodyStream.pipe()
            _ = writer.offer(Array("half".utf8))
            writer.fail(WorkersError(.error, "the database has gone"))
            return Self.fresh(Body(stream: stream))
        }) { world async throws in
            // Who comes while the first run is just breaking off still shares it.
            var asked = 0
            while world.stage.runs < 2, asked < 100 {
                let client = try RawClient(port: world.port)
                client.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(!client.read().hasSuffix("0\r\n\r\n"))
                asked += 1
            }
            #expect(world.stage.runs == 2)
        }
    }

    @Test func `a client that leaves does not stop what others will want`() async throws {
        let gate = Gate()
        try await FrontWorld.run({ _, _ in
            try await gate.pass()
            return Self.fresh("hello")
        }) { world async throws in
            do {
                let client = try RawClient(port: world.port)
                client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await world.stage.wait { $0.runs == 1 })
            }
            gate.open()
            #expect(try world.ask("/a").body == "hello")
            #expect(world.stage.runs == 1)
        }
    }

    @Test func `a client that leaves ends an answer that nobody else can have`() async throws {
        let ended = Atomic<Bool>(false)
        try await FrontWorld.run({ _, _ in
            let stream = BodyStream(
                onCancel: { ended.store(true, ordering: .relaxed) }, next: { [UInt8](repeating: 0x78, count: 10_000) })
            return Response(headers: [.cacheControl: "no-store"], body: Body(stream: stream))
        }) { world async throws in
            do {
                let client = try RawClient(port: world.port, receiveBuffer: 16_384)
                client.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(client.read { $0.utf8.count > 50_000 }.contains("BYPASS"))
            }
            #expect(await world.stage.wait { _ in ended.load(ordering: .relaxed) })
        }
    }

    @Test func `work that outlives the answer is done once for those who share it`() async throws {
        let done = Atomic<Int>(0)
        try await FrontWorld.run({ _, context in
            context.waitUntil { done.add(1, ordering: .relaxed) }
            return Self.fresh("hello")
        }) { world async throws in
            for _ in 0..<3 { #expect(try world.ask("/a").body == "hello") }
            #expect(await world.stage.wait { _ in done.load(ordering: .relaxed) == 1 })
        }
    }

    @Test func `what the edge tells about a request is for the Worker, and no ray is stored`() async throws {
        try await FrontWorld.run(
            edge: true,
            { request, _ in
                var response = Self.fresh(Body(text: "\(request.cf["country"]?.string ?? "-")"))
                if let ray = HTTPField.Name("CF-Ray") { response.headers[ray] = request.headers[ray] }
                return response
            }
        ) { world async throws in
            let first = try world.ask("/a")
            #expect(first.body == "US")
            #expect(first.headers["cf-ray"]?.hasSuffix("-DFW") == true)
            let second = try world.ask("/a")
            #expect(second.cache == "HIT")
            #expect(second.headers["cf-ray"] == nil)
            // Not a plain request: worked out, with a ray of its own.
            let third = try world.ask("/a", ["Cache-Control: no-cache"])
            #expect(third.cache == "HIT")
            #expect(third.headers["cf-ray"] != nil)
            #expect(third.headers["cf-ray"] != first.headers["cf-ray"])
        }
    }

    @Test func `what is stored is there again after a restart, and what was purged is not`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "front-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for status in ["MISS", "HIT"] {
            try await FrontWorld.run(
                folder: folder,
                { request, context in
                    if request.method == .post { try await context.cache.purge(pathPrefixes: ["/gone"]) }
                    return Self.fresh(
                        Body(text: String(repeating: "x", count: request.url.path == "/large" ? 600_000 : 5)))
                }
            ) { world async throws in
                for path in ["/small", "/large"] {
                    let answer = try world.ask(path)
                    #expect(answer.cache == status)
                    #expect(answer.body.utf8.count == (path == "/large" ? 600_000 : 5))
                }
                #expect(try world.ask("/gone").cache == "MISS")
                #expect(try world.ask("/purge", method: "POST", ["Content-Length: 0"]).status == 200)
            }
        }
    }

    // MARK: Purging

    /// Answers a POST by the purge that its body names: `tags=a,b`, `paths=/x,/y`, `all`, `nothing`.
    private static let purging: Stage.Play = { request, context in
        guard request.method == .post else {
            return fresh(Body(text: request.url.path), tags: "all, \(request.url.query ?? "none")")
        }
        let text = try await request.text()
        let names = text.split(separator: "=").last.map { $0.split(separator: ",").map(String.init) } ?? []
        let result = try await context.cache.purge(
            tags: text.hasPrefix("tags") ? names : [], pathPrefixes: text.hasPrefix("paths") ? names : [],
            everything: text == "all")
        return .text(result.errors.map { "\($0.code)" }.joined(separator: ","))
    }

    @Test(
        "a purge removes what it names and nothing else",
        arguments: [
            ("tags=red", ["/b/one", "/c"]), ("tags=RED,none", ["/b/one"]), ("tags=all", []),
            ("paths=/b/", ["/a", "/b", "/c"]), ("paths=/b/one,/c", ["/a", "/b"]), ("paths=/", []), ("all", []),
            ("tags=green", ["/a", "/b", "/b/one", "/c"]),
        ])
    func purge(what: String, left: [String]) async throws {
        let targets = ["/a": "/a?red", "/b": "/b?red", "/b/one": "/b/one?blue", "/c": "/c"]
        try await FrontWorld.run(Self.purging) { world async throws in
            for target in targets.values {
                let answer = try world.ask(target)
                #expect(answer.cache == "MISS")
                #expect(answer.headers["cache-tag"] == nil)
                let hit = try world.ask(target)
                #expect(hit.cache == "HIT")
                #expect(hit.headers["cache-tag"] == nil)
            }
            let client = try RawClient(port: world.port)
            client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(what.utf8.count)\r\n\r\n\(what)")
            #expect(Answer(client.read())?.body == "")
            for (name, target) in targets {
                #expect(try world.ask(target).cache == (left.contains(name) ? "HIT" : "MISS"), "\(target)")
            }
        }
    }

    @Test("what was made stale is asked about before it is used again", arguments: [false, true])
    func invalidates(isOnDisk: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "front-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let play: Stage.Play = { request, context in
            if request.method == .post {
                try await context.cache.invalidate(tags: ["red"])
                return .text("")
            }
            let target = request.url.path
            if request.headers[.ifNoneMatch] == "\"1\"" { return Response(.notModified, headers: [.eTag: "\"1\""]) }
            var response = Self.fresh(
                Body(text: String(repeating: target, count: target == "/large" ? 100_000 : 1)),
                tags: target == "/blue" ? "blue" : "red")
            if target != "/plain" { response.headers[.eTag] = "\"1\"" }
            return response
        }
        let targets = ["/red", "/plain", "/large", "/blue"]
        try await FrontWorld.run(folder: folder, play) { world async throws in
            for target in targets { #expect(try world.ask(target).cache == "MISS") }
            #expect(try world.ask("/", method: "POST", ["Content-Length: 0"]).status == 200)
            guard !isOnDisk else { return }
            try Self.expectStale(world)
        }
        guard isOnDisk else { return }
        try await FrontWorld.run(folder: folder, play) { world async throws in try Self.expectStale(world) }
    }

    private static func expectStale(_ world: FrontWorld) throws {
        #expect(try world.ask("/blue").cache == "HIT")
        #expect(try world.ask("/plain").cache == "EXPIRED")
        for target in ["/red", "/large"] {
            #expect(try world.ask(target).cache == "REVALIDATED")
            let hit = try world.ask(target)
            #expect(hit.cache == "HIT")
            #expect(hit.body.hasPrefix(target))
        }
    }

    @Test(
        "a purge that makes no sense says why and removes nothing",
        arguments: [("nothing", "1"), ("tags=a b", "2"), ("paths=b", "3")])
    func refusedPurge(what: String, code: String) async throws {
        try await FrontWorld.run(Self.purging) { world async throws in
            #expect(try world.ask("/a").cache == "MISS")
            let client = try RawClient(port: world.port)
            client.send(
                "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(what.utf8.count)\r\n\r\n\(what)")
            #expect(Answer(client.read())?.body == code)
            #expect(try world.ask("/a").cache == "HIT")
        }
    }

    @Test func `what is being answered while it is purged is not stored`() async throws {
        let gate = Gate()
        let count = Atomic<Int>(0)
        try await FrontWorld.run({ request, context in
            if request.method == .post { return .text("\(try await context.cache.purge(everything: true).isSuccess)") }
            let number = count.add(1, ordering: .relaxed).newValue
            if number == 1 { try await gate.pass() }
            return Self.fresh(Body(text: "\(number)"))
        }) { world async throws in
            let early = try RawClient(port: world.port)
            early.send("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(await world.stage.wait { $0.runs == 1 })
            #expect(try world.ask("/purge", method: "POST", ["Content-Length: 0"]).body == "true")
            // Nobody who comes after the purge gets what was begun before it.
            #expect(try world.ask("/a").body == "2")
            gate.open()
            #expect(Answer(early.read())?.body == "1")
            #expect(try world.ask("/a").body == "2")
        }
    }

    @Test func `a Worker without a cache cannot purge`() async throws {
        let stage = Stage { _, context in
            do {
                return .text("\(try await context.cache.purge(everything: true))")
            } catch {
                return .text("\(error)")
            }
        }
        try await FrontWorld.withoutCache(stage) { world async throws in
            let answer = try world.ask("/a")
            #expect(answer.body.contains("Cache purge is not available in this context."))
            #expect(answer.cache == nil)
        }
    }
}
