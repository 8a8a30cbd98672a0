import Testing
import Workers
import WorkersTesting

/// What the vectors leave open, for every implementation.
@Suite struct KVContractTests {
    typealias Implementation = KVImplementation

    @Test(arguments: Implementation.allCases)
    func `every way to put can be read in every form`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            try await kv.put("text", "[1]")
            try await kv.put("bytes", [0x5B, 0x31, 0x5D] as [UInt8])
            try await kv.put("stream", BodyStream(chunks: [[0x5B], [0x31, 0x5D]]))
            try await kv.put("json", json: .array([.integer(1)]))
            for key in ["text", "bytes", "stream", "json"] {
                #expect(try await kv.get(key) == "[1]")
                #expect(try await kv.get(key, as: .text) == "[1]")
                #expect(try await kv.get(key, as: .json) == .array([.integer(1)]))
                #expect(try await kv.get(key, as: .bytes) == [0x5B, 0x31, 0x5D])
                let stream = try #require(try await kv.get(key, as: .stream))
                #expect(stream.length == 3)
                #expect(try await Body(stream: stream).text() == "[1]")
            }
        }
    }

    @Test(arguments: Implementation.allCases)
    func `ill-formed text comes back with replacement characters, as bytes unchanged`(
        implementation: Implementation
    ) async throws {
        try await implementation.with { kv in
            try await kv.put("k", [0x61, 0xFF, 0x62] as [UInt8])
            #expect(try await kv.get("k") == "a\u{FFFD}b")
            #expect(try await kv.get("k", as: .bytes) == [0x61, 0xFF, 0x62])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a value of the full 25 MiB is kept`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            let value = [UInt8](repeating: 7, count: 26_214_400)
            try await kv.put("large", value)
            let read = try await kv.get("large", as: .bytes)
            #expect(read == value)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a stream that is too long is read to its end, and nothing is stored`(
        implementation: Implementation
    ) async throws {
        var behaviour = KVBehaviour()
        behaviour.limits.value = 10
        try await implementation.with(behaviour) { kv in
            try await kv.put("k", "old")
            let error = await kvError {
                try await kv.put("k", BodyStream(chunks: [[1, 2, 3, 4], [5, 6, 7, 8, 9, 10], [11]]))
            }
            #expect(error?.message == "KV PUT failed: 413 Value length of 11 exceeds limit of 10.")
            #expect(try await kv.get("k") == "old")
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a stream that breaks leaves the old value`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            try await kv.put("k", "old")
            let (writer, stream) = BodyStream.pipe()
            try await writer.write([1, 2, 3])
            writer.fail(WorkersError(.error, "the sender left"))
            #expect(await kvError { try await kv.put("k", stream) }?.message == "the sender left")
            #expect(try await kv.get("k") == "old")
        }
    }

    @Test(arguments: Implementation.allCases)
    func `checks come in the order of the service`(implementation: Implementation) async throws {
        var behaviour = KVBehaviour()
        behaviour.limits.value = 1
        try await implementation.with(behaviour) { kv in
            let long = String(repeating: "k", count: 513)
            let metadata = JSON.string(String(repeating: "m", count: 2000))
            let all = await kvError { try await kv.put(long, "vv", expirationTTL: 1, metadata: metadata) }
            #expect(all?.message.hasPrefix("KV PUT failed: 414 UTF-8") == true)
            let three = await kvError { try await kv.put("k", "vv", expirationTTL: 1, metadata: metadata) }
            #expect(three?.message.hasPrefix("KV PUT failed: 400 Invalid expiration_ttl of 1.") == true)
            let two = await kvError { try await kv.put("k", "vv", metadata: metadata) }
            #expect(two?.message == "KV PUT failed: 413 Value length of 2 exceeds limit of 1.")
            let one = await kvError { try await kv.put("k", "v", metadata: metadata) }
            #expect(one?.message == "KV PUT failed: 413 Metadata length of 2002 exceeds limit of 1024.")
            let read = await kvError { _ = try await kv.get("", cacheTTL: 1) }
            #expect(read == WorkersError(.typeError, "Key name cannot be empty."))
        }
    }

    @Test(arguments: Implementation.allCases)
    func `an entry is gone from everything in the second of its expiration`(
        implementation: Implementation
    ) async throws {
        let clock = TestClock(now: 1_760_000_000)
        try await implementation.with(clock: clock) { kv in
            try await kv.put("a", "v", expiration: 1_760_000_100, metadata: .integer(1))
            try await kv.put("b", "v")
            clock.set(1_760_000_099.999)
            #expect(try await kv.get("a") == "v")
            #expect(
                try await kv.list().keys == [
                    KVListedKey(name: "a", expiration: 1_760_000_100, metadata: .integer(1)), KVListedKey(name: "b"),
                ])
            clock.set(1_760_000_100)
            #expect(try await kv.get("a") == nil)
            #expect(try await kv.getWithMetadata("a").metadata == nil)
            #expect(try await kv.get(["a", "b"])["a"] == nil)
            let page = try await kv.list(limit: 1)
            #expect(page.keys == [KVListedKey(name: "b")])
            #expect(page.isComplete)
            try await kv.put("a", "again")
            clock.advance(by: 1_000_000)
            #expect(try await kv.get("a") == "again")
        }
    }

    @Test(arguments: Implementation.allCases)
    func `expirationTTL wins over expiration and counts from the whole second`(
        implementation: Implementation
    ) async throws {
        let clock = TestClock(now: 1_760_000_000.9)
        try await implementation.with(clock: clock) { kv in
            try await kv.put("a", "v", expiration: 1_760_009_999, expirationTTL: 60)
            #expect(try await kv.list().keys.first?.expiration == 1_760_000_060)
            try await kv.put("b", "v", expirationTTL: .max)
            #expect(try await kv.get("b") == "v")
        }
    }

    @Test(arguments: Implementation.allCases)
    func `keys with any byte are kept apart and listed`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            let keys = ["\u{0}", "\u{0}a", "a\u{0}b", "a", "a/b", "a%2Fb", "é", "e\u{301}", "🐸", "\u{10FFFF}", "'; --"]
            for key in keys { try await kv.put(key, key) }
            for key in keys {
                let value = try await kv.get(key, as: .bytes)
                #expect(value == Array(key.utf8))
            }
            let listed = try await kv.list().keys.map { Array($0.name.utf8) }
            #expect(listed == keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
            let both = try await kv.get(["é", "e\u{301}"])
            #expect(both.count == 2)
            #expect(Array((both["e\u{301}"] ?? "").utf8) == Array("e\u{301}".utf8))
            try await kv.delete("a")
            #expect(try await kv.get("a\u{0}b") == "a\u{0}b")
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a prefix is bytes, also up to the last code point`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            for key in ["a", "ab", "b", "\u{10FFFF}", "\u{10FFFF}x", "\u{7F}", "\u{7F}x", "\u{80}"] {
                try await kv.put(key, "")
            }
            #expect(try await kv.list(prefix: "\u{10FFFF}").keys.map(\.name) == ["\u{10FFFF}", "\u{10FFFF}x"])
            #expect(try await kv.list(prefix: "\u{7F}").keys.map(\.name) == ["\u{7F}", "\u{7F}x"])
            #expect(try await kv.list(prefix: "a").keys.map(\.name) == ["a", "ab"])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `keys made after a cursor appear, those before it do not`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            for key in ["b", "d", "f"] { try await kv.put(key, "") }
            let first = try await kv.list(limit: 2)
            #expect(first.keys.map(\.name) == ["b", "d"])
            for key in ["a", "c", "e", "g"] { try await kv.put(key, "") }
            let rest = try await kv.list(cursor: first.cursor)
            #expect(rest.keys.map(\.name) == ["e", "f", "g"])
            #expect(rest.isComplete && rest.cursor == nil)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a page that ends with the last key is complete`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            for key in ["a", "b"] { try await kv.put(key, "") }
            let page = try await kv.list(limit: 2)
            #expect(page.isComplete && page.cursor == nil)
        }
    }

    @Test(arguments: Implementation.allCases, ["x", "1", "1zz", "16", "0616", "éé", "1é"])
    func `a cursor that no page gave is refused`(implementation: Implementation, cursor: String) async throws {
        try await implementation.with { kv in
            try await kv.put("b", "")
            let error = await kvError { _ = try await kv.list(cursor: cursor) }
            #expect(error?.message == "KV GET failed: 400 Invalid cursor.")
            #expect(try await kv.list(cursor: "").keys.map(\.name) == ["b"])
        }
    }

    @Test(arguments: Implementation.allCases)
    func `keys() goes through all pages`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            for number in 0..<1005 { try await kv.put("n\(10_000 + number)", "") }
            try await kv.put("other", "")
            var names: [String] = []
            for try await key in kv.keys(prefix: "n") { names.append(key.name) }
            #expect(names == (0..<1005).map { "n\(10_000 + $0)" })
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a bulk read keeps order, drops repetitions and says what is missing`(
        implementation: Implementation
    ) async throws {
        try await implementation.with { kv in
            try await kv.put("a", "1", metadata: .object([.init("m", .bool(true))]))
            try await kv.put("b", "2")
            let results = try await kv.get(["b", "x", "a", "b"], as: .json)
            #expect(results.map(\.key) == ["b", "x", "a"])
            #expect(results["a"] == .integer(1) && results["b"] == .integer(2) && results["x"] == nil)
            let entries = try await kv.getWithMetadata(["a", "x", "b"])
            #expect(entries["a"]?.value == "1")
            #expect(entries["a"]?.metadata == .object([.init("m", .bool(true))]))
            #expect(entries["b"]?.metadata == nil && entries["b"]?.value == "2")
            #expect(entries["x"] == nil)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a bulk read refuses what the service refuses`(implementation: Implementation) async throws {
        var behaviour = KVBehaviour()
        behaviour.limits.bulkBytes = 5 * 1024 * 1024
        try await implementation.with(behaviour) { kv in
            try await kv.put("bad", "{nope")
            try await kv.put("good", "1")
            let megabytes = [UInt8](repeating: 0x20, count: 3 * 1024 * 1024)
            try await kv.put("large", megabytes)
            try await kv.put("larger", megabytes)
            func message(_ keys: [String], _ type: KVType<some Sendable>, cacheTTL: Int? = nil) async -> String? {
                await kvError { _ = try await kv.get(keys, as: type, cacheTTL: cacheTTL) }?.message
            }
            #expect(await message([], .text) == "KV GET_BULK failed: 400 You must request a minimum of 1 key")
            #expect(
                await message(["good", "bad"], .json)
                    == "KV GET_BULK failed: 400 At least one of the requested keys corresponds to a non-json value")
            #expect(
                await message(["large", "larger"], .text)
                    == "KV GET_BULK failed: 413 Total size of request exceeds the limit of 5MB")
            #expect(
                await message(["good"], .text, cacheTTL: 29)
                    == "KV GET_BULK failed: 400 Invalid cache_ttl of 29. Cache TTL must be at least 30.")
            #expect(await message(["good", ""], .text) == "Key name cannot be empty.")
            #expect(
                await message(["good"], .bytes)
                    == "KV GET_BULK failed: 400 \"arrayBuffer\" is not a valid type. Use \"json\" or \"text\"")
        }
    }

    @Test(arguments: Implementation.allCases)
    func `metadata keeps its form and its order of members`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            let metadata = try JSON(parsing: #"{"z":1,"a":[true,null,"é"],"m":{"x":1.5}}"#)
            try await kv.put("k", "v", metadata: metadata)
            #expect(try await kv.getWithMetadata("k").metadata == metadata)
            #expect(try await kv.list().keys.first?.metadata == metadata)
            try await kv.put("k", "v", metadata: .null)
            #expect(try await kv.getWithMetadata("k").metadata == nil)
        }
    }

    @Test(arguments: Implementation.allCases)
    func `a prefix that is longer than a key can be is refused`(implementation: Implementation) async throws {
        try await implementation.with { kv in
            let error = await kvError { _ = try await kv.list(prefix: String(repeating: "é", count: 257)) }
            #expect(
                error?.message == "KV GET failed: 414 UTF-8 encoded length of 514 exceeds key length limit of 512.")
        }
    }
}
