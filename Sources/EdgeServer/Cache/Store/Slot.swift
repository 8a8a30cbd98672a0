/// Where a record lies on disk.
struct DiskPlace: Hashable, Sendable {
    /// Counted from 1; 0 is nowhere.
    var segment: UInt32
    var offset: UInt32
    var length: UInt32

    static let none = DiskPlace(segment: 0, offset: 0, length: 0)
    var isNone: Bool { segment == 0 }
    /// Records lie in the order in which they were written.
    var moment: UInt64 { UInt64(segment) << 32 | UInt64(offset) }
}

/// What a shard keeps of an entry for as long as there is one, in memory or only on disk: as little as finding and purging it
/// takes.
struct Slot {
    enum Queue: UInt8 { case none, small, main }

    var key: [UInt8] = []
    /// Hashes of the tags.
    var tags: [UInt32] = []
    /// While it is in memory.
    var entry: Entry?
    var hash: UInt64 = 0
    /// Hash of the variant among those of the key.
    var variant: UInt64 = 0
    var serial: UInt64 = 0
    /// The file that has the body, if that does not lie with the record; 0 if there is none.
    var file: UInt64 = 0
    var place = DiskPlace.none
    /// The next variant of the key, or the next free slot.
    var next: Int32 = -1
    var newer: Int32 = -1
    var older: Int32 = -1
    var namespaceLength: UInt16 = 0
    var queue = Queue.none
    /// Hits since it came into its queue, at most 3.
    var frequency: UInt8 = 0
    /// A hit since it was written: on disk it deserves a second turn.
    var isUsed = false
    /// The disk does not have it yet, so the memory may not let it go.
    var isPending = false

    /// What a slot counts for in memory: itself, its place in the table, and its arrays with their heads.
    static func memory(key: Int, tags: Int) -> Int {
        MemoryLayout<Slot>.stride + 16 + 48 + key + (tags == 0 ? 0 : 48 + tags * 4)
    }

    var memory: Int { Slot.memory(key: key.count, tags: tags.count) }

    static func variantHash(_ bytes: [UInt8]) -> UInt64 {
        if bytes.isEmpty { return 0 }
        var hasher = Hasher()
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
