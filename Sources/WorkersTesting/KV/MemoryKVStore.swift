import Synchronization
import Workers

/// Entries in a dictionary, and their keys in order for listings.
package final class MemoryKVStore: KVStore {
    private struct State {
        var records: [KVKey: KVRecord] = [:]
        var order: [KVKey] = []

        /// The place of the first key that does not come before `bytes`.
        func place(of bytes: some Sequence<UInt8>) -> Int {
            var (low, high) = (0, order.count)
            while low < high {
                let middle = (low + high) / 2
                if order[middle].withBytes({ $0.lexicographicallyPrecedes(bytes) }) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }
    }

    private let state = Mutex(State())

    package init() {}

    package func held(_ key: KVKey) -> KVHeld {
        state.withLock { state in state.records[key].map(KVHeld.entry) ?? .nothing }
    }

    package func read(_ keys: [KVKey]) async throws -> [KVRecord?] {
        state.withLock { state in keys.map { state.records[$0] } }
    }

    package func write(_ key: KVKey, _ record: KVRecord) async throws {
        state.withLock { state in
            if state.records.updateValue(record, forKey: key) == nil {
                let place = key.withBytes { state.place(of: $0) }
                state.order.insert(key, at: place)
            }
        }
    }

    package func remove(_ key: KVKey) async throws {
        state.withLock { state in
            guard state.records.removeValue(forKey: key) != nil else { return }
            let place = key.withBytes { state.place(of: $0) }
            state.order.remove(at: place)
        }
    }

    package func scan(_ range: KVRange, limit: Int, now: Int) async throws -> [KVScanned] {
        state.withLock { state in
            var found: [KVScanned] = []
            for key in state.order[state.place(of: range.lower)...] {
                if found.count == limit || !key.withBytes({ $0.lexicographicallyPrecedes(range.upper) }) { break }
                guard let record = state.records[key], record.isLive(at: now) else { continue }
                found.append(KVScanned(key: key, metadata: record.metadata, expiration: record.expiration))
            }
            return found
        }
    }
}
