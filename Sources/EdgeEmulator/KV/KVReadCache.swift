import Workers

/// Entries and absences in memory, bounded by bytes: what a read may be answered from without asking SQLite.
///
/// It never holds what was not committed. A commit replaces what is here; a read that was under way meanwhile is not let in,
/// since it may have seen the state before: `begin` gives it a ticket, which the commit makes void.
///
/// When room is needed, a hand goes round and takes the first entry that nobody has read since it came by before.
struct KVReadCache {
    struct Key: Hashable {
        var namespace: Int
        var key: KVKey
    }

    private struct Slot {
        var key: Key
        /// `nil`: there is no such key.
        var record: KVRecord?
        var cost: Int
        var wasRead: Bool
    }

    /// What an entry takes beside its bytes, about.
    static let overhead = 160

    let capacity: Int
    private(set) var size = 0
    private var places: [Key: Int] = [:]
    private var slots: [Slot?] = []
    private var free: [Int] = []
    private var hand = 0
    private var tickets: [Key: Int] = [:]
    private var lastTicket = 0

    /// - Parameter capacity: in bytes; 0 keeps nothing.
    init(capacity: Int) { self.capacity = capacity }

    mutating func look(_ key: Key) -> KVHeld {
        guard let place = places[key] else { return .unknown }
        slots[place]?.wasRead = true
        return slots[place]?.record.map(KVHeld.entry) ?? .nothing
    }

    /// A read of this key begins.
    mutating func begin(_ key: Key) -> Int {
        lastTicket += 1
        tickets[key] = lastTicket
        return lastTicket
    }

    /// A read has ended with what the store held when it began or later.
    mutating func end(_ key: Key, ticket: Int, _ record: KVRecord?) {
        guard tickets[key] == ticket else { return }
        tickets[key] = nil
        keep(key, record)
    }

    /// A read has failed.
    mutating func abandon(_ key: Key, ticket: Int) {
        if tickets[key] == ticket { tickets[key] = nil }
    }

    /// A write of this key is committed.
    mutating func commit(_ key: Key, _ record: KVRecord?) {
        tickets[key] = nil
        keep(key, record)
    }

    /// Everything may have changed.
    mutating func removeAll() {
        (places, slots, free, tickets) = ([:], [], [], [:])
        (size, hand) = (0, 0)
    }

    private mutating func keep(_ key: Key, _ record: KVRecord?) {
        drop(key)
        let cost =
            Self.overhead + key.key.text.utf8.count + (record?.value.count ?? 0)
            + (record?.metadata?.utf8.count ?? 0)
        // One large value must not push out everything else.
        guard cost <= capacity / 8 else { return }
        while size + cost > capacity { evict() }
        let slot = Slot(key: key, record: record, cost: cost, wasRead: false)
        if let place = free.popLast() {
            slots[place] = slot
            places[key] = place
        } else {
            places[key] = slots.count
            slots.append(slot)
        }
        size += cost
    }

    private mutating func evict() {
        while true {
            hand = hand + 1 < slots.count ? hand + 1 : 0
            guard let slot = slots[hand] else { continue }
            if !slot.wasRead { return drop(slot.key) }
            slots[hand]?.wasRead = false
        }
    }

    private mutating func drop(_ key: Key) {
        guard let place = places.removeValue(forKey: key), let slot = slots[place] else { return }
        size -= slot.cost
        slots[place] = nil
        free.append(place)
    }
}
