import WranglerConfig

/// What the configurations call things, and what those are called in the stores.
struct StateNames: Sendable {
    private(set) var namespaces: [String: String] = [:]
    private(set) var buckets: [String: String] = [:]
    private(set) var queues: [String: String] = [:]

    init(_ configs: [WranglerConfig]) {
        for config in configs {
            for entry in config.kvNamespaces { StateNames.add(entry.binding, entry.localName, &namespaces) }
            for entry in config.r2Buckets { StateNames.add(entry.binding, entry.localName, &buckets) }
            for entry in config.queueProducers { StateNames.add(entry.binding, entry.localName, &queues) }
            for entry in config.queueConsumers {
                StateNames.add(nil, entry.queue, &queues)
                if let grave = entry.deadLetterQueue { StateNames.add(nil, grave, &queues) }
            }
        }
    }

    var configuredBuckets: [String] { Set(buckets.values).sorted() }

    /// The name of a thing itself goes before the name that a binding has for another.
    private static func add(_ binding: String?, _ name: String, _ names: inout [String: String]) {
        names[name] = name
        if let binding, names[binding] == nil { names[binding] = name }
    }

    /// What a seed file may name: everything here, and what was made over the interfaces.
    mutating func add(namespaces: [(id: String, title: String)], buckets: [String], queues: [String]) {
        for entry in namespaces { StateNames.add(entry.title, entry.id, &self.namespaces) }
        for name in buckets { StateNames.add(nil, name, &self.buckets) }
        for name in queues { StateNames.add(nil, name, &self.queues) }
    }
}
