import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Reads the log back at the start: what was stored last for each variant, and was not removed or purged after.
///
/// Nothing of it is seen by anybody before all of it is read, or what a later record removes would appear for a moment.
struct Restoration {
    private(set) var segments: [Segment] = []
    /// As those of the store; entries without heads and bodies.
    private(set) var indexes: [ShardIndex]
    /// Files that entries name, with the bytes that they must have.
    private(set) var bodies: [UInt64: Int] = [:]
    /// Records that are not what was written.
    private(set) var damaged = 0

    /// No segment of ours is longer.
    private static let longestSegment = 1 << 30
    private let folder: StoreFolder
    private let store: ResponseStore
    private let most: Int
    private var purges = PurgeHistory()

    init(folder: StoreFolder, store: ResponseStore) {
        self.folder = folder
        self.store = store
        most = store.options.variantsPerKey
        indexes = store.shards.map { _ in ShardIndex(remembersChanges: false) }
    }

    mutating func run() throws(StoreFailure) {
        let numbers = try StoreFolder.names(in: folder.log).compactMap(Segment.number(name:))
        for number in numbers { try read(number) }
        if !purges.isEmpty {
            for index in indexes.indices { _ = indexes[index].remove(purges) }
        }
        try readBodies()
        countEntries()
    }

    // MARK: The log

    private mutating func read(_ number: UInt32) throws(StoreFailure) {
        let file = try OpenFile(path: folder.segment(number), flags: O_RDWR)
        let segment = Segment(number: number, file: file)
        segments.append(segment)
        if try file.read(at: 0, count: Segment.headerSize) != Segment.header(number: number) {
            // Shorter than its first line it has never held anything.
            if try file.size < Segment.headerSize {
                removeLast(segment)
            } else {
                damaged += 1
                distrust()
            }
            return
        }
        guard try file.size <= Restoration.longestSegment else {
            damaged += 1
            distrust()
            return
        }
        var scanner = try RecordScanner(file)
        while true {
            switch try scanner.next() {
            case .end: return
            case .torn:
                // Whoever wrote this was killed before anybody was told that it is there.
                try file.truncate(to: scanner.offset)
                return
            case .damaged:
                damaged += 1
                distrust()
                return
            case .damagedDescription(let header):
                damaged += 1
                // It may have been a purge of anything.
                if header.kind != .response { distrust() }
            case .record(let header, let description, let offset):
                let place = DiskPlace(segment: number, offset: UInt32(offset), length: UInt32(header.recordSize))
                if !apply(header, description, at: place) {
                    damaged += 1
                    distrust()
                }
                if header.kind != .response { segment.hasRemovals.store(true, ordering: .relaxed) }
            }
        }
    }

    private mutating func removeLast(_ segment: Segment) {
        segments.removeLast()
        try? StoreFolder.remove(segment.file.path)
    }

    /// What says that something is gone may have been lost: nothing that was stored before can be relied on.
    private mutating func distrust() {
        indexes = indexes.map { _ in ShardIndex(remembersChanges: false) }
        purges = PurgeHistory()
    }

    private mutating func apply(_ header: RecordHeader, _ description: ByteBuffer, at place: DiskPlace) -> Bool {
        switch header.kind {
        case .purge:
            guard let (purge, namespace) = StoredRecord.readPurge(description) else { return false }
            purges.add(purge, namespace: namespace, at: place.moment)
        case .removal:
            guard let (key, variant) = StoredRecord.readRemoval(description) else { return false }
            let index = shard(key)
            if let variant {
                _ = indexes[index].remove(key, variant: Slot.variantHash(variant))
            } else {
                _ = indexes[index].remove(key)
            }
        case .response:
            guard let record = RecordDescription(decoding: description) else { return false }
            var slot = Slot()
            slot.key = record.key.bytes
            slot.namespaceLength = UInt16(record.key.namespaceLength)
            slot.hash = record.key.hash
            slot.tags = record.tags.map(Tags.hash)
            slot.variant = Slot.variantHash(record.variant)
            slot.serial = store.nextSerial()
            slot.file = header.file
            slot.place = place
            if header.file != 0 { bodies[header.file] = BodyFile.bytes(size: header.body) }
            _ = indexes[shard(record.key)].put(slot, key: record.key, most: most)
        }
        return true
    }

    private func shard(_ key: StoreKey) -> Int { store.shardNumber(key) }

    // MARK: What else is there

    /// Removes files of bodies that no entry names, and entries whose file is not there.
    private mutating func readBodies() throws(StoreFailure) {
        var needed: Set<UInt64> = []
        for index in indexes { for slot in index.allSlots() where slot.file != 0 { needed.insert(slot.file) } }
        var found: [UInt64: Int] = [:]
        for (number, bytes) in try folder.bodies() {
            if needed.contains(number), bodies[number] == bytes {
                found[number] = bytes
            } else {
                if needed.contains(number) { damaged += 1 }
                try? StoreFolder.remove(folder.body(number))
            }
        }
        bodies = found
        for number in indexes.indices where !needed.isEmpty {
            for slot in indexes[number].allSlots() where slot.file != 0 && found[slot.file] == nil {
                let key = StoreKey(bytes: slot.key, namespaceLength: Int(slot.namespaceLength))
                _ = indexes[number].remove(key, serial: slot.serial)
            }
        }
    }

    private func countEntries() {
        var live: [UInt32: Int] = [:]
        for index in indexes { for slot in index.allSlots() { live[slot.place.segment, default: 0] += 1 } }
        for segment in segments { segment.live.store(live[segment.number] ?? 0, ordering: .relaxed) }
    }
}
