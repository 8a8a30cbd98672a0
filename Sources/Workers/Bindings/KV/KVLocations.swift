import Synchronization

/// From where a namespace is asked, for eventual consistency.
package enum KVLocation {
    /// What a host sets around a handler's call.
    @TaskLocal package static var current = "local"
}

/// What each location has read before: the model of eventual consistency.
///
/// A location answers from its memory, of entries and of absences, while that is younger than both the TTL of the read that
/// filled it and the TTL of the read that asks. A write reaches the store at once, and the memory of its own location.
/// See the Workers KV documentation, "How KV works".
package final class KVLocations: Sendable {
    /// Seconds for which a location keeps what it has read when `cacheTTL` is not given.
    static let standardTTL = 60

    package enum Look: Sendable {
        case known(KVRecord?)
        /// Goes to the store; what it says is kept unless the location itself writes meanwhile.
        case ask(writes: Int)

        var record: KVRecord? { if case .known(let record) = self { record } else { nil } }
    }

    private struct Memory {
        var record: KVRecord?
        var time: Double
        var ttl: Int
    }

    private struct Place {
        var memories: [KVKey: Memory] = [:]
        var writes = 0
        /// At this size memories that nobody will be answered from are dropped.
        var crowd = 1024

        mutating func remember(_ key: KVKey, _ memory: Memory) {
            memories[key] = memory
            guard memories.count >= crowd else { return }
            memories = memories.filter { memory.time - $0.value.time < Double($0.value.ttl) }
            crowd = max(1024, memories.count * 2)
        }
    }

    private let places = Mutex<[String: Place]>([:])

    func look(_ keys: [KVKey], at name: String, now: Double, ttl: Int) -> [Look] {
        places.withLock { places in
            let place = places[name, default: Place()]
            return keys.map { key in
                guard let memory = place.memories[key], now - memory.time < Double(min(memory.ttl, ttl)),
                    memory.record?.isLive(at: Int(now.rounded(.down))) ?? true
                else { return .ask(writes: place.writes) }
                return .known(memory.record)
            }
        }
    }

    func keep(_ record: KVRecord?, _ look: Look, of key: KVKey, at name: String, now: Double, ttl: Int) {
        guard case .ask(let writes) = look else { return }
        places.withLock { places in
            guard places[name, default: Place()].writes == writes else { return }
            places[name, default: Place()].remember(key, Memory(record: record, time: now, ttl: ttl))
        }
    }

    func wrote(_ key: KVKey, _ record: KVRecord?, at name: String, now: Double) {
        places.withLock { places in
            places[name, default: Place()].writes += 1
            places[name, default: Place()].remember(
                key, Memory(record: record, time: now, ttl: KVLocations.standardTTL))
        }
    }
}

/// One put a second for each key.
package final class KVWriteLimit: Sendable {
    private let last = Mutex<[KVKey: Double]>([:])

    package init() {}

    /// Whether a put may go on; if so it counts.
    package func admit(_ key: KVKey, now: Double) -> Bool {
        last.withLock { last in
            if let time = last[key], now - time < 1 { return false }
            if last.count >= 1024 { last = last.filter { now - $0.value < 1 } }
            last[key] = now
            return true
        }
    }
}
