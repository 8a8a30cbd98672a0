import HTTPCaching
import NIOCore
import Synchronization

extension DiskStore {
    private enum Start {
        case found([Entry])
        /// Somebody else reads it already.
        case joined
        case read([ShardIndex.Absent])
    }

    /// Brings the entries of a key into memory. Those who ask while it is read wait for the same reading.
    func load(_ key: StoreKey, for store: ResponseStore, _ done: @escaping @Sendable ([Entry]) -> Void) {
        let start = store.shard(key).index.withLock { index -> Start in
            let found = index.use(key)
            guard found.needsLoading else { return .found(found.entries) }
            if index.loads[key] != nil {
                index.loads[key]?.append(done)
                return .joined
            }
            index.loads[key] = [done]
            return .read(index.absent(key))
        }
        switch start {
        case .found(let entries): done(entries)
        case .joined: return
        case .read(let absent): StoreThreads.run { [self] in read(key, absent, for: store) }
        }
    }

    private func read(_ key: StoreKey, _ absent: [ShardIndex.Absent], for store: ResponseStore) {
        var loaded: [UInt64: Entry] = [:]
        for absent in absent {
            if let entry = read(key, absent, for: store) { loaded[entry.serial] = entry }
        }
        let (entries, waiting) = store.shard(key).index.withLock { index in
            (index.found(key, loaded: loaded), index.loads.removeValue(forKey: key) ?? [])
        }
        for done in waiting { done(entries) }
    }

    private func read(_ key: StoreKey, _ absent: ShardIndex.Absent, for store: ResponseStore) -> Entry? {
        var absent = absent
        let shard = store.shard(key)
        while true {
            do throws(StoreFailure) {
                let entry = try entry(key, absent, for: store)
                if store.take(entry.memory), !shard.index.withLock({ $0.keep(entry) }) {
                    store.budget.give(entry.memory)
                }
                return entry
            } catch {
                let now = shard.index.withLock { $0.absent(key).first { $0.serial == absent.serial } }
                // Gone, or read by somebody else.
                guard let now else { return nil }
                if now.place == absent.place {
                    noteDamage()
                    store.settle(shard.index.withLock { $0.remove(key, serial: absent.serial) })
                    return nil
                }
                // Its segment was given up, and it has a new place.
                absent = now
            }
        }
    }

    private func entry(
        _ key: StoreKey, _ absent: ShardIndex.Absent, for store: ResponseStore
    ) throws(StoreFailure) -> Entry {
        guard let segment = table[absent.place.segment] else { throw .damaged }
        let record = try segment.file.read(at: Int(absent.place.offset), count: Int(absent.place.length))
        guard let (header, description, body) = StoredRecord.readResponse(record), description.key == key else {
            throw .damaged
        }
        var bytes = description.head
        guard let head = CachedResponse(decoding: &bytes, policy: store.options.policy(key.namespace)),
            head.variantBytes == description.variant
        else { throw .damaged }
        return Entry(
            key: key, head: head, response: store.options.serialise(key, head, header.body),
            body: body.map { .memory($0) }
                ?? .file(
                    BodyFile(
                        path: path(ofBody: header.file), number: header.file, size: header.body,
                        checksum: header.bodyChecksum)),
            size: header.body, tags: description.tags, storedAt: description.storedAt, serial: absent.serial)
    }
}
