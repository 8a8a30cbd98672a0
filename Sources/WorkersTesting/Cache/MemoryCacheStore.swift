import Synchronization
import Workers

/// Stored responses in memory, bounded by their bytes; what has not been used for longest goes first.
package final class MemoryCacheStore: CacheStore {
    private struct Entry {
        var head: StoredHead
        var bytes: [UInt8]
    }

    private struct State {
        var entries: [CacheKey: Entry] = [:]
        var order = LeastRecentlyUsed<CacheKey>()
        var size = 0

        mutating func remove(_ key: CacheKey) -> Entry? {
            guard let entry = entries.removeValue(forKey: key) else { return nil }
            order.remove(key)
            size -= MemoryCacheStore.cost(key, entry)
            return entry
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    /// - Parameter limit: bytes of all entries together, and of each.
    package init(limit: Int) { self.limit = limit }

    package func find(_ key: CacheKey, now: Double) async throws -> StoredResponse? {
        state.withLock { state in
            guard let entry = state.entries[key] else { return nil }
            guard now < entry.head.expires else {
                _ = state.remove(key)
                return nil
            }
            state.order.use(key)
            return StoredResponse(head: entry.head, content: .bytes(entry.bytes))
        }
    }

    package func put(_ key: CacheKey, head: StoredHead, body: BodyStream, now: Double) async throws {
        var bytes: [UInt8] = []
        var isTooLong = false
        while let chunk = try await body.next() {
            isTooLong = isTooLong || bytes.count + chunk.count > limit
            if isTooLong { bytes = [] } else { bytes += chunk }
        }
        let entry = Entry(head: head, bytes: bytes)
        let cost = MemoryCacheStore.cost(key, entry)
        guard !isTooLong, cost <= limit else { return }
        state.withLock { state in
            _ = state.remove(key)
            state.entries[key] = entry
            state.order.use(key)
            state.size += cost
            while state.size > limit, let oldest = state.order.popOldest() { _ = state.remove(oldest) }
        }
    }

    package func remove(_ key: CacheKey, now: Double) async throws -> Bool {
        state.withLock { state in
            guard let entry = state.remove(key) else { return false }
            return now < entry.head.expires
        }
    }

    package func removeAll(now: Double) async throws -> Int {
        state.withLock { state in
            let count = state.entries.values.count { now < $0.head.expires }
            state = State()
            return count
        }
    }

    /// Content, and an estimate of what surrounds it.
    private static func cost(_ key: CacheKey, _ entry: Entry) -> Int {
        let fields = entry.head.headers.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
        return entry.bytes.count + key.text.utf8.count + fields
    }
}
