import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The files of a store: an append-only log of records, in segments, and a file for each large body.
///
/// Why a log and not a file for each entry: to write a small response is one call on a file that is open, a quarter of what
/// it costs to create, write and rename one; 100,000 entries are read back at the start from a few files in the order in which
/// they lie; and a purge of any size is one more record at the end, after which nothing before it that matches counts. A
/// crash leaves at most half a record at the end of the last segment, and checksums find what a disk has spoilt.
///
/// Room is made at the other end: the oldest segment goes, and of its entries those that were used since they were written
/// are written once more. That is a clock, so what is read once does not push out what is read often. Removals never outlive
/// what they remove, because segments go in the order in which they came.
///
/// Not for more than one thread at a time; its calls block.
struct SegmentLog: Sendable {
    let folder: StoreFolder
    let table: SegmentTable
    /// Bytes of all files together.
    let limit: Int
    let segmentSize: Int
    /// From the oldest to the newest.
    private(set) var segments: [Segment] = []
    private var current: Segment?
    private var currentSize = 0
    /// Bytes of the current segment, with those of the files that its records name.
    private var currentWeight = 0
    private var bodies: [UInt64: Int] = [:]

    init(folder: StoreFolder, limit: Int) {
        self.folder = folder
        self.limit = limit
        table = SegmentTable()
        segmentSize = SegmentLog.segmentSize(limit: limit)
    }

    /// Small enough that a sixteenth is kept free for what is written once more, and that few entries go at a time.
    static func segmentSize(limit: Int) -> Int { min(16 << 20, limit / 16) }

    /// The largest record that has a place.
    var largestRecord: Int { segmentSize - Segment.headerSize }

    private var used: Int { table.used.load(ordering: .relaxed) }
    private func use(_ bytes: Int) { table.used.add(bytes, ordering: .relaxed) }

    // MARK: What was there

    /// Takes over what a start found.
    mutating func adopt(_ segments: [Segment], bodies: [UInt64: Int]) throws(StoreFailure) {
        self.segments = segments
        self.bodies = bodies
        var bytes = bodies.values.reduce(0, +)
        for segment in segments {
            table.add(segment)
            bytes += try segment.file.size
        }
        use(bytes)
        // Processes that come and go shall not leave a segment each.
        if let last = segments.last, try last.file.size < segmentSize / 2 {
            current = last
            currentSize = try last.file.size
            currentWeight = currentSize
        }
    }

    // MARK: Writing

    /// Adds a record for an entry.
    ///
    /// - Parameter weight: bytes of its body's file.
    mutating func append(_ record: ByteBuffer, weight: Int, for store: ResponseStore) throws(StoreFailure) -> DiskPlace
    {
        try makeRoom(record.readableBytes, for: store)
        let place = try retrying(for: store) { log throws(StoreFailure) in try log.write(record) }
        currentWeight += weight
        current?.live.add(1, ordering: .relaxed)
        return place
    }

    /// Adds a record about what is gone.
    mutating func appendRemoval(_ record: ByteBuffer, for store: ResponseStore) throws(StoreFailure) {
        try makeRoom(record.readableBytes, for: store)
        _ = try retrying(for: store) { log throws(StoreFailure) in try log.write(record) }
        current?.hasRemovals.store(true, ordering: .relaxed)
    }

    /// A disk that is full before our own bound is reached has room again once the oldest has gone.
    private mutating func retrying<Value>(
        for store: ResponseStore, _ body: (inout SegmentLog) throws(StoreFailure) -> Value
    ) throws(StoreFailure) -> Value {
        do throws(StoreFailure) {
            return try body(&self)
        } catch {
            guard case .disk(_, let code) = error, code == ENOSPC || code == EDQUOT, segments.count > 1 else {
                throw error
            }
            try reclaimOldest(isLastChance: true, for: store)
            return try body(&self)
        }
    }

    private mutating func write(_ record: ByteBuffer) throws(StoreFailure) -> DiskPlace {
        let size = record.readableBytes
        guard size <= largestRecord else { throw .tooLarge }
        if currentSize + size > segmentSize || currentWeight >= max(segmentSize, limit / 32) { try seal() }
        let segment: Segment
        if let current { segment = current } else { segment = try begin() }
        let offset = currentSize
        do throws(StoreFailure) {
            try segment.file.write(record, at: offset)
        } catch {
            // Half a record is not found again, but a record behind it would not be either.
            if (try? segment.file.truncate(to: offset)) == nil { current = nil }
            throw error
        }
        currentSize += size
        currentWeight += size
        use(size)
        return DiskPlace(segment: segment.number, offset: UInt32(offset), length: UInt32(size))
    }

    private mutating func begin() throws(StoreFailure) -> Segment {
        let number = (segments.last?.number ?? 0) + 1
        let path = folder.segment(number)
        let file = try OpenFile(path: path, flags: O_RDWR | O_CREAT | O_EXCL)
        do throws(StoreFailure) {
            try file.write(Segment.header(number: number), at: 0)
        } catch {
            try? StoreFolder.remove(path)
            throw error
        }
        let segment = Segment(number: number, file: file)
        segments.append(segment)
        table.add(segment)
        use(Segment.headerSize)
        current = segment
        currentSize = Segment.headerSize
        currentWeight = currentSize
        return segment
    }

    /// Nothing more is written to the current segment. That it is whole is made sure now, so that damage found in it later
    /// is no trace of a power cut.
    private mutating func seal() throws(StoreFailure) {
        guard let sealed = current else { return }
        current = nil
        try sealed.file.synchronise()
        trim()
    }

    func synchronise() throws(StoreFailure) { try current?.file.synchronise() }

    // MARK: Making room

    /// Lets old entries go until so many bytes more may be written.
    mutating func makeRoom(_ count: Int, for store: ResponseStore) throws(StoreFailure) {
        // A segment's size stays free, for what is written once more before its old place is given up.
        let allowed = limit - segmentSize
        guard count <= allowed else { throw .full }
        var turns = 0
        let mostTurns = segments.count
        while used + count > allowed {
            guard !segments.isEmpty else { throw .full }
            // Once around, use no longer saves anybody.
            try reclaimOldest(isLastChance: turns >= mostTurns, for: store)
            turns += 1
        }
    }

    /// Gives up the oldest segment.
    mutating func reclaimOldest(isLastChance: Bool, for store: ResponseStore) throws(StoreFailure) {
        guard let segment = segments.first else { return }
        if segment === current { current = nil }
        var scanner = try RecordScanner(segment.file)
        var isEnded = segment.live.load(ordering: .relaxed) == 0
        while !isEnded {
            switch try scanner.next() {
            case .record(let header, let description, let offset):
                guard header.kind == .response, let record = RecordDescription(decoding: description) else { continue }
                let place = DiskPlace(
                    segment: segment.number, offset: UInt32(offset), length: UInt32(header.recordSize))
                try reclaim(record.key, at: place, header, isLastChance: isLastChance, for: store)
            case .damagedDescription: continue
            case .damaged, .torn, .end: isEnded = true
            }
        }
        remove(segment)
    }

    private mutating func reclaim(
        _ key: StoreKey, at place: DiskPlace, _ header: RecordHeader, isLastChance: Bool, for store: ResponseStore
    ) throws(StoreFailure) {
        let shard = store.shard(key)
        switch shard.index.withLock({ $0.reclaim(key, at: place, isLastChance: isLastChance) }) {
        case .dead: return
        case .evicted(let change):
            store.budget.give(change.freedMemory)
            for released in change.released { removeBody(released.file) }
        case .again(let serial):
            guard let segment = table[place.segment] else { return }
            let bytes = try segment.file.read(at: Int(place.offset), count: Int(place.length))
            let moved = try write(bytes)
            currentWeight += header.file == 0 ? 0 : header.body
            current?.live.add(1, ordering: .relaxed)
            if !shard.index.withLock({ $0.wrote(key, serial: serial, at: moved) }) { table.release(moved) }
        }
    }

    private mutating func remove(_ segment: Segment) {
        segments.removeAll { $0 === segment }
        table.remove(segment)
        use(-StoreFolder.size(segment.file.path))
        // A file that cannot be removed now is found at the next start.
        try? StoreFolder.remove(segment.file.path)
    }

    /// Removes segments that nobody needs. One that says what is gone has to stay for as long as an older one does.
    mutating func trim() {
        for segment in segments where segment !== current && segment.live.load(ordering: .relaxed) == 0 {
            if segment === segments.first || !segment.hasRemovals.load(ordering: .relaxed) { remove(segment) }
        }
    }

    /// Removes every file, the oldest first: what a disk cannot note as gone must be gone.
    mutating func removeAll() throws(StoreFailure) {
        current = nil
        for segment in segments {
            try StoreFolder.remove(segment.file.path)
            table.remove(segment)
        }
        for number in bodies.keys { try StoreFolder.remove(folder.body(number)) }
        segments = []
        bodies = [:]
        table.used.store(0, ordering: .relaxed)
    }

    // MARK: Files of bodies

    /// Begins the file of a body.
    mutating func beginBody() throws(StoreFailure) -> (number: UInt64, file: OpenFile) {
        let number = UInt64.random(in: 1...UInt64.max)
        try StoreFolder.create(folder.bodyFolder(number))
        let file = try OpenFile(path: folder.body(number), flags: O_RDWR | O_CREAT | O_EXCL)
        bodies[number] = 0
        return (number, file)
    }

    mutating func appendBody(
        _ bytes: ByteBuffer, to file: OpenFile, _ number: UInt64, for store: ResponseStore
    ) throws(StoreFailure) {
        try makeRoom(bytes.readableBytes, for: store)
        let offset = bodies[number] ?? 0
        try retrying(for: store) { _ throws(StoreFailure) in try file.write(bytes, at: offset) }
        bodies[number] = offset + bytes.readableBytes
        use(bytes.readableBytes)
    }

    mutating func removeBody(_ number: UInt64) {
        guard let bytes = bodies.removeValue(forKey: number) else { return }
        use(-bytes)
        try? StoreFolder.remove(folder.body(number))
    }
}
