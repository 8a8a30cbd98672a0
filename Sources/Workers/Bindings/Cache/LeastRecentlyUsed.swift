/// Keys in the order of their last use, for stores that drop the one that was not used for the longest time.
///
/// Uses are appended to a queue and outdated ones skipped when they come to its front, so that each call costs a constant
/// amount on average.
package struct LeastRecentlyUsed<Key: Hashable & Sendable>: Sendable {
    private var latest: [Key: Int] = [:]
    private var queue: [(key: Key, use: Int)] = []
    private var first = 0
    private var uses = 0

    package init() {}

    package mutating func use(_ key: Key) {
        uses += 1
        latest[key] = uses
        queue.append((key, uses))
        if queue.count - first > 2 * latest.count + 64 { compact() }
    }

    package mutating func remove(_ key: Key) { latest[key] = nil }

    package mutating func removeAll() { self = LeastRecentlyUsed() }

    /// Takes the key out that has gone unused for longest.
    package mutating func popOldest() -> Key? {
        while first < queue.count {
            let (key, use) = queue[first]
            first += 1
            if latest[key] == use {
                latest[key] = nil
                return key
            }
        }
        queue = []
        first = 0
        return nil
    }

    private mutating func compact() {
        queue = queue[first...].filter { latest[$0.key] == $0.use }
        first = 0
    }
}
