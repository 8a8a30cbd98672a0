/// The entries of one shard: where they are, which of them are in memory, and who leaves it first.
///
/// Who leaves is decided as in S3-FIFO: what is new waits in a small queue, and only what is asked for again while it is
/// there, or soon after it left, comes into the main one. A crawler that reads everything once runs through the small queue
/// and throws out nothing else. A hit moves nothing; it raises a number.
struct ShardIndex: Sendable {
    private var slots: [Slot] = []
    private var free: Int32 = -1
    private var table = SlotTable()
    private var small = MemoryQueue()
    private var main = MemoryQueue()
    private var ghosts = GhostList()
    /// Until the disk is read: what has changed since the start, so that nothing older comes back.
    private var touched: Touched?
    /// Bodies that are on their way to a key of this shard.
    var incoming: [ObjectIdentifier: IncomingBody] = [:]
    /// Who waits for the disk, by the key that is read.
    var loads: [StoreKey: [@Sendable ([Entry]) -> Void]] = [:]

    private(set) var count = 0
    /// Entries in memory and their bytes.
    private(set) var residents = 0
    var residentBytes: Int { small.bytes + main.bytes }

    /// What a change has left to do for others, outside the lock.
    struct Change: Sendable {
        /// For the budget.
        var freedMemory = 0
        var removed = 0
        /// No longer needed on disk.
        var released: [Released] = []
        /// Goes with this value, so that no body is freed under the lock.
        var dropped: [Entry] = []

        mutating func add(_ other: Change) {
            freedMemory += other.freedMemory
            removed += other.removed
            released += other.released
            dropped += other.dropped
        }
    }

    struct Released: Sendable {
        var place: DiskPlace
        var file: UInt64
    }

    /// What is needed to read an entry back from disk.
    struct Absent: Sendable {
        var serial: UInt64
        var place: DiskPlace
    }

    /// - Parameter remembersChanges: until `adopt`.
    init(remembersChanges: Bool) { touched = remembersChanges ? .keys([]) : nil }

    private enum Touched: Sendable {
        case keys(Set<UInt64>)
        /// Too many to remember.
        case all

        mutating func add(_ hash: UInt64) {
            guard case .keys(var keys) = self else { return }
            // Moved out and back, so that the set is not copied.
            self = .all
            guard keys.count < 4096 else { return }
            keys.insert(hash)
            self = .keys(keys)
        }

        func contains(_ hash: UInt64) -> Bool {
            if case .keys(let keys) = self { keys.contains(hash) } else { true }
        }
    }

    // MARK: Finding

    private func find(_ key: StoreKey) -> Int32? {
        table.find(key.hash) { slot in
            let slot = slots[Int(slot)]
            return Int(slot.namespaceLength) == key.namespaceLength && slot.key == key.bytes
        }
    }

    private func find(_ key: StoreKey, serial: UInt64) -> Int32? {
        var index = find(key)
        while let slot = index, slots[Int(slot)].serial != serial { index = after(slot) }
        return index
    }

    private func after(_ slot: Int32) -> Int32? {
        let next = slots[Int(slot)].next
        return next < 0 ? nil : next
    }

    /// The entries of a key, which counts as a hit for each of them.
    mutating func use(_ key: StoreKey) -> Variants {
        var found = Variants()
        var index = find(key)
        while let slot = index {
            slots[Int(slot)].isUsed = true
            if let entry = slots[Int(slot)].entry {
                if slots[Int(slot)].frequency < 3 { slots[Int(slot)].frequency += 1 }
                found.entries.append(entry)
            } else {
                found.needsLoading = true
            }
            index = after(slot)
        }
        return found
    }

    /// The entries of a key that are only on disk.
    func absent(_ key: StoreKey) -> [Absent] {
        var found: [Absent] = []
        var index = find(key)
        while let slot = index {
            if slots[Int(slot)].entry == nil {
                found.append(Absent(serial: slots[Int(slot)].serial, place: slots[Int(slot)].place))
            }
            index = after(slot)
        }
        return found
    }

    func contains(_ key: StoreKey, serial: UInt64) -> Bool { find(key, serial: serial) != nil }

    func contains(_ key: StoreKey) -> Bool { find(key) != nil }

    /// Whether the disk has a variant of a key, is about to, or has not been read yet.
    func mayBeOnDisk(_ key: StoreKey, variant: UInt64) -> Bool {
        if touched != nil { return true }
        var index = find(key)
        while let slot = index {
            if slots[Int(slot)].variant == variant {
                return !slots[Int(slot)].place.isNone || slots[Int(slot)].isPending
            }
            index = after(slot)
        }
        return false
    }

    // MARK: Adding

    /// Puts an entry in place of the same variant. Its memory, and that of its slot, has been taken from the budget.
    ///
    /// - Parameter most: variants of the key; the one stored first goes.
    mutating func put(_ entry: Entry, tags: [UInt32], isPending: Bool, most: Int) -> Change {
        var slot = Slot()
        slot.key = entry.key.bytes
        slot.namespaceLength = UInt16(entry.key.namespaceLength)
        slot.hash = entry.key.hash
        slot.tags = tags
        slot.variant = Slot.variantHash(entry.variant)
        slot.serial = entry.serial
        if case .file(let body) = entry.body { slot.file = body.number }
        slot.isPending = isPending
        slot.entry = entry
        return put(slot, key: entry.key, most: most)
    }

    mutating func put(_ slot: Slot, key: StoreKey, most: Int) -> Change {
        touched?.add(key.hash)
        var change = Change()
        var slot = slot
        if let same = self.slot(of: key, variant: slot.variant) {
            slot.frequency = slots[Int(same)].frequency
            slot.isUsed = slots[Int(same)].isUsed
            let keepsFile = slot.file != 0 && slots[Int(same)].file == slot.file
            change = remove(same, keepsFile: keepsFile)
            change.removed = 0
        }
        let index = allocate(slot)
        if let first = find(key) {
            slots[Int(index)].next = first
            table.replace(first, with: index, slot.hash)
        } else {
            table.insert(index, slot.hash)
        }
        count += 1
        if slot.entry != nil { arrive(index) }

        var variants = 1
        var last = index
        while let next = after(last) {
            last = next
            variants += 1
        }
        if variants > most { change.add(remove(last)) }
        return change
    }

    private func slot(of key: StoreKey, variant: UInt64) -> Int32? {
        var index = find(key)
        while let slot = index, slots[Int(slot)].variant != variant { index = after(slot) }
        return index
    }

    /// Keeps an entry that was read back from disk; false if it is gone, or there already.
    mutating func keep(_ entry: Entry) -> Bool {
        guard let slot = find(entry.key, serial: entry.serial), slots[Int(slot)].entry == nil else { return false }
        slots[Int(slot)].entry = entry
        slots[Int(slot)].frequency = 0
        arrive(slot)
        return true
    }

    private mutating func allocate(_ slot: Slot) -> Int32 {
        guard free >= 0 else {
            slots.append(slot)
            return Int32(slots.count - 1)
        }
        let index = free
        free = slots[Int(index)].next
        slots[Int(index)] = slot
        return index
    }

    // MARK: Removing

    mutating func remove(_ key: StoreKey) -> Change {
        touched?.add(key.hash)
        var change = Change()
        while let slot = find(key) { change.add(remove(slot)) }
        return change
    }

    mutating func remove(_ key: StoreKey, serial: UInt64) -> Change {
        find(key, serial: serial).map { remove($0) } ?? Change()
    }

    mutating func remove(_ key: StoreKey, variant: UInt64) -> Change {
        touched?.add(key.hash)
        return slot(of: key, variant: variant).map { remove($0) } ?? Change()
    }

    /// Looks at every entry.
    mutating func remove(_ purges: PurgeHistory) -> Change {
        var change = Change()
        for index in slots.indices where slots[index].serial != 0 {
            let slot = slots[index]
            let last = purges.last(slot.key, namespaceLength: Int(slot.namespaceLength), tags: slot.tags)
            if let last, last > slot.place.moment { change.add(remove(Int32(index))) }
        }
        return change
    }

    /// The keys of which a variant matches. Looks at every entry.
    func keys(_ purges: PurgeHistory) -> Set<StoreKey> {
        var keys: Set<StoreKey> = []
        for slot in slots where slot.serial != 0 {
            if purges.last(slot.key, namespaceLength: Int(slot.namespaceLength), tags: slot.tags) != nil {
                keys.insert(StoreKey(bytes: slot.key, namespaceLength: Int(slot.namespaceLength)))
            }
        }
        return keys
    }

    private mutating func remove(_ index: Int32, keepsFile: Bool = false) -> Change {
        let slot = slots[Int(index)]
        var change = Change()
        change.removed = 1
        change.freedMemory = slot.memory
        if let entry = slot.entry {
            change.freedMemory += entry.memory
            change.dropped.append(entry)
            depart(index)
        }
        if !slot.place.isNone || slot.file != 0 {
            change.released.append(Released(place: slot.place, file: keepsFile ? 0 : slot.file))
        }
        unchain(index, slot)
        slots[Int(index)] = Slot()
        slots[Int(index)].next = free
        free = index
        count -= 1
        return change
    }

    private mutating func unchain(_ index: Int32, _ slot: Slot) {
        guard let first = table.find(slot.hash, where: { isIn(chain: $0, index) }) else { return }
        if first == index {
            if slot.next < 0 {
                table.remove(index, slot.hash)
            } else {
                table.replace(index, with: slot.next, slot.hash)
            }
            return
        }
        var before = first
        while let next = after(before), next != index { before = next }
        slots[Int(before)].next = slot.next
    }

    private func isIn(chain first: Int32, _ wanted: Int32) -> Bool {
        var index: Int32? = first
        while let slot = index {
            if slot == wanted { return true }
            index = after(slot)
        }
        return false
    }

    // MARK: The disk

    /// The disk has it.
    ///
    /// - Returns: false if the entry has gone meanwhile, so that nobody needs what was written.
    mutating func wrote(_ key: StoreKey, serial: UInt64, at place: DiskPlace) -> Bool {
        guard let slot = find(key, serial: serial) else { return false }
        slots[Int(slot)].place = place
        slots[Int(slot)].isPending = false
        slots[Int(slot)].isUsed = false
        return true
    }

    /// The disk could not take it; it lives in memory alone, or not at all.
    mutating func didNotWrite(_ key: StoreKey, serial: UInt64) -> Change {
        guard let slot = find(key, serial: serial) else { return Change() }
        slots[Int(slot)].isPending = false
        return slots[Int(slot)].file != 0 || slots[Int(slot)].entry == nil ? remove(slot) : Change()
    }

    enum Reclaim: Sendable {
        /// Nobody needs it.
        case dead
        /// It was used: write it again, and say so with `wrote`.
        case again(serial: UInt64)
        /// It leaves the disk.
        case evicted(Change)
    }

    /// What is to become of a record whose place on disk is needed.
    mutating func reclaim(_ key: StoreKey, at place: DiskPlace, isLastChance: Bool) -> Reclaim {
        var index = find(key)
        while let slot = index, slots[Int(slot)].place != place { index = after(slot) }
        guard let slot = index else { return .dead }
        if slots[Int(slot)].isUsed, !isLastChance { return .again(serial: slots[Int(slot)].serial) }
        // What is in memory, too, may stay there.
        if slots[Int(slot)].entry != nil, slots[Int(slot)].file == 0 {
            slots[Int(slot)].place = .none
            return .evicted(Change())
        }
        return .evicted(remove(slot))
    }

    /// Adds what was found on disk at the start, unless its key has got something newer, or was removed, meanwhile.
    ///
    /// - Parameter slots: with their memory taken from the budget.
    /// - Returns: those that are not added.
    mutating func adopt(_ found: [Slot], most: Int) -> [Slot] {
        let touched = touched ?? .all
        self.touched = nil
        slots.reserveCapacity(slots.count + found.count)
        var refused: [Slot] = []
        for slot in found {
            if touched.contains(slot.hash) {
                refused.append(slot)
            } else {
                let key = StoreKey(bytes: slot.key, namespaceLength: Int(slot.namespaceLength))
                _ = put(slot, key: key, most: most)
            }
        }
        return refused
    }

    /// All there is, each without the links to others.
    func allSlots() -> [Slot] {
        slots.filter { $0.serial != 0 }.map { slot in
            var slot = slot
            (slot.next, slot.newer, slot.older) = (-1, -1, -1)
            return slot
        }
    }

    /// The disk has forgotten everything.
    mutating func leaveDisk() -> Change {
        var change = Change()
        for index in slots.indices where slots[index].serial != 0 && !slots[index].isPending {
            if slots[index].file != 0 || slots[index].entry == nil {
                change.add(remove(Int32(index)))
            } else {
                slots[index].place = .none
            }
        }
        return change
    }

    /// What was looked for, with what was read for it, as far as it is still there.
    mutating func found(_ key: StoreKey, loaded: [UInt64: Entry]) -> [Entry] {
        var found: [Entry] = []
        var index = find(key)
        while let slot = index {
            if let entry = slots[Int(slot)].entry ?? loaded[slots[Int(slot)].serial] { found.append(entry) }
            index = after(slot)
        }
        return found
    }

    // MARK: Memory

    private mutating func arrive(_ index: Int32) {
        residents += 1
        link(index, ghosts.take(slots[Int(index)].hash) ? .main : .small)
    }

    private mutating func depart(_ index: Int32) {
        residents -= 1
        unlink(index)
    }

    /// Lets the entry go that is least likely to be asked for again.
    ///
    /// - Returns: `nil` if none can go. So it may be for a short while only: the disk still has to write them.
    mutating func evict() -> Change? {
        // Each turn either ends this or lowers a frequency, but one caller shall not pay for all of them.
        for _ in 0..<64 {
            let isSmall = small.oldest >= 0 && (main.oldest < 0 || small.bytes * 10 >= residentBytes)
            let index = isSmall ? small.oldest : main.oldest
            guard index >= 0 else { return nil }
            let slot = slots[Int(index)]
            if slot.isPending {
                unlink(index)
                link(index, slot.queue)
            } else if slot.frequency > 0 {
                unlink(index)
                slots[Int(index)].frequency = isSmall ? 0 : slot.frequency - 1
                link(index, .main)
            } else {
                if isSmall { ghosts.add(slot.hash) }
                return leaveMemory(index, slot)
            }
        }
        return nil
    }

    private mutating func leaveMemory(_ index: Int32, _ slot: Slot) -> Change {
        guard !slot.place.isNone, let entry = slot.entry else { return remove(index) }
        depart(index)
        slots[Int(index)].entry = nil
        var change = Change()
        change.freedMemory = entry.memory
        change.dropped.append(entry)
        return change
    }

    private mutating func link(_ index: Int32, _ queue: Slot.Queue) {
        let bytes = slots[Int(index)].entry?.memory ?? 0
        slots[Int(index)].queue = queue
        slots[Int(index)].newer = -1
        let newest: Int32
        if queue == .small {
            newest = small.add(index, bytes)
        } else {
            newest = main.add(index, bytes)
        }
        slots[Int(index)].older = newest
        if newest >= 0 { slots[Int(newest)].newer = index }
    }

    private mutating func unlink(_ index: Int32) {
        let slot = slots[Int(index)]
        let bytes = slot.entry?.memory ?? 0
        if slot.newer >= 0 { slots[Int(slot.newer)].older = slot.older }
        if slot.older >= 0 { slots[Int(slot.older)].newer = slot.newer }
        if slot.queue == .small {
            small.remove(bytes, newer: slot.newer, older: slot.older)
        } else {
            main.remove(bytes, newer: slot.newer, older: slot.older)
        }
        slots[Int(index)].queue = .none
        slots[Int(index)].newer = -1
        slots[Int(index)].older = -1
    }
}

/// The ends of a list that runs through the slots.
private struct MemoryQueue: Sendable {
    private(set) var newest: Int32 = -1
    private(set) var oldest: Int32 = -1
    private(set) var bytes = 0

    /// - Returns: who was the newest.
    mutating func add(_ index: Int32, _ count: Int) -> Int32 {
        let previous = newest
        newest = index
        if oldest < 0 { oldest = index }
        bytes += count
        return previous
    }

    mutating func remove(_ count: Int, newer: Int32, older: Int32) {
        if newer < 0 { newest = older }
        if older < 0 { oldest = newer }
        bytes -= count
    }
}
