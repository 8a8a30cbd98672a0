extension ResponseStore {
    /// Removes every variant of a key, such as after an unsafe request (RFC 9111 §4.4). They are gone at once; a response
    /// that is just coming in for the key is not stored either.
    ///
    /// - Parameter done: called once no restart can bring them back, with an error if the disk does not let it be so.
    /// - Returns: how many there were.
    @discardableResult
    package func invalidate(
        _ key: StoreKey, _ done: @escaping @Sendable (StoreFailure?) -> Void = { _ in }
    ) -> Int {
        let change = shard(key).index.withLock { index in
            for body in index.incoming.values where body.key == key { body.doom() }
            return index.remove(key)
        }
        settle(change)
        guard let disk else {
            done(nil)
            return change.removed
        }
        disk.forget(key, wasStored: change.removed > 0, for: self, done)
        return change.removed
    }

    /// Removes one entry, unless it has been replaced already.
    package func remove(_ entry: Entry, _ done: @escaping @Sendable (StoreFailure?) -> Void = { _ in }) {
        let change = shard(entry.key).index.withLock { $0.remove(entry.key, serial: entry.serial) }
        settle(change)
        guard let disk, change.removed > 0 else { return done(nil) }
        disk.forget(entry.key, variant: entry.variant, for: self, done)
    }

    /// Removes a variant that something newer has taken the place of.
    func forget(_ key: StoreKey, variant: [UInt8]) {
        let hash = Slot.variantHash(variant)
        let (wasOnDisk, change) = shard(key).index.withLock { index in
            (index.mayBeOnDisk(key, variant: hash), index.remove(key, variant: hash))
        }
        settle(change)
        if wasOnDisk { disk?.forget(key, variant: variant, for: self) }
    }

    /// Removes whatever a purge names, and what is on its way from the origin and would match.
    ///
    /// When it returns nothing of it is found any more, and neither a restart nor a crash brings it back.
    ///
    /// - Parameter namespace: `nil` for every cache there is.
    /// - Returns: how many entries there were.
    /// - Throws: a `StoreFailure` if the disk could be made neither to note the purge nor to forget everything. Until the
    ///   process ends it holds all the same.
    @discardableResult
    package func purge(_ what: Purge, in namespace: String?) async throws -> Int {
        // What a restart brings back comes first, or it would come after the purge.
        await disk?.restored()
        let purge = PurgeHistory(what, namespace: namespace)
        let removed = await withCheckedContinuation { continuation in
            // To look at every key may take some milliseconds.
            StoreThreads.run { continuation.resume(returning: self.removeAll(purge)) }
        }
        try await disk?.note(what, namespace: namespace, for: self)
        return removed
    }

    private func removeAll(_ purge: PurgeHistory) -> Int {
        var removed = 0
        for shard in shards {
            let change = shard.index.withLock { index in
                for body in index.incoming.values { body.doom(purge) }
                return index.remove(purge)
            }
            settle(change)
            removed += change.removed
        }
        return removed
    }

    /// Comes back when everything that was stored or removed before is with the operating system, so that it outlives the
    /// process.
    package func flush() async { await disk?.flush() }

    /// Flushes, and lets another process have the folder. What is in memory can still be read.
    package func close() async { await disk?.close() }
}
