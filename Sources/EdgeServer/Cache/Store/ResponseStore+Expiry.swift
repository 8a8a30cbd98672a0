import HTTPCaching

extension ResponseStore {
    /// Makes whatever a purge names stale: it stays, and its next use asks the origin whether it still holds. What is on its
    /// way from the origin and would match is not stored.
    ///
    /// When it returns nothing of it is found fresh any more, and neither a restart nor a crash brings it back.
    ///
    /// - Parameter namespace: `nil` for every cache there is.
    /// - Returns: how many entries there were.
    @discardableResult
    package func expire(_ what: Purge, in namespace: String?) async -> Int {
        await disk?.restored()
        let purge = PurgeHistory(what, namespace: namespace)
        let keys = await withCheckedContinuation { continuation in
            // To look at every key may take some milliseconds.
            StoreThreads.run { continuation.resume(returning: self.keys(purge)) }
        }
        var expired = 0
        for key in keys {
            let entries = await withCheckedContinuation { continuation in
                load(key) { continuation.resume(returning: $0) }
            }
            for entry in entries where purge.names(entry) {
                var head = entry.head
                head.expire()
                // One that has been replaced meanwhile is newer than this wish.
                if update(entry, head: head) != nil { expired += 1 }
            }
        }
        await flush()
        return expired
    }

    private func keys(_ purge: PurgeHistory) -> Set<StoreKey> {
        var keys: Set<StoreKey> = []
        for shard in shards {
            shard.index.withLock { index in
                for body in index.incoming.values { body.doom(purge) }
                keys.formUnion(index.keys(purge))
            }
        }
        return keys
    }
}

extension PurgeHistory {
    fileprivate func names(_ entry: Entry) -> Bool {
        last(entry.key.bytes, namespaceLength: entry.key.namespaceLength, tags: entry.tags.map(Tags.hash)) != nil
    }
}
