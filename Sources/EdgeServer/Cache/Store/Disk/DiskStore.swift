import Dispatch
import NIOCore
import Synchronization

/// The disk of a store: everything is written by one queue, one thing after the other, and read beside it.
///
/// The order in which things are queued is the order in which they are in the log, so whatever is removed in memory and
/// then queued as removed comes after all that it removes.
final class DiskStore: Sendable {
    private let folder: StoreFolder
    private let queue = DispatchQueue(label: "cache disk")
    let table: SegmentTable
    /// Only the queue takes this lock.
    private let log: Mutex<SegmentLog>
    private let health: DiskHealth
    private let pending: MemoryBudget
    private let writings = Mutex<[ObjectIdentifier: BodyWriting]>([:])
    private let damaged = Atomic<Int>(0)
    private let isRelieving = Atomic<Bool>(false)
    /// Nothing new is taken.
    private let isClosing = Atomic<Bool>(false)
    /// The folder may be somebody else's.
    private let isClosed = Atomic<Bool>(false)
    /// The log may have entries that the memory knows nothing of.
    private let isReading = Atomic<Bool>(true)
    let largestRecordBody: Int
    private let largestRecord: Int

    init(folder path: String, options: ResponseStore.Options) throws(StoreFailure) {
        folder = try StoreFolder(path: path)
        let log = SegmentLog(folder: folder, limit: options.diskBytes)
        table = log.table
        largestRecord = log.largestRecord
        largestRecordBody = min(options.largestInMemory, log.segmentSize / 2, options.memoryBytes / 16)
        self.log = Mutex(log)
        health = DiskHealth(onTrouble: options.onTrouble)
        pending = MemoryBudget(limit: options.memoryBytes / 8)
    }

    // MARK: Starting and ending

    func start(_ store: ResponseStore) {
        queue.async { [self] in
            var restoration = Restoration(folder: folder, store: store)
            do throws(StoreFailure) {
                try restoration.run()
                try log.withLock { log throws(StoreFailure) in
                    try log.adopt(restoration.segments, bodies: restoration.bodies)
                }
            } catch {
                // An empty cache is better than none. What lies there must not be found again by a later start.
                health.failed(error)
                restoration = Restoration(folder: folder, store: store)
                removeFiles()
            }
            damaged.add(restoration.damaged, ordering: .relaxed)
            if restoration.damaged > 0 { store.options.onTrouble(.damaged(records: restoration.damaged)) }
            adopt(restoration, for: store)
            log.withLock { log in
                log.trim()
                // The bound may have been larger the last time.
                do throws(StoreFailure) { try log.makeRoom(0, for: store) } catch { health.failed(error) }
            }
        }
    }

    private func adopt(_ restoration: Restoration, for store: ResponseStore) {
        let most = store.options.variantsPerKey
        for (shard, index) in zip(store.shards, restoration.indexes) {
            let slots = index.allSlots()
            let fitting = slots.prefix { store.take($0.memory) }.count
            let touched = shard.index.withLock { $0.adopt(Array(slots[..<fitting]), most: most) }
            for slot in touched { store.budget.give(slot.memory) }
            for slot in touched + slots[fitting...] {
                release(ShardIndex.Released(place: slot.place, file: slot.file))
                // What memory does not know it could not remove. Whatever is new for the key is written after this.
                let key = StoreKey(bytes: slot.key, namespaceLength: Int(slot.namespaceLength))
                note(StoredRecord.removal(key, variant: nil), for: store) { _ in }
            }
        }
        isReading.store(false, ordering: .relaxed)
    }

    private func removeFiles() {
        for name in (try? StoreFolder.names(in: folder.log)) ?? [] where Segment.number(name: name) != nil {
            try? StoreFolder.remove(folder.log + "/" + name)
        }
        for (number, _) in (try? folder.bodies()) ?? [] { try? StoreFolder.remove(folder.body(number)) }
    }

    /// Comes back when what was there at the start is known.
    func restored() async { await flush() }

    func flush() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    func close() async {
        isClosing.store(true, ordering: .relaxed)
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                log.withLock { try? $0.synchronise() }
                isClosed.store(true, ordering: .relaxed)
                folder.release()
                continuation.resume()
            }
        }
    }

    func path(ofBody number: UInt64) -> String { folder.body(number) }

    func noteDamage() { damaged.add(1, ordering: .relaxed) }

    func add(to statistics: inout StoreStatistics) {
        statistics.diskBytes = table.used.load(ordering: .relaxed)
        statistics.damaged = damaged.load(ordering: .relaxed)
    }

    // MARK: Writing entries

    /// Whether an entry will be written, with a place in the queue. The queue is bounded: what comes faster than the disk can
    /// write stays in memory alone.
    func reserve(_ entry: Entry) -> Bool {
        guard !isClosing.load(ordering: .relaxed), health.allows, DiskStore.size(entry) <= largestRecord else {
            return false
        }
        return pending.take(DiskStore.size(entry))
    }

    func unreserve(_ entry: Entry) { pending.give(DiskStore.size(entry)) }

    /// About what its record takes.
    private static func size(_ entry: Entry) -> Int {
        var size = RecordHeader.size + 64 + entry.key.bytes.count + entry.memory
        if case .memory(let bytes) = entry.body { size += bytes.readableBytes - bytes.storageCapacity }
        return size
    }

    func write(_ entry: Entry, for store: ResponseStore) {
        queue.async { [self] in
            defer { unreserve(entry) }
            let shard = store.shard(entry.key)
            guard !isClosed.load(ordering: .relaxed),
                shard.index.withLock({ $0.contains(entry.key, serial: entry.serial) })
            else { return }
            let record = StoredRecord.response(entry)
            var weight = 0
            if case .file(let file) = entry.body { weight = BodyFile.bytes(size: file.size) }
            do throws(StoreFailure) {
                let place = try log.withLock { log throws(StoreFailure) in
                    try log.append(record, weight: weight, for: store)
                }
                health.worked()
                if !shard.index.withLock({ $0.wrote(entry.key, serial: entry.serial, at: place) }) {
                    table.release(place)
                }
            } catch {
                health.failed(error)
                store.settle(shard.index.withLock { $0.didNotWrite(entry.key, serial: entry.serial) })
                // What it replaced must not come back in its place.
                note(StoredRecord.removal(entry.key, variant: entry.variant), for: store) { _ in }
            }
        }
    }

    /// An entry needs its place and file on disk no longer.
    func release(_ released: ShardIndex.Released) {
        table.release(released.place)
        guard released.file != 0 else { return }
        queue.async { [self] in
            if !isClosed.load(ordering: .relaxed) { log.withLock { $0.removeBody(released.file) } }
        }
    }

    /// The memory cannot hold all that the disk has.
    func relieveMemory(for store: ResponseStore) {
        guard !isRelieving.exchange(true, ordering: .relaxed) else { return }
        queue.async { [self] in
            log.withLock { log in
                do throws(StoreFailure) { try log.reclaimOldest(isLastChance: true, for: store) } catch {
                    health.failed(error)
                }
            }
            isRelieving.store(false, ordering: .relaxed)
        }
    }

    // MARK: Writing what is gone

    func forget(
        _ key: StoreKey, variant: [UInt8], for store: ResponseStore,
        _ done: @escaping @Sendable (StoreFailure?) -> Void = { _ in }
    ) {
        queue.async { [self] in note(StoredRecord.removal(key, variant: variant), for: store, done) }
    }

    /// - Parameter wasStored: whether there was anything in memory or on disk that is known.
    func forget(
        _ key: StoreKey, wasStored: Bool, for store: ResponseStore, _ done: @escaping @Sendable (StoreFailure?) -> Void
    ) {
        // Whoever sends unsafe requests to addresses that are not stored shall not fill the disk with that.
        guard wasStored || isReading.load(ordering: .relaxed) else { return done(nil) }
        queue.async { [self] in note(StoredRecord.removal(key, variant: nil), for: store, done) }
    }

    /// - Throws: if neither the purge could be written nor everything be removed.
    func note(_ purge: Purge, namespace: String?, for store: ResponseStore) async throws(StoreFailure) {
        let records = StoredRecord.purges(purge, namespace: namespace, most: min(largestRecord, 1 << 20))
        let failure = await withCheckedContinuation { (continuation: CheckedContinuation<StoreFailure?, Never>) in
            queue.async { [self] in
                let failure = Mutex<StoreFailure?>(nil)
                for record in records {
                    note(record, for: store) { if let error = $0 { failure.withLock { $0 = error } } }
                }
                do throws(StoreFailure) {
                    try log.withLock { log throws(StoreFailure) in
                        try log.synchronise()
                        log.trim()
                    }
                } catch {
                    health.failed(error)
                }
                continuation.resume(returning: failure.withLock { $0 })
            }
        }
        if let failure { throw failure }
    }

    /// On the queue. What cannot be noted as gone goes with everything else: to remove a file takes no room.
    private func note(_ record: ByteBuffer, for store: ResponseStore, _ done: (StoreFailure?) -> Void) {
        guard !isClosed.load(ordering: .relaxed) else { return done(.closed) }
        do throws(StoreFailure) {
            try log.withLock { log throws(StoreFailure) in try log.appendRemoval(record, for: store) }
            return done(nil)
        } catch {
            health.failed(error)
        }
        do throws(StoreFailure) {
            try log.withLock { log throws(StoreFailure) in try log.removeAll() }
            for shard in store.shards { store.settle(shard.index.withLock { $0.leaveDisk() }) }
            done(nil)
        } catch {
            done(error)
        }
    }

    // MARK: Bodies with a file of their own

    private struct BodyWriting {
        var number: UInt64
        var file: OpenFile
        var sums = BlockChecksums()
        var size = 0
    }

    /// There is something to write of a body, or its writer has given up.
    func schedule(_ body: IncomingBody, for store: ResponseStore) {
        queue.async { [self] in serve(body, for: store) }
    }

    private func serve(_ body: IncomingBody, for store: ResponseStore) {
        while body.failure == nil {
            guard let unwritten = body.unwritten() else { return }
            do throws(StoreFailure) {
                guard health.allows, !isClosed.load(ordering: .relaxed) else { throw .full }
                var writing = try begin(body)
                var count = 0
                for part in unwritten.parts {
                    try append(part, &writing, for: store)
                    writing.sums.add(part)
                    writing.size += part.readableBytes
                    count += part.readableBytes
                }
                if unwritten.isComplete {
                    let table = writing.sums.table()
                    try append(table, &writing, for: store)
                    store.budget.give(body.wrote(count, to: writing.file))
                    finish(body, writing, Checksum.of(table))
                    return
                }
                store.budget.give(body.wrote(count, to: writing.file))
                writings.withLock { $0[ObjectIdentifier(body)] = writing }
            } catch {
                if case .disk = error { health.failed(error) }
                store.fail(body, error)
            }
        }
        discard(body)
    }

    private func begin(_ body: IncomingBody) throws(StoreFailure) -> BodyWriting {
        if let writing = writings.withLock({ $0[ObjectIdentifier(body)] }) { return writing }
        let (number, file) = try log.withLock { log throws(StoreFailure) in try log.beginBody() }
        let writing = BodyWriting(number: number, file: file)
        // Also for a failure, so that the file is found and removed.
        writings.withLock { $0[ObjectIdentifier(body)] = writing }
        return writing
    }

    private func append(_ bytes: ByteBuffer, _ writing: inout BodyWriting, for store: ResponseStore)
        throws(StoreFailure)
    {
        let (file, number) = (writing.file, writing.number)
        try log.withLock { log throws(StoreFailure) in try log.appendBody(bytes, to: file, number, for: store) }
    }

    private func finish(_ body: IncomingBody, _ writing: BodyWriting, _ checksum: UInt32) {
        writings.withLock { $0[ObjectIdentifier(body)] = nil }
        body.finished(
            BodyFile(
                path: folder.body(writing.number), number: writing.number, size: writing.size, checksum: checksum))
    }

    private func discard(_ body: IncomingBody) {
        let writing = writings.withLock { $0.removeValue(forKey: ObjectIdentifier(body)) }
        if let writing { log.withLock { $0.removeBody(writing.number) } }
        body.finished(nil)
    }
}
