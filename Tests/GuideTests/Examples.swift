import HTTPTypes
import Testing
import Workers
import WorkersTesting

/// The shorter examples of the reference pages.
@Suite struct Examples {
    let clock = TestClock()

    @Test func `KV: settings of a team, read together`() async throws {
        let settings = MemoryKV(now: clock.read)

        try await settings.put("team/7/theme", json: .string("dark"))
        try await settings.put(
            "team/7/limits", json: .object([.init("seats", .integer(5))]))
        let found = try await settings.get(
            ["team/7/theme", "team/7/limits", "team/7/other"], as: .json)
        #expect(found["team/7/theme"] == .string("dark"))
        #expect(found["team/7/limits"]?["seats"]?.integer == 5)
        #expect(found["team/7/other"] == nil)
    }

    @Test func `KV: a refused call has Cloudflare's text`() async throws {
        let notes = MemoryKV(now: clock.read)

        let error = await #expect(throws: WorkersError.self) {
            try await notes.put("milk", "Buy milk.", expirationTTL: 10)
        }
        #expect(
            error?.message == "KV PUT failed: 400 Invalid expiration_ttl of 10. "
                + "Expiration TTL must be at least 60.")
    }

    @Test func `R2: an object that is created and never replaced`() async throws {
        let files = LocalR2Bucket.inMemory(clock: clock)

        let onlyNew = R2PutOptions(onlyIf: R2Conditional(etagDoesNotMatch: "*"))
        #expect(try await files.put("readme", "first", options: onlyNew) != nil)
        #expect(try await files.put("readme", "second", options: onlyNew) == nil)
        #expect(try await files.get("readme")?.text() == "first")
    }

    @Test func `R2: a checksum that does not match`() async throws {
        let files = LocalR2Bucket.inMemory(clock: clock)

        let md5 = R2PutOptions(md5: "00000000000000000000000000000000")
        let error = await #expect(throws: WorkersError.self) {
            try await files.put("readme", "text", options: md5)
        }
        #expect(error?.code == 10037)
    }

    @Test func `R2: folders are what a delimiter makes of keys`() async throws {
        let files = LocalR2Bucket.inMemory(clock: clock)
        for key in ["a/1", "a/2", "b"] { try await files.put(key, "x") }

        let page = try await files.list(R2ListOptions(delimiter: "/"))
        #expect(page.delimitedPrefixes == ["a/"])
        #expect(page.objects.map(\.key) == ["b"])
    }

    @Test func `Queues: a batch of messages, one of them later`() async throws {
        let queues = MemoryQueues(clock: clock)
        let jobs = queues.queue("jobs")

        let sent = try await jobs.sendBatch([
            QueueMessage(.json(.object([.init("invoice", .integer(7))]))),
            QueueMessage(.text("remind"), delaySeconds: 3600),
        ])
        #expect(sent.metadata.metrics.backlogCount == 0)
        #expect(try await jobs.metrics().backlogCount == 2)
    }

    @Test func `Queues: a pull consumer takes messages when it wants to`() async throws {
        let queues = MemoryQueues(clock: clock)
        queues.configure(
            try QueueConfiguration("jobs", consumer: try QueueConsumer(kind: .pull)))
        try await queues.queue("jobs").send(.text("one"))

        let consumer = queues.pullConsumer("jobs")
        let pulled = try await consumer.pull(batchSize: 10)
        for message in pulled.messages { try await consumer.ack(message.leaseID) }
        #expect(pulled.messages.map(\.body) == [.text("one")])
    }

    @Test func `Cache: a cache of one's own`() async throws {
        let caches = MemoryCaches(now: clock.read)

        let pages = try await caches.open("pages")
        let page = Response(
            headers: [.cacheControl: "max-age=60"], body: "tea 2.40")
        try await pages.put("https://shop.test/prices", page)
        #expect(try await pages.match("https://shop.test/prices") != nil)
        #expect(try await caches.default.match("https://shop.test/prices") == nil)
        #expect(try await pages.delete("https://shop.test/prices"))
    }

    @Test func `Rate limits: one counter, two limits`() async throws {
        let limits = MemoryRateLimits(now: clock.read)
        let strict = try limits.limiter(namespace: "1001", limit: 1, period: 10)
        let generous = try limits.limiter(namespace: "1001", limit: 2, period: 10)

        #expect(try await strict.limit(key: "ada").success)
        #expect(try await !strict.limit(key: "ada").success)
        #expect(try await generous.limit(key: "ada").success)
        #expect(try await !generous.limit(key: "ada").success)
    }

    @Test func `Hyperdrive: the parts of a connection string`() throws {
        let database = try Hyperdrive(
            "postgres://ada:s%40fe@db.example:5433/shop")
        #expect(database.host == "db.example")
        #expect(database.port == 5433)
        #expect(database.user == "ada")
        #expect(database.password == "s@fe")
        #expect("\(database)" == "Hyperdrive(db.example:5433/shop)")
    }

    @Test func `Fetch: a redirect that is not followed`() async throws {
        let outside = ScriptedFetcher(clock: clock)
        outside.expect(.get, "https://short.example/x").redirect(to: "https://long.example/")

        let url = RequestURL(authority: "short.example", path: "/x")
        let answer = try await outside.fetch(
            Request(.get, url), options: FetchOptions(redirect: .manual))
        #expect(answer.status == .found)
        #expect(answer.headers[.location] == "https://long.example/")
    }

    @Test func `Scheduled: an expression says when it fires`() throws {
        let nightly = try CronExpression("30 2 * * MON-FRI")
        // Saturday, 3 January 2026, noon.
        let next = nightly.next(after: 1_767_441_600)
        // Monday, 5 January 2026, 2.30.
        #expect(next == 1_767_580_200)
    }

    @Test(
        "Scheduled: what is refused says why",
        arguments: [
            ("0 0 * * 0", "The day of week of the cron expression is wrong: 0 is not from 1 to 7; Sunday is 1."),
            ("@daily", "The cron expression has 1 fields where five are needed; nicknames are not known here."),
            ("60 * * * *", "The minute of the cron expression is wrong: 60 is not from 0 to 59."),
        ])
    func refuses(text: String, sentence: String) {
        let error = #expect(throws: CronExpression.Refusal.self) { try CronExpression(text) }
        #expect(error?.description == sentence)
    }
}
