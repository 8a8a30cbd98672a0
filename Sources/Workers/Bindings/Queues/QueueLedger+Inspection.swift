/// Looking into queues, and giving messages another chance, for people.
extension QueueLedger {
    /// How many messages are in which state.
    package struct Counts: Sendable, Hashable {
        package var waiting = 0
        package var delayed = 0
        /// In the hands of a handler or of a pull consumer.
        package var leased = 0
    }

    package func counts(of queue: String) -> Counts {
        var counts = Counts()
        for record in survey(queue) {
            switch record.phase {
            case .waiting: counts.waiting += 1
            case .delayed: counts.delayed += 1
            case .inFlight, .leased: counts.leased += 1
            }
        }
        return counts
    }

    /// All messages of a queue in the order of their sends, without their bodies.
    package func survey(_ queue: String) -> [QueueRecord] {
        change(tells: false) { state, now in state.board.with(queue) { $0.survey(now: now) } }.result
    }

    /// The bodies of messages by their keys; one that is gone is left out.
    package func contents(of records: [QueueRecord]) async throws -> [Int: QueueContent] {
        try await store.contents(of: records.map(\.key))
    }

    /// Delivers messages anew. Those of a dead letter queue go back to where they died.
    ///
    /// - Parameter ids: `nil` for all of them.
    /// - Returns: how many there were; those that a handler has stay with it.
    package func redeliver(_ queue: String, ids: Set<String>? = nil) async throws -> Int {
        let origin = feeder(of: queue)
        let (count, receipt) = change { state, now in
            state.board.with(queue) { machine in
                let all = machine.survey(now: now).map(\.id.text)
                return all.count { ids?.contains($0) ?? true && machine.redeliver($0, to: origin, now: now) }
            }
        }
        try await receipt.stored()
        return count
    }

    /// The one queue whose dead letters come here; `nil` when there is none, or several.
    package func feeder(of queue: String) -> String? {
        let feeders = names.filter { consumer(of: $0)?.deadLetterQueue == queue }
        return feeders.count == 1 ? feeders[0] : nil
    }
}
