import Testing
import Workers
import WorkersTesting

/// The production-like mode, beyond its vectors.
@Suite struct KVConsistencyTests {
    static var eventual: KVBehaviour {
        var behaviour = KVBehaviour()
        behaviour.consistency = .eventual
        return behaviour
    }

    func at<Value>(_ location: String, _ body: () async throws -> Value) async rethrows -> Value {
        try await KVLocation.$current.withValue(location, operation: body)
    }

    @Test(arguments: KVImplementation.allCases)
    func `a deletion reaches other locations after sixty seconds`(implementation: KVImplementation) async throws {
        let clock = TestClock()
        try await implementation.with(Self.eventual, clock: clock) { kv in
            try await at("A") { try await kv.put("k", "1") }
            #expect(try await at("B") { try await kv.get("k") } == "1")
            try await at("A") { try await kv.delete("k") }
            #expect(try await at("A") { try await kv.get("k") } == nil)
            clock.advance(by: 59)
            #expect(try await at("B") { try await kv.get("k") } == "1")
            clock.advance(by: 1)
            #expect(try await at("B") { try await kv.get("k") } == nil)
        }
    }

    @Test(arguments: KVImplementation.allCases)
    func `an entry does not outlive its expiration in a location that remembers it`(
        implementation: KVImplementation
    ) async throws {
        let clock = TestClock()
        try await implementation.with(Self.eventual, clock: clock) { kv in
            try await at("A") { try await kv.put("k", "1", expirationTTL: 100) }
            #expect(try await at("B") { try await kv.get("k", cacheTTL: 600) } == "1")
            clock.advance(by: 99)
            #expect(try await at("B") { try await kv.get("k", cacheTTL: 600) } == "1")
            clock.advance(by: 1)
            #expect(try await at("B") { try await kv.get("k", cacheTTL: 600) } == nil)
        }
    }

    @Test(arguments: KVImplementation.allCases)
    func `bulk reads share the memory of a location, listings do not`(implementation: KVImplementation) async throws {
        let clock = TestClock()
        try await implementation.with(Self.eventual, clock: clock) { kv in
            try await at("A") { try await kv.put("k", "1") }
            #expect(try await at("B") { try await kv.get(["k", "new"]) }.map(\.value) == ["1", nil])
            try await at("A") {
                try await kv.put("k", "2")
                try await kv.put("new", "2")
            }
            #expect(try await at("B") { try await kv.get("k") } == "1")
            #expect(try await at("B") { try await kv.get(["k", "new"]) }.map(\.value) == ["1", nil])
            #expect(try await at("B") { try await kv.list() }.keys.map(\.name) == ["k", "new"])
        }
    }

    @Test func `a namespace in memory can be handed out for each location`() async throws {
        let clock = TestClock()
        let kv = MemoryKV(behaviour: Self.eventual, now: clock.read)
        let (frankfurt, tokyo) = (kv.at("fra"), kv.at("nrt"))
        #expect(try await tokyo.get("k") == nil)
        try await frankfurt.put("k", "1")
        #expect(try await tokyo.get("k") == nil)
        #expect(try await frankfurt.get("k") == "1")
        clock.advance(by: 60)
        #expect(try await tokyo.get("k") == "1")
    }

    @Test(arguments: KVImplementation.allCases)
    func `without eventual consistency every location sees the latest write`(
        implementation: KVImplementation
    ) async throws {
        try await implementation.with { kv in
            #expect(try await at("B") { try await kv.get("k") } == nil)
            try await at("A") { try await kv.put("k", "1") }
            #expect(try await at("B") { try await kv.get("k") } == "1")
        }
    }

    @Test(arguments: KVImplementation.allCases)
    func `a second put to one key within a second is refused, if asked for`(
        implementation: KVImplementation
    ) async throws {
        let clock = TestClock()
        var behaviour = KVBehaviour()
        behaviour.limitsWrites = true
        try await implementation.with(behaviour, clock: clock) { kv in
            try await kv.put("k", "1")
            clock.advance(by: 0.999)
            let error = await kvError { try await kv.put("k", "2") }
            #expect(error?.message == "KV PUT failed: 429 Too Many Requests")
            try await kv.put("other", "1")
            #expect(try await kv.get("k") == "1")
            clock.advance(by: 0.001)
            try await kv.put("k", "3")
            #expect(try await kv.get("k") == "3")
        }
    }
}
