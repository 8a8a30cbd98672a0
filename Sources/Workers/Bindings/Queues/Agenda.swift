/// Messages by an instant of theirs, the earliest first and then the oldest.
///
/// Entries are not taken out when a message changes; whoever looks at the front drops what the records contradict.
struct Agenda: Sendable {
    private struct Entry: Sendable, Hashable {
        var instant: Int
        var key: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.instant != right.instant ? left.instant < right.instant : left.key < right.key
        }
    }

    /// The instant that counts; nil for a message that does not belong here.
    private let instant: @Sendable (QueueRecord) -> Int?
    /// A binary heap.
    private var entries: [Entry] = []

    init(by instant: @escaping @Sendable (QueueRecord) -> Int?) { self.instant = instant }

    /// Enters a message that belongs here.
    ///
    /// - Parameter records: all records, this one among them; what they contradict is forgotten once it is most of the
    ///   entries.
    mutating func insert(_ record: QueueRecord, of records: [Int: QueueRecord]) {
        guard let instant = instant(record) else { return }
        entries.append(Entry(instant: instant, key: record.key))
        rise(from: entries.count - 1)
        guard entries.count > 64, entries.count > 2 * records.count else { return }
        // A sorted list is a heap.
        entries = entries.filter { isCurrent($0, records) }.sorted(by: <)
    }

    /// The first message and its instant.
    mutating func first(of records: [Int: QueueRecord]) -> (record: QueueRecord, instant: Int)? {
        while let entry = entries.first {
            if isCurrent(entry, records), let record = records[entry.key] { return (record, entry.instant) }
            removeFirst()
        }
        return nil
    }

    mutating func removeFirst() {
        guard let last = entries.popLast(), !entries.isEmpty else { return }
        entries[0] = last
        sink()
    }

    private func isCurrent(_ entry: Entry, _ records: [Int: QueueRecord]) -> Bool {
        records[entry.key].flatMap(instant) == entry.instant
    }

    private mutating func rise(from index: Int) {
        var child = index
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child] < entries[parent] else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count {
                if entries[child] < entries[smallest] { smallest = child }
            }
            if smallest == parent { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
