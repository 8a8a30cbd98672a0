/// What a path of the REST interface names. Everything in it is decoded.
enum RESTRoute: Sendable, Hashable {
    case namespaces
    case namespace(String)
    case keys(String)
    case value(String, key: String)
    case metadata(String, key: String)
    case bulk(String)
    case bulkDelete(String)
    case bulkGet(String)
    case queues
    case queue(String)
    case queueMetrics(String)
    case queuePurge(String)
    case messages(String)
    case batch(String)
    case pull(String)
    case settle(String)
    case peek(String)
    case purgeMessages(String)
    case consumers(String)
    case consumer(String, id: String)
    case buckets
    case bucket(String)
    case purgeCache

    var methods: [String] {
        switch self {
        case .namespaces, .queues, .consumers, .buckets: ["GET", "POST"]
        case .namespace, .value, .consumer: ["GET", "PUT", "DELETE"]
        case .keys, .metadata, .queueMetrics: ["GET"]
        case .bulk: ["PUT", "DELETE"]
        case .queue: ["GET", "PUT", "PATCH", "DELETE"]
        case .queuePurge: ["GET", "POST"]
        case .bucket: ["GET", "DELETE"]
        case .bulkDelete, .bulkGet, .messages, .batch, .pull, .settle, .peek, .purgeMessages, .purgeCache: ["POST"]
        }
    }

    /// Whether calls are not counted.
    var isExempt: Bool { if case .pull = self { true } else { false } }
}
