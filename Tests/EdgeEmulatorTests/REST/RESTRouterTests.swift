import Testing
import Workers

@testable import EdgeEmulator

@Suite struct RESTRouterTests {
    private static let base = "/client/v4/accounts/a"
    private static let kv = base + "/storage/kv/namespaces"

    @Test(
        "a path names what Cloudflare's names",
        arguments: [
            (kv, RESTRoute.namespaces), (kv + "/n", .namespace("n")), (kv + "/n/keys", .keys("n")),
            (kv + "/n/bulk", .bulk("n")), (kv + "/n/bulk/delete", .bulkDelete("n")),
            (kv + "/n/bulk/get", .bulkGet("n")),
            (base + "/queues", .queues), (base + "/queues/q", .queue("q")),
            (base + "/queues/q/metrics", .queueMetrics("q")), (base + "/queues/q/purge", .queuePurge("q")),
            (base + "/queues/q/messages", .messages("q")), (base + "/queues/q/messages/batch", .batch("q")),
            (base + "/queues/q/messages/pull", .pull("q")), (base + "/queues/q/messages/ack", .settle("q")),
            (base + "/queues/q/messages/peek", .peek("q")), (base + "/queues/q/messages/purge", .purgeMessages("q")),
            (base + "/queues/q/consumers", .consumers("q")), (base + "/queues/q/consumers/c", .consumer("q", id: "c")),
            (base + "/r2/buckets", .buckets), (base + "/r2/buckets/b", .bucket("b")),
            ("/client/v4/zones/z/purge_cache", .purgeCache),
        ])
    func routes(path: String, route: RESTRoute) throws {
        let router = try RESTRouter(path)
        #expect(router.route == route)
        #expect(router.account == (path.contains("zones") ? nil : "a"))
    }

    @Test(
        "a key is the rest of the path, decoded once",
        arguments: [
            ("a", "a"), ("a%2Fb", "a/b"), ("a/b", "a/b"), ("a//b/", "a//b/"), ("%252F", "%2F"), ("%2525", "%25"),
            ("a%20b", "a b"), ("a+b", "a+b"), ("%3F%23", "?#"), (":!.", ":!."), ("%C3%A9", "é"),
            ("e%CC%81", "e\u{301}"),
            ("keys", "keys"), ("", ""), ("..", ".."),
        ])
    func keys(path: String, key: String) throws {
        guard case .value("n", let found) = try RESTRouter(Self.kv + "/n/values/" + path).route else {
            Issue.record("no value")
            return
        }
        // By bytes: Swift takes two spellings of “é” for the same.
        #expect(Array(found.utf8) == Array(key.utf8))
        #expect(try RESTRouter(Self.kv + "/n/metadata/" + path).route == .metadata("n", key: key))
    }

    @Test(
        "what is no path of the interface is refused with 7003",
        arguments: [
            "", "/", "/client/v4", "/client/v4/", "/client/v4/accounts", "/client/v4/accounts/a", base + "/",
            "/client/v4/accounts//queues", base + "/queues/", base + "/queues/q/", base + "/queues/q/nothing",
            base + "/queues/q/consumers/", base + "/queues/q/consumers/c/d", kv + "/", kv + "/n/", kv + "/n/values",
            kv + "/n/bulk/", kv + "/n/keys/", base + "/storage/kv", "/client/v4/zones/z",
            "/client/v4/zones//purge_cache",
            "/client/v4/zones/z/purge_cache/x", "/client/v4/user", "client/v4/accounts/a/queues",
        ])
    func refuses(path: String) {
        let error = #expect(throws: RESTError.self) { try RESTRouter(path) }
        #expect(error?.status == .notFound)
        #expect(error?.code == 7003)
    }

    @Test(
        "what is badly encoded is refused with a reason",
        arguments: ["%", "%2", "%zz", "a%", "%FF", "%C3", "%ED%A0%80"])
    func refusesEscapes(key: String) {
        let error = #expect(throws: RESTError.self) { try RESTRouter(Self.kv + "/n/values/" + key) }
        #expect(error?.code == 10001)
        #expect(error?.message.contains("%XX") == true)
    }

    @Test func `any key survives its way through a path, and any path has an answer`() {
        var state: UInt64 = 20_261_124
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = [
            "/", "%", "%2", "%2F", "%25", "é", "e\u{301}", "\u{0}", "?", "#", "a", "values", "bulk", "..", "\u{10FFFF}",
        ]
        for _ in 0..<20_000 {
            let text = (0..<random(8)).map { _ in pieces[random(pieces.count)] }.joined()
            let path = Self.kv + "/n/values/" + text.encodedAsPathSegment
            let route = try? RESTRouter(path).route
            #expect(route == .value("n", key: text))
            guard case .value(_, let key)? = route else { return }
            #expect(key.utf8.elementsEqual(text.utf8))
            // No trap, whatever it says.
            _ = try? RESTRouter(Self.base + "/" + text)
            _ = try? RESTRouter(text)
        }
    }
}
