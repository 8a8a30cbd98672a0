/// All queues of one store: routes messages between them and says what is due anywhere. A value, like `QueueMachine`.
package struct QueueBoard: Sendable {
    /// A batch that is ready for its handler.
    package struct Delivery: Sendable, Hashable {
        package let queue: String
        package internal(set) var records: [QueueRecord]
        package let metrics: QueueMetrics
        /// Of the board that it comes from.
        let epoch: Int
    }

    package enum Step: Sendable, Hashable {
        case deliver(Delivery)
        case sleep(until: Int)
        case nothing
    }

    /// What is to be stored, in order, and what is to be logged.
    package enum Effect: Sendable, Hashable {
        case update(QueueRecord)
        case remove(key: Int)
        case bury(QueueRecord, from: String)
        case drop(QueueRecord, reason: QueueMachine.DropReason)
    }

    private var machines: [QueueMachine] = []
    private var indices: [String: Int] = [:]
    /// The queue that is asked first, so that a busy one does not keep the others waiting.
    private var turn = 0
    private var effects: [Effect] = []
    /// Whether a message went to another queue since this was last reset.
    private var hasRouted = false
    /// Which of the boards of a store this is. What was delivered by an earlier one is none of its business.
    package let epoch: Int

    package init(epoch: Int = 0) { self.epoch = epoch }

    /// The queues that are known, in the order in which they became known.
    package var names: [String] { machines.map(\.name) }

    package func contains(_ queue: String) -> Bool { indices[queue] != nil }

    package func consumer(of queue: String) -> QueueConsumer? { indices[queue].flatMap { machines[$0].consumer } }

    package func settings(of queue: String) -> QueueSettings {
        indices[queue].map { machines[$0].settings } ?? .standard
    }

    package mutating func takeEffects() -> [Effect] {
        defer { effects = [] }
        return effects
    }

    package mutating func configure(_ configuration: QueueConfiguration, now: Int) {
        with(configuration.name) {
            $0.configure(configuration.settings, consumer: configuration.consumer, now: now)
        }
    }

    /// Takes a message that is already stored.
    package mutating func accept(_ record: QueueRecord) { with(record.queue) { $0.accept(record) } }

    /// Takes the messages of an earlier life of the store. Configuration comes before.
    package mutating func restore(_ records: [QueueRecord], now: Int) {
        for record in records { with(record.queue) { $0.accept(record) } }
        for record in records where record.phase == .inFlight {
            with(record.queue) { $0.recover(record.key, now: now) }
        }
    }

    package mutating func metrics(of queue: String) -> QueueMetrics { with(queue) { $0.metrics() } }

    /// One batch that is due, else the instant of the next thing that is.
    package mutating func step(now: Int) -> Step {
        while true {
            hasRouted = false
            let step = round(now: now)
            // A lease that ended may have buried its message in a queue that was asked before.
            if case .deliver = step { return step }
            if !hasRouted { return step }
        }
    }

    /// Asks every queue once.
    private mutating func round(now: Int) -> Step {
        var soonest: Int?
        for offset in machines.indices {
            let index = (turn + offset) % machines.count
            let name = machines[index].name
            switch with(name, { $0.step(now: now) }) {
            case .deliver(let records):
                turn = (index + 1) % machines.count
                return .deliver(
                    Delivery(queue: name, records: records, metrics: machines[index].metrics(), epoch: epoch))
            case .sleep(let instant): soonest = min(soonest ?? instant, instant)
            case .nothing: break
            }
        }
        return soonest.map { .sleep(until: $0) } ?? .nothing
    }

    /// - Returns: false while a handler has messages of the queue, or when the name is another queue's.
    package mutating func rename(_ queue: String, to name: String) -> Bool {
        guard let index = indices[queue], indices[name] == nil, !machines[index].isDelivering else { return false }
        indices[queue] = nil
        indices[name] = index
        with(name) { $0.rename(to: name) }
        return true
    }

    /// Removes a queue with its messages, whoever has them.
    package mutating func forget(_ queue: String) {
        guard let index = indices[queue] else { return }
        with(queue) { _ = $0.purge { _ in true } }
        machines.remove(at: index)
        turn = 0
        indices = [:]
        for (index, machine) in machines.enumerated() { indices[machine.name] = index }
    }

    package mutating func settle(_ delivery: Delivery, _ outcomes: [BatchSettlement.Outcome], now: Int) {
        guard contains(delivery.queue), delivery.epoch == epoch else { return }
        let batch = zip(delivery.records, outcomes).map { (key: $0.key, outcome: $1) }
        with(delivery.queue) { $0.settle(batch, now: now) }
    }

    package mutating func takeBack(_ delivery: Delivery, delay: Int, now: Int) {
        guard contains(delivery.queue), delivery.epoch == epoch else { return }
        with(delivery.queue) { $0.takeBack(delivery.records.map(\.key), delay: delay, now: now) }
    }

    /// Asks one queue, which becomes known by that, and routes what leaves it.
    @discardableResult
    package mutating func with<Result>(_ queue: String, _ body: (inout QueueMachine) -> Result) -> Result {
        let index = index(of: queue)
        let result = body(&machines[index])
        for effect in machines[index].takeEffects() {
            switch effect {
            case .save(let record): effects.append(.update(record))
            case .remove(let key): effects.append(.remove(key: key))
            case .drop(let record, let reason):
                effects.append(.drop(record, reason: reason))
            case .bury(let record):
                effects.append(.bury(record, from: queue))
                hasRouted = true
                machines[self.index(of: record.queue)].accept(record)
            case .move(let record):
                effects.append(.update(record))
                hasRouted = true
                machines[self.index(of: record.queue)].accept(record)
            }
        }
        return result
    }

    private mutating func index(of queue: String) -> Int {
        if let index = indices[queue] { return index }
        indices[queue] = machines.count
        machines.append(QueueMachine(name: queue))
        return machines.count - 1
    }
}
