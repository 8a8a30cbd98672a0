import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import EdgeServer

/// Under any load a store stays within its bounds, and what it finds is what was stored last.
@Suite struct BoundsTests {
    /// Bytes of all files of a folder, the lock aside.
    private func diskBytes(_ folder: String) throws -> Int {
        var bytes = 0
        for path in ["log", "bodies"] {
            for case let name as String in FileManager.default.enumerator(atPath: folder + "/" + path)
                ?? FileManager.DirectoryEnumerator()
            {
                // A file may be removed while we look.
                guard let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)/\(name)"),
                    attributes[.type] as? FileAttributeType == .typeRegular
                else { continue }
                bytes += attributes[.size] as? Int ?? 0
            }
        }
        return bytes
    }

    @Test(arguments: StoreKind.allCases, [1, 2, 3])
    func `a random load stays within both bounds, and a model knows all that is found`(
        kind: StoreKind, seed: UInt64
    ) async throws {
        try await StoreWorld.run(kind) {
            $0.memoryBytes = 1 << 20
            $0.diskBytes = 4 << 20
            $0.largestInMemory = 32 << 10
            $0.shards = 8
        } _: { world in
            var random = SeededRandom(seed: seed)
            var model: [Int: (tag: String, size: Int)] = [:]
            var hits = 0
            for step in 0..<1500 {
                let number = Int.random(in: 0..<400, using: &random)
                let key = key("https://h\(number % 7).test/\(number)")
                switch Int.random(in: 0..<20, using: &random) {
                case 0:
                    world.store.invalidate(key)
                    model[number] = nil
                case 1 where step % 10 == 0:
                    try await world.store.purge(.hosts(["h\(number % 7).test"]), in: "proxy")
                    model = model.filter { $0.key % 7 != number % 7 }
                case 2..<10:
                    let most = step % 50 == 0 ? 400_000 : 20_000
                    let size = Int.random(in: 0...most, using: &random)
                    await world.put(
                        key, bytes: pattern(size, seed: UInt64(step)), head: head("\(step)"), tags: ["t\(number)"])
                    model[number] = ("\(step)", size)
                default:
                    for entry in await world.entries(key) {
                        hits += 1
                        let expected = try #require(model[number], "what was removed is found")
                        #expect(entry.head.tag == expected.tag)
                        #expect(entry.size == expected.size)
                        if case .memory(let bytes) = entry.body {
                            #expect(bytes == pattern(expected.size, seed: UInt64(expected.tag) ?? 0))
                        }
                    }
                }
                let statistics = world.store.statistics
                #expect(statistics.memoryBytes <= 1 << 20)
                #expect(statistics.diskBytes <= 4 << 20)
                if step % 100 == 0, kind == .disk { #expect(try diskBytes(world.folder) <= 4 << 20) }
            }
            #expect(hits > (kind == .memory ? 50 : 150))
            await world.store.flush()
            if kind == .disk { #expect(try diskBytes(world.folder) == world.store.statistics.diskBytes) }
            try await world.store.purge(.everything, in: nil)
            await world.store.flush()
            #expect(world.store.statistics.memoryBytes == 0)
            #expect(world.store.statistics.entries == 0)
            #expect(world.troubles.all == [])
        }
    }

    @Test func `what is used stays on disk while what is not makes room`() async throws {
        try await StoreWorld.run(.disk) {
            $0.memoryBytes = 1 << 20
            $0.diskBytes = 2 << 20
        } _: { world in
            let body = pattern(8000, seed: 1)
            for number in 0..<20 {
                await world.put(key("/used/\(number)"), bytes: body, head: head("u"))
                await world.store.flush()
            }
            for number in 0..<1000 {
                await world.put(key("/\(number)"), bytes: body, head: head("x"))
                // What comes faster than the disk can write stays in memory alone.
                if number % 10 == 0 { await world.store.flush() }
                if number % 20 == 0 {
                    for used in 0..<20 { _ = await world.entries(key("/used/\(used)")) }
                }
            }
            for used in 0..<20 { #expect(await world.has(key("/used/\(used)"))) }
            #expect(await world.has(key("/0")) == false)
            #expect(world.store.statistics.diskBytes <= 2 << 20)
        }
    }

    @Test func `large bodies make room one after the other, not all at once`() async throws {
        try await StoreWorld.run(.disk) {
            $0.diskBytes = 16 << 20
        } _: { world in
            for number in 0..<40 {
                await world.put(key("/\(number)"), bytes: pattern(1 << 20, seed: 1), head: head("x"))
                await world.store.flush()
            }
            #expect(world.store.statistics.entries >= 12)
            #expect(await world.has(key("/39")))
        }
    }

    @Test func `a bound that is smaller than the last time is kept from the start`() async throws {
        try await StoreWorld.withFolder { folder in
            var world = try await StoreWorld.open(.disk, folder: folder)
            for number in 0..<500 {
                await world.put(key("/\(number)"), bytes: pattern(10_000, seed: 1), head: head("x"))
                if number % 50 == 0 { await world.store.flush() }
            }
            await world.store.close()
            world = try await StoreWorld.open(.disk, folder: folder) { $0.diskBytes = 1 << 20 }
            #expect(world.store.statistics.diskBytes <= 1 << 20)
            #expect(try diskBytes(folder) <= 1 << 20)
            #expect(world.store.statistics.entries > 20)
            await world.store.close()
        }
    }

    @Test func `a memory too small for the index lets entries go from disk, too`() async throws {
        try await StoreWorld.run(.disk) {
            $0.memoryBytes = 256 << 10
            $0.shards = 4
        } _: { world in
            for number in 0..<2000 {
                await world.put(key("https://a.test/\(number)"), "\(number)")
                if number % 20 == 0 { await world.store.flush() }
                #expect(world.store.statistics.memoryBytes <= 256 << 10)
            }
            await world.store.flush()
            await world.put(key("/last"), "last")
            #expect(await world.has(key("/last")))
            #expect(world.store.statistics.entries < 1500)
        }
    }

    @Test func `a disk that cannot be written is no reason to fail, and is reported once`() async throws {
        try await StoreWorld.run(.disk) { world in
            await world.put(key("/1"), "1")
            await world.store.flush()
            // Files in the place of folders: root may write where nobody else may.
            try FileManager.default.removeItem(atPath: world.folder + "/bodies")
            try Data().write(to: URL(filePath: world.folder + "/bodies"))
            for number in 0..<3 {
                let large = await world.put(key("/large\(number)"), bytes: pattern(200_000, seed: 1), head: head("x"))
                #expect(large == nil)
            }
            await world.put(key("/2"), "2")
            #expect(await world.tags(key("/1")) == ["1"])
            #expect(await world.tags(key("/2")) == ["2"])
            await world.store.flush()
            #expect(world.troubles.all.count == 1)
            try FileManager.default.removeItem(atPath: world.folder + "/bodies")
        }
    }

    @Test func `who writes faster than the disk is told to wait`() async throws {
        try await StoreWorld.run(.disk) { world in
            let rooms = Mutex(0)
            let writer = world.store.begin(key("/"), expectedSize: 12 << 20) { rooms.withLock { $0 += 1 } }
            let part = pattern(256 << 10, seed: 1)
            var waits = 0
            for _ in 0..<48 {
                let seen = rooms.withLock { $0 }
                if !writer.write(part) {
                    waits += 1
                    #expect(await StoreWorld.eventually { rooms.withLock { $0 } > seen })
                }
                #expect(world.store.statistics.memoryBytes <= 2 << 20)
            }
            #expect(waits > 0)
            let entry = await withCheckedContinuation { continuation in
                writer.commit(head: head("x")) { continuation.resume(returning: $0) }
            }
            #expect(entry?.size == 12 << 20)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func `many at once see no torn body, and the sums are right in the end`(kind: StoreKind) async throws {
        try await StoreWorld.run(kind) {
            $0.memoryBytes = 2 << 20
            $0.diskBytes = 8 << 20
            $0.largestInMemory = 16 << 10
        } _: { world in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        var random = SeededRandom(seed: UInt64(task))
                        var hits = 0
                        for step in 0..<400 {
                            let number = Int.random(in: 0..<60, using: &random)
                            let key = key("https://a.test/\(number)")
                            switch Int.random(in: 0..<12, using: &random) {
                            case 0: world.store.invalidate(key)
                            case 1 where step % 8 == 0:
                                try await world.store.purge(.tags(["t\(number % 5)"]), in: "proxy")
                            case 2..<6:
                                let seed = UInt64.random(in: 1..<1000, using: &random)
                                let size = Int(seed) * (number % 10 == 0 ? 100 : 10)
                                await world.put(
                                    key, bytes: pattern(size, seed: seed), head: head("\(seed)"),
                                    tags: ["t\(number % 5)"])
                            case 6:
                                if let entry = await world.entries(key).first {
                                    world.store.update(entry, head: entry.head)
                                }
                            default:
                                for entry in await world.entries(key) {
                                    let seed = try #require(entry.head.tag.flatMap { UInt64($0) })
                                    guard let read = try? await world.content(entry) else { continue }
                                    #expect(read == pattern(entry.size, seed: seed))
                                    hits += 1
                                }
                            }
                        }
                        return hits
                    }
                }
                let hits = try await group.reduce(0, +)
                #expect(hits > 300)
            }
            await world.store.flush()
            #expect(world.store.statistics.damaged == 0)
            #expect(world.store.statistics.memoryBytes <= 2 << 20)
            if kind == .disk { #expect(try diskBytes(world.folder) == world.store.statistics.diskBytes) }
            try await world.store.purge(.everything, in: nil)
            await world.store.flush()
            #expect(world.store.statistics.memoryBytes == 0)
        }
    }
}
