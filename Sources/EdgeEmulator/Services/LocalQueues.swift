import EdgeServer
import Workers
import WranglerConfig

/// The queues that the configurations of all Workers describe together.
enum LocalQueues {
    /// - Throws: `StartFailure` for settings that contradict each other or the limits.
    static func configurations(_ configs: [WranglerConfig]) throws -> [QueueConfiguration] {
        var consumers: [String: (config: WranglerConfig, entry: WranglerConfig.QueueConsumer)] = [:]
        var names: Set<String> = []
        for config in configs {
            for entry in config.queueProducers { names.insert(entry.localName) }
            for entry in config.queueConsumers {
                names.insert(entry.queue)
                if let dead = entry.deadLetterQueue { names.insert(dead) }
                if let other = consumers[entry.queue], other.config.file != config.file {
                    throw StartFailure(
                        "Queue \(entry.queue) has two consumers, in \(other.config.file) and in \(config.file); a queue has one."
                    )
                }
                consumers[entry.queue] = (config, entry)
            }
        }
        let delays = deliveryDelays(configs)
        return try names.sorted().map { name in
            do {
                let settings = try delays[name].map { try QueueSettings(deliveryDelay: $0) } ?? .standard
                let consumer = try consumers[name].map { try QueueConsumer($0.entry) }
                return try QueueConfiguration(name, settings: settings, consumer: consumer)
            } catch let error as WorkersError {
                throw StartFailure(
                    "\(consumers[name]?.config.file ?? configs[0].file): queue \(name): \(error.message)")
            }
        }
    }

    /// `delivery_delay` of the producers, in seconds.
    private static func deliveryDelays(_ configs: [WranglerConfig]) -> [String: Int] {
        var delays: [String: Int] = [:]
        for config in configs {
            for producer in config.queueProducers {
                if let delay = producer.deliveryDelay { delays[producer.localName] = Int(delay) }
            }
        }
        return delays
    }
}

extension QueueConsumer {
    fileprivate init(_ entry: WranglerConfig.QueueConsumer) throws {
        try self.init(
            kind: entry.isPull ? .pull : .worker, maxBatchSize: entry.maxBatchSize,
            maxBatchTimeout: entry.maxBatchTimeout.map { Int($0 * 1000) }, maxRetries: entry.maxRetries,
            maxConcurrency: entry.maxConcurrency, retryDelay: entry.retryDelay.map { Int($0) },
            deadLetterQueue: entry.deadLetterQueue,
            visibilityTimeout: entry.visibilityTimeoutMilliseconds.map { Int($0) })
    }
}
