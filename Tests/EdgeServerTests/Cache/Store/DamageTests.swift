import Foundation
import NIOCore
import Testing

@testable import EdgeServer

/// What a disk has spoilt is never served, and stops nobody.
@Suite struct DamageTests {
    /// The one segment of a store with three small entries, and where the second one begins and ends.
    private func small(_ body: (_ segment: [UInt8], _ second: Range<Int>) async throws -> Void) async throws {
        try await StoreWorld.run(.disk) { world in
            let path = world.folder + "/log/0000000001.log"
            await world.put(key("/1"), "one", tags: ["a"])
            await world.store.flush()
            let first = try Data(contentsOf: URL(filePath: path)).count
            await world.put(key("/2"), "two")
            await world.store.flush()
            let second = try Data(contentsOf: URL(filePath: path)).count
            await world.put(key("/3"), "three")
            await world.store.flush()
            try await body(Array(Data(contentsOf: URL(filePath: path))), first..<second)
        }
    }

    private func open(_ segment: [UInt8], _ body: (StoreWorld) async throws -> Void) async throws {
        try await StoreWorld.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/log", withIntermediateDirectories: true)
            try Data(segment).write(to: URL(filePath: folder + "/log/0000000001.log"))
            let world = try await StoreWorld.open(.disk, folder: folder)
            try await body(world)
            await world.store.close()
        }
    }

    @Test func `a segment that ends anywhere has the entries that are whole, and takes new ones`() async throws {
        try await small { segment, second in
            for end in 0..<segment.count {
                try await open(Array(segment[..<end])) { world in
                    #expect(await world.has(key("/1")) == (end >= second.lowerBound), "\(end)")
                    #expect(await world.has(key("/2")) == (end >= second.upperBound), "\(end)")
                    #expect(await world.has(key("/3")) == false, "\(end)")
                    await world.put(key("/4"), "four")
                    await world.store.close()
                    let again = try await StoreWorld.open(.disk, folder: world.folder)
                    #expect(await again.tags(key("/4")) == ["four"], "\(end)")
                    #expect(again.store.statistics.damaged == 0)
                    await again.store.close()
                }
            }
        }
    }

    @Test func `a byte that is not what was written costs entries, and is never served`() async throws {
        try await small { segment, second in
            for place in segment.indices {
                var damaged = segment
                damaged[place] ^= 0x41
                try await open(damaged) { world in
                    for (path, text) in [("/1", "one"), ("/2", "two"), ("/3", "three")] {
                        for entry in await world.entries(key(path)) {
                            #expect(entry.head == head(text), "\(place)")
                            let content = try await world.content(entry)
                            #expect(content == ByteBuffer(string: text), "\(place)")
                        }
                    }
                    #expect(world.store.statistics.damaged == 1, "\(place)")
                    if second.contains(place) { #expect(await world.has(key("/2")) == false, "\(place)") }
                    await world.put(key("/2"), "again")
                    #expect(await world.tags(key("/2")) == ["again"])
                }
            }
        }
    }

    @Test func `where a purge may have been lost, nothing older is trusted`() async throws {
        try await StoreWorld.withFolder { folder in
            let world = try await StoreWorld.open(.disk, folder: folder)
            await world.put(key("/old"), "1")
            await world.store.flush()
            let path = folder + "/log/0000000001.log"
            let start = try Data(contentsOf: URL(filePath: path)).count
            try await world.store.purge(.urls(["/old"]), in: nil)
            await world.put(key("/new"), "2")
            await world.store.close()
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes[start + RecordHeader.size + 3] ^= 1
            try bytes.write(to: URL(filePath: path))
            let again = try await StoreWorld.open(.disk, folder: folder)
            #expect(await again.has(key("/old")) == false)
            #expect(await again.tags(key("/new")) == ["2"])
            #expect(again.troubles.all == [.damaged(records: 1)])
            await again.store.close()
        }
    }

    enum Harm: CaseIterable, Sendable { case changed, cut, longer, gone, table }

    @Test(arguments: Harm.allCases, [true, false])
    func `a large body that is not what was written is not served`(harm: Harm, isRestarted: Bool) async throws {
        try await StoreWorld.withFolder { folder in
            var world = try await StoreWorld.open(.disk, folder: folder)
            await world.put(key("/"), bytes: pattern(300_000, seed: 1), head: head("x"))
            await world.store.flush()
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder + "/bodies").filter { $0.count > 2 }
            let url = URL(filePath: folder + "/bodies/" + (try #require(names.first)))
            if isRestarted { await world.store.close() }
            var bytes = try Data(contentsOf: url)
            switch harm {
            case .changed: bytes[200_000] ^= 1
            case .cut: bytes.removeLast(1000)
            case .longer: bytes.append(0)
            case .table: bytes[bytes.count - 2] ^= 1
            case .gone: break
            }
            if harm == .gone { try FileManager.default.removeItem(at: url) } else { try bytes.write(to: url) }
            if isRestarted { world = try await StoreWorld.open(.disk, folder: folder) }
            for entry in await world.entries(key("/")) {
                await #expect(throws: StoreFailure.self) { try await world.content(entry) }
                // A range that lies elsewhere can still be read where the table is whole.
                if harm == .changed {
                    let part = try await world.content(entry, range: 10..<100_000)
                    #expect(part == pattern(300_000, seed: 1).getSlice(at: 10, length: 99_990))
                }
            }
            await world.store.close()
        }
    }

    @Test func `files of others are left alone`() async throws {
        try await StoreWorld.withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/bodies/zz", withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: folder + "/log", withIntermediateDirectories: true)
            for path in ["/mine.txt", "/log/1.log", "/log/notes", "/bodies/zz/0000", "/bodies/readme"] {
                try Data("mine".utf8).write(to: URL(filePath: folder + path))
            }
            let world = try await StoreWorld.open(.disk, folder: folder)
            await world.put(key("/"), "x")
            await world.store.close()
            for path in ["/mine.txt", "/log/1.log", "/log/notes", "/bodies/zz/0000", "/bodies/readme"] {
                let bytes = try Data(contentsOf: URL(filePath: folder + path))
                #expect(bytes == Data("mine".utf8))
            }
        }
    }
}
