import HTTPCaching
import NIOCore
import Synchronization

/// Stored responses, in memory and, with a folder, on disk: bounded in both, and found by key without waiting for anybody.
///
/// It knows nothing of freshness. What may be stored, what a stored response may be used for and what has to happen after
/// it was replaced is decided by its caller.
///
/// What is in memory is found at once (`variants`); what is only on disk is announced there and brought by `load`. The
/// entries lie in shards, each with a lock that is held for a search in a table and never for a system call.
public final class ResponseStore: Sendable {
    package let options: Options
    let now: @Sendable () -> Double
    let budget: MemoryBudget
    let shards: [Shard]
    let disk: DiskStore?
    /// The largest body that is collected in memory.
    private let largestInMemory: Int
    private let lastSerial = Atomic<UInt64>(0)
    private let nextVictim = Atomic<Int>(0)

    final class Shard: Sendable {
        let index: Mutex<ShardIndex>

        init(hasDisk: Bool) { index = Mutex(ShardIndex(remembersChanges: hasDisk)) }
    }

    /// - Parameter now: seconds since 1970, for `Entry.storedAt`.
    /// - Throws: a `StoreFailure` if the folder cannot be used; `inUse` names the process that has it.
    package init(options: Options, now: @escaping @Sendable () -> Double) throws {
        precondition(options.shards > 0 && options.shards & (options.shards - 1) == 0, "a power of two")
        self.options = options
        self.now = now
        // What waits to be written may no longer be in a shard: an eighth is for that.
        let waiting = options.folder == nil ? 0 : options.memoryBytes / 8
        budget = MemoryBudget(limit: options.memoryBytes - waiting)
        shards = (0..<options.shards).map { _ in Shard(hasDisk: options.folder != nil) }
        disk = try options.folder.map { folder throws(StoreFailure) in try DiskStore(folder: folder, options: options) }
        let share = options.memoryBytes / 4
        largestInMemory = disk.map { min($0.largestRecordBody, share) } ?? min(options.largestObject, share)
        if let disk {
            disk.start(self)
        } else {
            for shard in shards { shard.index.withLock { _ = $0.adopt([], most: 1) } }
        }
    }

    func shard(_ key: StoreKey) -> Shard { shards[shardNumber(key)] }

    func shardNumber(_ key: StoreKey) -> Int { Int(truncatingIfNeeded: key.hash >> 40) & (shards.count - 1) }

    func nextSerial() -> UInt64 { lastSerial.wrappingAdd(1, ordering: .relaxed).newValue }

    // MARK: Reading

    /// What a key has. Any thread; counts as a use of what is found.
    package func variants(_ key: StoreKey) -> Variants { shard(key).index.withLock { $0.use(key) } }

    /// The entries of a key, with those that are only on disk.
    ///
    /// - Parameter done: called before this returns if all are in memory, otherwise on another thread. What turns out
    ///   damaged is not among them, and no longer in the store.
    package func load(_ key: StoreKey, _ done: @escaping @Sendable ([Entry]) -> Void) {
        guard let disk else { return done(variants(key).entries) }
        disk.load(key, for: self, done)
    }

    /// As `load`; called on the event loop.
    package func load(_ key: StoreKey, on loop: any EventLoop, _ done: @escaping ([Entry]) -> Void) {
        let done = NIOLoopBound(done, eventLoop: loop)
        load(key) { entries in
            if loop.inEventLoop { done.value(entries) } else { loop.execute { done.value(entries) } }
        }
    }

    // MARK: Writing

    /// Begins to take in a response.
    ///
    /// - Parameters:
    ///   - expectedSize: bytes of the body, if they are known. A body that is too large is then refused before it begins.
    ///   - onRoom: called on another thread when the disk can take more after `EntryWriter.write` said false, and when the
    ///     writing failed.
    package func begin(
        _ key: StoreKey, expectedSize: Int? = nil, onRoom: @escaping @Sendable () -> Void = {}
    ) -> EntryWriter {
        let body = IncomingBody(key: key, onRoom: onRoom)
        shard(key).index.withLock { $0.incoming[ObjectIdentifier(body)] = body }
        if let expectedSize { expect(expectedSize, of: body) }
        return EntryWriter(store: self, body: body)
    }

    func expect(_ size: Int, of body: IncomingBody) {
        if size > (disk == nil ? largestInMemory : options.largestObject) {
            body.fail(.tooLarge)
        } else if size > largestInMemory {
            moveToFile(body)
        }
    }

    func append(_ bytes: ByteBuffer, to body: IncomingBody) -> Bool {
        let count = bytes.readableBytes
        if count == 0 || body.failure != nil { return true }
        guard take(count) else {
            fail(body, .full)
            return true
        }
        guard let appended = body.append(bytes) else {
            budget.give(count)
            return true
        }
        if appended.mustSchedule { disk?.schedule(body, for: self) }
        if appended.size > options.largestObject {
            fail(body, .tooLarge)
        } else if appended.size > largestInMemory, !body.isFile {
            moveToFile(body)
        }
        return appended.hasRoom
    }

    private func moveToFile(_ body: IncomingBody) {
        guard let disk else { return fail(body, .tooLarge) }
        if body.moveToFile() { disk.schedule(body, for: self) }
    }

    func fail(_ body: IncomingBody, _ failure: StoreFailure) {
        body.fail(failure)
        budget.give(body.giveMemory())
    }

    func abort(_ body: IncomingBody) {
        end(body)
        fail(body, .aborted)
        // A file may have been begun.
        if body.isFile { disk?.schedule(body, for: self) }
    }

    /// No purge needs to know of it any more.
    private func end(_ body: IncomingBody) {
        shard(body.key).index.withLock { $0.incoming[ObjectIdentifier(body)] = nil }
    }

    func commit(
        _ body: IncomingBody, head: CachedResponse, tags: [String], _ done: @escaping @Sendable (Entry?) -> Void
    ) {
        if body.isFile {
            body.onFinished { [self] file in
                if let file { return done(add(body, head: head, tags: tags, .file(file), size: file.size)) }
                refuse(body, head)
                done(nil)
            }
        }
        switch body.complete() {
        case .failed where body.isFile: disk?.schedule(body, for: self)
        case .failed:
            refuse(body, head)
            done(nil)
        case .memory(let bytes):
            budget.give(body.giveMemory())
            done(add(body, head: head, tags: tags, .memory(bytes), size: bytes.readableBytes))
        case .file(let mustSchedule): if mustSchedule { disk?.schedule(body, for: self) }
        }
    }

    /// A response that cannot be stored still is newer than one that was.
    private func refuse(_ body: IncomingBody, _ head: CachedResponse) {
        end(body)
        forget(body.key, variant: head.variantBytes)
    }

    private func add(_ body: IncomingBody, head: CachedResponse, tags: [String], _ content: Entry.Body, size: Int)
        -> Entry?
    {
        let entry = Entry(
            key: body.key, head: head, response: options.serialise(body.key, head, size), body: content, size: size,
            tags: Tags.normalised(tags), storedAt: now(), serial: nextSerial())
        let added = insert(entry) { index, tags in
            index.incoming[ObjectIdentifier(body)] = nil
            return !body.isDoomed(tags: tags)
        }
        if !added, case .file(let file) = content {
            disk?.release(ShardIndex.Released(place: .none, file: file.number))
        }
        return added ? entry : nil
    }

    /// A response was validated (RFC 9111 §4.3.4): the same body gets a new head.
    ///
    /// - Returns: the new entry; `nil` if the old one has been removed or replaced meanwhile.
    @discardableResult
    package func update(_ entry: Entry, head: CachedResponse, tags: [String]? = nil) -> Entry? {
        let new = Entry(
            key: entry.key, head: head, response: options.serialise(entry.key, head, entry.size), body: entry.body,
            size: entry.size, tags: tags.map(Tags.normalised) ?? entry.tags, storedAt: now(), serial: nextSerial())
        let added = insert(new) { index, _ in index.contains(entry.key, serial: entry.serial) }
        // The new head may belong to another variant; the old entry goes in any case.
        if added, new.variant != entry.variant {
            forget(entry.key, variant: entry.variant)
        }
        return added ? new : nil
    }

    /// Makes an entry visible.
    ///
    /// - Parameter allows: asked under the lock, last of all.
    private func insert(_ entry: Entry, _ allows: (inout ShardIndex, [UInt32]) -> Bool) -> Bool {
        let tags = entry.tags.map(Tags.hash)
        let needed = entry.memory + Slot.memory(key: entry.key.bytes.count, tags: tags.count)
        let variant = Slot.variantHash(entry.variant)
        // What the disk does not write must not be left with an older response in its place.
        let isPending = disk?.reserve(entry) ?? false
        let hasMemory = (isPending || disk == nil || !isFile(entry)) && take(needed)
        let most = max(1, options.variantsPerKey)
        let (added, wasOnDisk, change) = shard(entry.key).index.withLock {
            index -> (Bool, Bool, ShardIndex.Change) in
            guard allows(&index, tags) else { return (false, false, ShardIndex.Change()) }
            let wasOnDisk = index.mayBeOnDisk(entry.key, variant: variant)
            guard hasMemory else { return (false, wasOnDisk, index.remove(entry.key, variant: variant)) }
            return (true, wasOnDisk, index.put(entry, tags: tags, isPending: isPending, most: most))
        }
        settle(change)
        if hasMemory, !added { budget.give(needed) }
        if isPending { if added { disk?.write(entry, for: self) } else { disk?.unreserve(entry) } }
        if wasOnDisk, !(added && isPending) { disk?.forget(entry.key, variant: entry.variant, for: self) }
        return added
    }

    private func isFile(_ entry: Entry) -> Bool { if case .file = entry.body { true } else { false } }

    // MARK: Memory

    /// Takes memory, for which others may have to go.
    func take(_ count: Int) -> Bool {
        if budget.take(count) { return true }
        guard count <= budget.limit else { return false }
        var fruitless = 0
        while fruitless < shards.count {
            let victim = nextVictim.wrappingAdd(1, ordering: .relaxed).newValue & (shards.count - 1)
            if let change = shards[victim].index.withLock({ $0.evict() }) {
                fruitless = 0
                settle(change)
                if budget.take(count) { return true }
            } else {
                fruitless += 1
            }
        }
        disk?.relieveMemory(for: self)
        return false
    }

    /// Does what a change left to do.
    func settle(_ change: ShardIndex.Change) {
        budget.give(change.freedMemory)
        if let disk { for released in change.released { disk.release(released) } }
    }

    package var statistics: StoreStatistics {
        var statistics = StoreStatistics()
        for shard in shards {
            let (count, residents) = shard.index.withLock { ($0.count, $0.residents) }
            statistics.entries += count
            statistics.entriesInMemory += residents
        }
        statistics.memoryBytes = budget.used
        if let disk { disk.add(to: &statistics) }
        return statistics
    }
}
