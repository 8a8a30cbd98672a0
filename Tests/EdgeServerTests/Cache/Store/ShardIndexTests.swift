import HTTPCaching
import NIOCore
import Testing

@testable import EdgeServer

@Suite struct ShardIndexTests {
    private func entry(_ number: Int, size: Int = 100, serial: UInt64? = nil) -> Entry {
        let head = CachedResponse(
            status: 200, fields: [:], requestTime: 0, responseTime: 0, variant: [], content: .complete(size: size),
            policy: .rfc)
        return Entry(
            key: key("/\(number)"), head: head, response: head.serialised(size: size),
            body: .memory(pattern(size, seed: UInt64(number))), size: size, tags: [], storedAt: 0,
            serial: serial ?? UInt64(number + 1))
    }

    /// Asks for each number in turn, and stores what is not there, with room for so many.
    private func run(_ index: inout ShardIndex, _ numbers: some Sequence<Int>, room: Int) -> Int {
        var hits = 0
        for number in numbers {
            if !index.use(key("/\(number)")).isMiss {
                hits += 1
                continue
            }
            while index.count >= room, index.evict() != nil {}
            _ = index.put(entry(number), tags: [], isPending: false, most: 1)
        }
        return hits
    }

    @Test func `one who reads everything once does not push out what is asked for again and again`() {
        var index = ShardIndex(remembersChanges: false)
        for _ in 0..<5 { _ = run(&index, 0..<50, room: 100) }
        _ = run(&index, 1000..<3000, room: 100)
        let hits = run(&index, 0..<50, room: 100)
        #expect(hits >= 45)
    }

    @Test func `what was thrown out too early comes into the main queue when it comes back`() {
        var index = ShardIndex(remembersChanges: false)
        // Nothing is used twice while it is there, so all of it leaves the small queue.
        _ = run(&index, 0..<40, room: 20)
        _ = run(&index, 0..<5, room: 20)
        _ = run(&index, 100..<400, room: 20)
        let hits = run(&index, 0..<5, room: 20)
        // Two keys may look alike to the list of what was thrown out, which keeps no more than a part of their hashes.
        #expect(hits >= 4)
    }

    @Test func `what the disk has not written yet does not leave the memory`() {
        var index = ShardIndex(remembersChanges: false)
        for number in 0..<10 { _ = index.put(entry(number), tags: [], isPending: true, most: 1) }
        let none = index.evict()
        #expect(none == nil)
        let place = DiskPlace(segment: 1, offset: 16, length: 100)
        let isThere = index.wrote(key("/3"), serial: 4, at: place)
        #expect(isThere)
        let change = index.evict()
        #expect(change?.dropped.first?.serial == 4)
        let found = index.use(key("/3"))
        #expect(found.needsLoading)
        let nobody = index.evict()
        #expect(nobody == nil)
    }

    @Test func `memory that is counted in is counted out again`() {
        var index = ShardIndex(remembersChanges: false)
        var counted = 0
        for number in 0..<100 {
            let entry = entry(number % 60, size: number * 7, serial: UInt64(number + 1))
            counted += entry.memory + Slot.memory(key: entry.key.bytes.count, tags: 2)
            counted -= index.put(entry, tags: [1, 2], isPending: false, most: 1).freedMemory
        }
        counted -= index.evict()?.freedMemory ?? 0
        counted -= index.remove(key("/7")).freedMemory
        counted -= index.remove(PurgeHistory(.everything, namespace: nil)).freedMemory
        #expect(counted == 0)
        #expect(index.count == 0)
        #expect(index.residents == 0)
        #expect(index.residentBytes == 0)
    }

    @Test func `an older response does not come back from disk over a newer one, or after a removal`() {
        var old: [Slot] = []
        for number in 0..<4 {
            var slot = Slot()
            slot.key = key("/\(number)").bytes
            slot.namespaceLength = 5
            slot.hash = key("/\(number)").hash
            slot.serial = UInt64(100 + number)
            slot.place = DiskPlace(segment: 1, offset: UInt32(number), length: 1)
            old.append(slot)
        }
        var index = ShardIndex(remembersChanges: true)
        _ = index.put(entry(1), tags: [], isPending: false, most: 1)
        _ = index.remove(key("/2"))
        let refused = index.adopt(old, most: 1)
        #expect(refused.map(\.serial) == [101, 102])
        #expect(index.absent(key("/0")).map(\.serial) == [100])
        let (newer, removed) = (index.use(key("/1")), index.use(key("/2")))
        #expect(newer.entries.map(\.serial) == [2])
        #expect(removed.isMiss)
    }

    @Test(arguments: [1, 2, 3]) func `a table of slots finds what a dictionary finds`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var table = SlotTable()
        var model: [Int32: UInt64] = [:]
        for _ in 0..<20_000 {
            let slot = Int32.random(in: 0..<500, using: &random)
            if let hash = model[slot] {
                #expect(table.find(hash) { $0 == slot } == slot)
                if Bool.random(using: &random) {
                    table.remove(slot, hash)
                    model[slot] = nil
                }
            } else {
                // Few different hashes, so that they stand in each other's way.
                let hash = UInt64.random(in: 0..<64, using: &random) &* 0x1_0000_0003
                table.insert(slot, hash)
                model[slot] = hash
            }
        }
        #expect(table.count == model.count)
        for (slot, hash) in model { #expect(table.find(hash) { $0 == slot } == slot) }
    }
}

/// The same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
