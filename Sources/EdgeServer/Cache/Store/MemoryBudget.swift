import Synchronization

/// Counts the bytes that a store holds in memory, for all its shards together: an object may be larger than the share of
/// one of them. Only writes count, so it is no hot spot for hits.
final class MemoryBudget: Sendable {
    let limit: Int
    private let bytes = Atomic<Int>(0)

    init(limit: Int) { self.limit = limit }

    var used: Int { bytes.load(ordering: .relaxed) }

    /// Takes bytes if there are so many; never more than the limit is taken.
    func take(_ count: Int) -> Bool {
        var current = used
        while current + count <= limit {
            let (exchanged, original) = bytes.weakCompareExchange(
                expected: current, desired: current + count, ordering: .relaxed)
            if exchanged { return true }
            current = original
        }
        return false
    }

    func give(_ count: Int) {
        if count != 0 { bytes.subtract(count, ordering: .relaxed) }
    }
}
