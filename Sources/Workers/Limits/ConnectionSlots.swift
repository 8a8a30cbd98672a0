/// Who may have a connection now, and who waits: first come, first served. Holds no continuation and no lock.
struct ConnectionSlots: Sendable {
    /// What a caller who asked has to do.
    enum Turn: Equatable {
        case go
        case wait
    }

    let most: Int
    private(set) var taken = 0
    /// The most that were taken or wanted at one time.
    private(set) var peak = 0
    private var waiting: [Int] = []

    init(most: Int) { self.most = max(1, most) }

    var waitingCount: Int { waiting.count }

    /// - Parameter id: names the caller until its turn has come.
    mutating func ask(_ id: Int) -> Turn {
        peak = max(peak, taken + waiting.count + 1)
        guard taken < most else {
            waiting.append(id)
            return .wait
        }
        taken += 1
        return .go
    }

    /// Counts a connection that nobody makes wait.
    mutating func takeAnyway() {
        taken += 1
        peak = max(peak, taken)
    }

    /// - Returns: whose turn it is now. The slot goes from hand to hand, so that nobody who comes later can take it.
    mutating func release() -> Int? {
        guard taken <= most, !waiting.isEmpty else {
            taken -= 1
            return nil
        }
        return waiting.removeFirst()
    }

    /// Stops waiting.
    ///
    /// - Returns: false when its turn had come already.
    mutating func leave(_ id: Int) -> Bool {
        guard let index = waiting.firstIndex(of: id) else { return false }
        waiting.remove(at: index)
        return true
    }
}
