import HTTPTypes
import NIOCore
import Testing

@testable import EdgeServer

/// What every store does, whether it has a disk or not.
@Suite struct StoreContract {
    private static let kinds = StoreKind.allCases

    @Test(arguments: kinds)
    func `what is stored is found, with head, body, tags and time`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            await world.put(key("https://a.test/x"), "hello", tags: ["One", "two"])
            let entry = try #require(world.store.variants(key("https://a.test/x")).entries.first)
            #expect(entry.head == head("hello"))
            #expect(entry.size == 5)
            #expect(entry.tags == ["one", "two"])
            #expect(entry.storedAt == 1000)
            #expect(entry.host == "a.test")
            let content = try await world.content(entry)
            #expect(content == ByteBuffer(string: "hello"))
            #expect(world.store.variants(key("https://a.test/y")).isMiss)
        }
    }

    @Test(arguments: kinds)
    func `the serialised head has no age and keeps the date of the origin`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            var head = head("x")
            head.fields[.age] = "5"
            head.fields[.date] = "Sun, 06 Nov 1994 08:49:37 GMT"
            head.fields[.connection] = "close"
            let entry = try #require(await world.put(key("/"), bytes: ByteBuffer(string: "hello"), head: head))
            let text = String(buffer: entry.response.bytes).lowercased()
            #expect(text.contains("date: sun, 06 nov 1994 08:49:37 gmt\r\n"))
            #expect(text.contains("content-length: 5\r\n"))
            #expect(!text.contains("age:"))
            #expect(!text.contains("connection:"))
        }
    }

    @Test(arguments: kinds)
    func `the same variant is replaced, another one stands beside it`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            await world.put(key("/"), "1", variant: "de")
            await world.put(key("/"), "2", variant: "fr")
            await world.put(key("/"), "3", variant: "de")
            #expect(await world.tags(key("/")) == ["3", "2"])
            #expect(world.store.statistics.entries == 2)
        }
    }

    @Test(arguments: kinds)
    func `of too many variants the one stored first goes`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) {
            $0.variantsPerKey = 3
        } _: { world in
            for number in 1...5 { await world.put(key("/"), "\(number)", variant: "v\(number)") }
            #expect(await world.tags(key("/")) == ["5", "4", "3"])
        }
    }

    @Test(arguments: kinds)
    func `namespaces know nothing of each other`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            await world.put(key("b/c", "a"), "1")
            await world.put(key("c", "ab/"), "2")
            #expect(await world.tags(key("b/c", "a")) == ["1"])
            #expect(await world.tags(key("c", "ab/")) == ["2"])
            let removed = try await world.store.purge(.everything, in: "a")
            #expect(removed == 1)
            #expect(await world.tags(key("c", "ab/")) == ["2"])
        }
    }

    @Test(arguments: kinds)
    func `nothing is seen before the commit, and nothing is left by an abort`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            let writer = world.store.begin(key("/"))
            _ = writer.write(pattern(100_000, seed: 1))
            #expect(world.store.variants(key("/")).isMiss)
            writer.abort()
            // One that is let go does the same.
            _ = world.store.begin(key("/")).write(pattern(100_000, seed: 1))
            await world.store.flush()
            #expect(world.store.variants(key("/")).isMiss)
            #expect(world.store.statistics.memoryBytes == 0)
            #expect(world.store.statistics.diskBytes == 0)
        }
    }

    @Test(arguments: kinds, [0, 1, 1000, 65_536, 65_537, 300_000, 1_500_000])
    func `a body of any size comes back as it was, whole and in ranges`(kind: StoreKind, size: Int) async throws {
        try await StoreWorld.run(kind) { world in
            let bytes = pattern(size, seed: 7)
            let writer = world.store.begin(key("/"))
            var rest = bytes
            while let part = rest.readSlice(length: min(rest.readableBytes, 10_007)), part.readableBytes > 0 {
                _ = writer.write(part)
            }
            let entry = await withCheckedContinuation { continuation in
                writer.commit(head: head("x")) { continuation.resume(returning: $0) }
            }
            let stored = try #require(entry)
            #expect(stored.size == size)
            let whole = try await world.content(stored)
            #expect(whole == bytes)
            for range in [0..<1, 65_535..<65_537, size / 2..<size, size - 1..<size + 5] where range.lowerBound >= 0 {
                let part = range.clamped(to: 0..<size)
                let expected = bytes.getSlice(at: bytes.readerIndex + part.lowerBound, length: part.count)
                let piece = try await world.content(stored, range: range)
                #expect(piece == expected)
            }
        }
    }

    @Test(arguments: kinds)
    func `a body that is too large is not stored, and writing it does no harm`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) {
            $0.largestObject = 100_000
        } _: { world in
            #expect(world.store.begin(key("/"), expectedSize: 100_001).failure == .tooLarge)
            let writer = world.store.begin(key("/"))
            #expect(writer.write(pattern(100_000, seed: 1)))
            #expect(writer.failure == nil)
            #expect(writer.write(ByteBuffer(string: "x")))
            #expect(writer.failure == .tooLarge)
            #expect(writer.write(ByteBuffer(string: "y")))
            let entry = await withCheckedContinuation { continuation in
                writer.commit(head: head("x")) { continuation.resume(returning: $0) }
            }
            #expect(entry == nil)
            await world.store.flush()
            #expect(world.store.statistics == StoreStatistics())
        }
    }

    @Test(arguments: kinds)
    func `a validated response gets a new head and keeps its body`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            for size in [10, 200_000] {
                let bytes = pattern(size, seed: 3)
                let first = try #require(await world.put(key("/"), bytes: bytes, head: head("1")))
                let second = try #require(world.store.update(first, head: head("2")))
                #expect(await world.tags(key("/")) == ["2"])
                let content = try await world.content(second)
                #expect(content == bytes)
                // The old one is no longer there to be updated.
                #expect(world.store.update(first, head: head("3")) == nil)
                #expect(await world.tags(key("/")) == ["2"])
            }
        }
    }

    @Test(arguments: kinds)
    func `a removed entry is gone, and one that took its place stays`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            let first = try #require(await world.put(key("/"), "1"))
            world.store.remove(first)
            #expect(await world.tags(key("/")) == [])
            await world.put(key("/"), "2")
            world.store.remove(first)
            #expect(await world.tags(key("/")) == ["2"])
        }
    }

    @Test(arguments: kinds)
    func `an invalidation removes all variants, and what is just coming in is not stored`(kind: StoreKind) async throws
    {
        try await StoreWorld.run(kind) { world in
            await world.put(key("/"), "1", variant: "de")
            await world.put(key("/"), "2", variant: "fr")
            await world.put(key("/other"), "3")
            let writer = world.store.begin(key("/"))
            #expect(world.store.invalidate(key("/")) == 2)
            #expect(await world.tags(key("/")) == [])
            writer.commit(head: head("4")) { #expect($0 == nil) }
            #expect(await world.tags(key("/")) == [])
            #expect(await world.tags(key("/other")) == ["3"])
        }
    }

    // MARK: Purges

    private static let addresses = [
        "https://a.test/", "https://a.test/docs/1", "https://a.test/docs/2?x=1", "http://a.test:8080/docs/1",
        "https://b.test/docs/1", "https://ab.test/", "/path", "https://[::1]:80/",
    ]

    struct Case: Sendable, CustomStringConvertible {
        var purge: Purge
        var gone: [Int]
        var description: String { "\(purge)" }
    }

    private static let purges: [Case] = [
        Case(purge: .urls(["https://a.test/docs/1", "/path"]), gone: [1, 6]),
        Case(purge: .urls(["https://a.test/docs/"]), gone: []),
        Case(purge: .prefixes(["https://a.test/docs/"]), gone: [1, 2]),
        Case(purge: .prefixes(["a.test"]), gone: [0, 1, 2, 3]),
        Case(purge: .prefixes(["/pa", "b.test/d"]), gone: [4, 6]),
        Case(purge: .prefixes([""]), gone: [0, 1, 2, 3, 4, 5, 6, 7]),
        Case(purge: .hosts(["A.test"]), gone: [0, 1, 2, 3]),
        Case(purge: .hosts(["b.test", "[::1]"]), gone: [4, 7]),
        Case(purge: .hosts([""]), gone: []),
        Case(purge: .tags(["EVEN"]), gone: [0, 2, 4, 6]),
        Case(purge: .tags(["t1", "t2", "none"]), gone: [1, 2]),
        Case(purge: .tags([]), gone: []),
        Case(purge: .everything, gone: [0, 1, 2, 3, 4, 5, 6, 7]),
    ]

    @Test(arguments: kinds, purges)
    func `a purge removes what it names in one cache, and says how much`(kind: StoreKind, example: Case) async throws {
        try await StoreWorld.run(kind) { world in
            for namespace in ["one", "two"] {
                for (number, address) in StoreContract.addresses.enumerated() {
                    let tags = ["t\(number)", number % 2 == 0 ? "even" : "odd"]
                    await world.put(key(address, namespace), "\(number)", tags: tags)
                }
            }
            let removed = try await world.store.purge(example.purge, in: "one")
            #expect(removed == example.gone.count)
            for (number, address) in StoreContract.addresses.enumerated() {
                #expect(await world.has(key(address, "one")) == !example.gone.contains(number))
                #expect(await world.has(key(address, "two")))
            }
            let others = try await world.store.purge(example.purge, in: nil)
            #expect(others == example.gone.count)
        }
    }

    @Test(arguments: kinds)
    func `what was asked of the origin before a purge is not stored after it`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            let purges: [(Purge, Bool)] = [
                (.urls(["https://a.test/x"]), false), (.prefixes(["a.test/"]), false), (.hosts(["a.test"]), false),
                (.tags(["blue"]), false), (.everything, false), (.tags(["red"]), true), (.hosts(["b.test"]), true),
            ]
            for (purge, isStored) in purges {
                let writer = world.store.begin(key("https://a.test/x"))
                try await world.store.purge(purge, in: "proxy")
                writer.commit(head: head("1"), tags: ["Blue"])
                #expect(await world.has(key("https://a.test/x")) == isStored, "\(purge)")
            }
        }
    }

    // MARK: Reading along

    @Test(arguments: kinds, [1000, 400_000])
    func `many read one body while it comes in, each at its own pace`(kind: StoreKind, size: Int) async throws {
        try await StoreWorld.run(kind) { world in
            let bytes = pattern(size, seed: 9)
            let writer = world.store.begin(key("/"))
            let half = size / 2
            _ = writer.write(bytes.getSlice(at: bytes.readerIndex, length: half) ?? ByteBuffer())
            try await withThrowingTaskGroup(of: ByteBuffer.self) { group in
                for start in [0, 0, 1, half - 1, half, size - 1] {
                    group.addTask {
                        var all = try await StoreWorld.readAll { writer.follow(from: start, on: StoreWorld.loop) }
                        all.moveReaderIndex(to: 0)
                        return all
                    }
                }
                _ = writer.write(bytes.getSlice(at: bytes.readerIndex + half, length: size - half) ?? ByteBuffer())
                writer.commit(head: head("x"))
                for try await read in group {
                    let start = size - read.readableBytes
                    #expect(read == bytes.getSlice(at: bytes.readerIndex + start, length: size - start))
                }
            }
            // One that comes late reads all of it, too.
            let late = try await StoreWorld.readAll { writer.follow(on: StoreWorld.loop) }
            #expect(late == bytes)
        }
    }

    @Test(arguments: kinds)
    func `those who read along hear that it broke off`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) { world in
            let writer = world.store.begin(key("/"))
            _ = writer.write(ByteBuffer(string: "half"))
            let reading = Task { try await StoreWorld.readAll { writer.follow(on: StoreWorld.loop) } }
            writer.abort()
            await #expect(throws: StoreFailure.aborted) { try await reading.value }
        }
    }
}
