/// Finds the slots of a shard by their hash: open addressing with linear probing, 8 bytes a place.
///
/// `Dictionary` would hold hash and slot in 16 bytes a place, hash the hash again, and leave more places empty.
struct SlotTable {
    private struct Place {
        /// The lower half of the hash. The upper half has chosen the shard.
        var mark: UInt32
        /// Negative: nobody is here.
        var slot: Int32

        static let empty = Place(mark: 0, slot: -1)
    }

    private var places = [Place](repeating: .empty, count: 16)
    private(set) var count = 0

    private var mask: Int { places.count - 1 }

    func find(_ hash: UInt64, where matches: (Int32) -> Bool) -> Int32? {
        let mark = UInt32(truncatingIfNeeded: hash)
        var index = Int(mark) & mask
        while places[index].slot >= 0 {
            if places[index].mark == mark, matches(places[index].slot) { return places[index].slot }
            index = (index + 1) & mask
        }
        return nil
    }

    mutating func insert(_ slot: Int32, _ hash: UInt64) {
        if (count + 1) * 4 > places.count * 3 { grow() }
        place(Place(mark: UInt32(truncatingIfNeeded: hash), slot: slot))
        count += 1
    }

    /// Puts another slot in the place of one.
    mutating func replace(_ slot: Int32, with other: Int32, _ hash: UInt64) {
        if let index = index(of: slot, hash) { places[index].slot = other }
    }

    mutating func remove(_ slot: Int32, _ hash: UInt64) {
        guard var hole = index(of: slot, hash) else { return }
        count -= 1
        // Whoever was pushed past the hole moves up, so that no search ends too early.
        var index = (hole + 1) & mask
        while places[index].slot >= 0 {
            let wanted = Int(places[index].mark) & mask
            if (index - wanted) & mask >= (index - hole) & mask {
                places[hole] = places[index]
                hole = index
            }
            index = (index + 1) & mask
        }
        places[hole] = .empty
    }

    private func index(of slot: Int32, _ hash: UInt64) -> Int? {
        var index = Int(UInt32(truncatingIfNeeded: hash)) & mask
        while places[index].slot >= 0 {
            if places[index].slot == slot { return index }
            index = (index + 1) & mask
        }
        return nil
    }

    private mutating func grow() {
        let old = places
        places = [Place](repeating: .empty, count: old.count * 2)
        for entry in old where entry.slot >= 0 { place(entry) }
    }

    private mutating func place(_ entry: Place) {
        var index = Int(entry.mark) & mask
        while places[index].slot >= 0 { index = (index + 1) & mask }
        places[index] = entry
    }
}
