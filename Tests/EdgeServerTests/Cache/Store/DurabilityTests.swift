import Foundation
import NIOCore
import Testing

@testable import EdgeServer

/// What a restart finds. A process that was killed has its files as they were at that moment, so a copy of the folder is
/// what is left of it.
@Suite struct DurabilityTests {
    private func reopened(_ folder: String, _ body: (StoreWorld) async throws -> Void) async throws {
        try await StoreWorld.withFolder { copy in
            try FileManager.default.copyItem(atPath: folder, toPath: copy)
            let world = try await StoreWorld.open(.disk, folder: copy)
            try await body(world)
            await world.store.close()
        }
    }

    @Test func `entries survive a restart, small and large`() async throws {
        try await StoreWorld.withFolder { folder in
            let sizes = [0, 1, 5000, 65_536, 65_537, 700_000]
            var world = try await StoreWorld.open(.disk, folder: folder)
            for size in sizes {
                await world.put(
                    key("https://a.test/\(size)"), bytes: pattern(size, seed: 1), head: head("\(size)", variant: "de"),
                    tags: ["T\(size)"])
            }
            await world.store.close()
            world = try await StoreWorld.open(.disk, folder: folder)
            #expect(world.store.statistics.entries == sizes.count)
            #expect(world.store.statistics.entriesInMemory == 0)
            for size in sizes {
                let key = key("https://a.test/\(size)")
                #expect(world.store.variants(key).needsLoading)
                let entry = try #require(await world.entries(key).first)
                #expect(entry.head == head("\(size)", variant: "de"))
                #expect(entry.tags == ["t\(size)"])
                #expect(entry.storedAt == 1000)
                let content = try await world.content(entry)
                #expect(content == pattern(size, seed: 1))
                #expect(world.store.variants(key).entries.count == 1)
            }
            let removed = try await world.store.purge(.tags(["t1"]), in: "proxy")
            #expect(removed == 1)
            await world.store.close()
        }
    }

    @Test func `at any moment a killed process leaves what it has stored, and nothing that it has removed`()
        async throws
    {
        try await StoreWorld.withFolder { folder in
            let world = try await StoreWorld.open(.disk, folder: folder)
            var expected: [String: String] = [:]
            var random = SeededRandom(seed: 5)
            for step in 0..<60 {
                let number = Int.random(in: 0..<12, using: &random)
                let address = "https://h\(number % 3).test/\(number)"
                switch Int.random(in: 0..<10, using: &random) {
                case 0:
                    try await world.store.purge(.hosts(["h\(number % 3).test"]), in: "proxy")
                    expected = expected.filter { !$0.key.contains("h\(number % 3).") }
                case 1:
                    try await world.store.purge(.tags(["n\(number)"]), in: "proxy")
                    expected[address] = nil
                case 2:
                    await withCheckedContinuation { done in world.store.invalidate(key(address)) { _ in done.resume() }
                    }
                    expected[address] = nil
                case 3:
                    if let entry = await world.entries(key(address)).first {
                        world.store.update(entry, head: head("u\(step)"))
                        await world.store.flush()
                        expected[address] = "u\(step)"
                    }
                default:
                    let size = number == 3 ? 100_000 : 50
                    await world.put(
                        key(address), bytes: pattern(size, seed: UInt64(number)), head: head("\(step)"),
                        tags: ["n\(number)"])
                    await world.store.flush()
                    expected[address] = "\(step)"
                }
                guard step % 4 == 3 else { continue }
                try await reopened(folder) { copy in
                    #expect(copy.store.statistics.entries == expected.count)
                    #expect(copy.store.statistics.damaged == 0)
                    for (address, tag) in expected { #expect(await copy.tags(key(address)) == [tag], "step \(step)") }
                }
            }
            await world.store.close()
        }
    }

    @Test func `a purge outlives a kill right after it, whatever it purged`() async throws {
        let purges: [Purge] = [
            .urls(["https://a.test/1"]), .prefixes(["a.test"]), .hosts(["a.test"]), .tags(["red"]), .everything,
        ]
        for purge in purges {
            try await StoreWorld.run(.disk) { world in
                await world.put(key("https://a.test/1"), "1", tags: ["red"])
                await world.put(key("https://a.test/1", "other"), "2", tags: ["red"])
                await world.store.flush()
                let removed = try await world.store.purge(purge, in: "proxy")
                #expect(removed == 1)
                try await reopened(world.folder) { copy in
                    #expect(await copy.has(key("https://a.test/1")) == false, "\(purge)")
                    #expect(await copy.has(key("https://a.test/1", "other")), "\(purge)")
                }
            }
        }
    }

    @Test func `what is stored after a purge is there after a restart`() async throws {
        try await StoreWorld.run(.disk) { world in
            try await world.store.purge(.everything, in: nil)
            await world.put(key("/"), "new")
            await world.store.flush()
            try await reopened(world.folder) { copy in #expect(await copy.tags(key("/")) == ["new"]) }
        }
    }

    @Test func `a request that comes while the folder is read is answered, and wins over what is read`() async throws {
        try await StoreWorld.withFolder { folder in
            var world = try await StoreWorld.open(.disk, folder: folder)
            for number in 0..<500 { await world.put(key("/\(number)"), "old", variant: "de") }
            await world.store.close()

            // Not waiting for what is read.
            let store = try ResponseStore(options: StoreWorld.options(.disk, folder: folder), now: { 0 })
            world = StoreWorld(store: store, folder: folder, troubles: StoreWorld.Troubles())
            store.invalidate(key("/1"))
            await world.put(key("/2"), "new", variant: "de")
            let removed = try await store.purge(.urls(["/3"]), in: "proxy")
            #expect(removed == 1)
            for _ in 0..<2 {
                #expect(await world.tags(key("/0")) == ["old"])
                #expect(await world.tags(key("/1")) == [])
                #expect(await world.tags(key("/2")) == ["new"])
                #expect(await world.tags(key("/3")) == [])
                await world.store.close()
                world = try await StoreWorld.open(.disk, folder: folder)
            }
            await world.store.close()
        }
    }

    @Test func `two processes do not share a folder`() async throws {
        try await StoreWorld.run(.disk) { world in
            let expected = StoreFailure.inUse(folder: world.folder, process: Int(getpid()))
            #expect(throws: expected) {
                _ = try ResponseStore(options: StoreWorld.options(.disk, folder: world.folder), now: { 0 })
            }
            await world.store.close()
            let again = try ResponseStore(options: StoreWorld.options(.disk, folder: world.folder), now: { 0 })
            await again.close()
        }
    }

    @Test func `files are for their owner alone, and no name comes from a client`() async throws {
        try await StoreWorld.run(.disk) { world in
            await world.put(key("https://a.test/../../secret"), "x", tags: ["secret"])
            await world.put(key("https://a.test/secret"), bytes: pattern(100_000, seed: 1), head: head("secret"))
            await world.store.flush()
            var names: [String] = []
            for case let path as String in try #require(FileManager.default.enumerator(atPath: world.folder)) {
                let attributes = try FileManager.default.attributesOfItem(atPath: world.folder + "/" + path)
                let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
                #expect(attributes[.posixPermissions] as? Int == (isFolder ? 0o700 : 0o600), "\(path)")
                names.append(path)
            }
            #expect(names.count == 6)
            #expect(!names.contains { $0.contains("secret") })
        }
    }

    @Test func `files that nobody needs any more are removed`() async throws {
        try await StoreWorld.withFolder { folder in
            var world = try await StoreWorld.open(.disk, folder: folder)
            func bodies() throws -> Int {
                try FileManager.default.subpathsOfDirectory(atPath: folder + "/bodies").filter { $0.count > 2 }.count
            }
            for _ in 0..<3 { await world.put(key("/"), bytes: pattern(100_000, seed: 1), head: head("x")) }
            await world.store.flush()
            let replaced = try bodies()
            #expect(replaced == 1)
            let entry = try #require(await world.entries(key("/")).first)
            world.store.update(entry, head: head("y"))
            await world.store.flush()
            let updated = try bodies()
            #expect(updated == 1)
            try await world.store.purge(.everything, in: nil)
            await world.store.flush()
            let purged = try bodies()
            #expect(purged == 0)
            // Half a body, as of a process that was killed.
            let writer = world.store.begin(key("/"), expectedSize: 1 << 20)
            _ = writer.write(pattern(100_000, seed: 1))
            await world.store.flush()
            let begun = try bodies()
            #expect(begun == 1)
            await world.store.close()
            world = try await StoreWorld.open(.disk, folder: folder)
            let restarted = try bodies()
            #expect(restarted == 0)
            await world.store.close()
        }
    }
}
