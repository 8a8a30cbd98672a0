/// Remembers by a fingerprint what has left the memory lately: whoever comes back soon was thrown out too early.
///
/// A table in which an older fingerprint is overwritten by a newer one: it forgets by itself, and never grows.
struct GhostList {
    private var marks: [UInt32] = []
    private static let count = 512

    mutating func add(_ hash: UInt64) {
        if marks.isEmpty { marks = [UInt32](repeating: 0, count: GhostList.count) }
        marks[place(hash)] = mark(hash)
    }

    /// Whether it is remembered; then it is forgotten.
    mutating func take(_ hash: UInt64) -> Bool {
        let place = place(hash)
        guard !marks.isEmpty, marks[place] == mark(hash) else { return false }
        marks[place] = 0
        return true
    }

    private func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (GhostList.count - 1) }

    /// Never 0, which is an empty place.
    private func mark(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 9) | 1 }
}
