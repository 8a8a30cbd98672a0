import Crypto
import Workers

/// A queue as administrators see it: everything but its messages. Times are milliseconds since 1970.
struct QueueEntry: Sendable, Hashable {
    /// 32 hexadecimal digits.
    let id: String
    var name: String
    let created: Int
    var modified: Int
    var settings = QueueSettings.standard
    var consumer: QueueConsumerEntry?

    /// The id of a queue or consumer that has no record: always the same for a name.
    static func derivedID(_ kind: String, _ name: String) -> String {
        SHA256.hash(data: Array("\(kind) \(name)".utf8)).prefix(16).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}

/// The consumer of a queue as administrators see it.
struct QueueConsumerEntry: Sendable, Hashable {
    let id: String
    let created: Int
    /// The Worker that gets the batches; `nil` for pull consumers.
    var script: String?
    var consumer: QueueConsumer
}

extension QueueConsumerEntry {
    /// As it is stored.
    var text: String {
        var members: [JSON.Member] = [.init("id", .string(id)), .init("created", .integer(created))]
        if let script { members.append(.init("script", .string(script))) }
        members.append(.init("kind", .string(consumer.kind.rawValue)))
        members.append(.init("batchSize", .integer(consumer.maxBatchSize)))
        members.append(.init("batchTimeout", .integer(consumer.maxBatchTimeout)))
        members.append(.init("retries", .integer(consumer.maxRetries)))
        if let concurrency = consumer.maxConcurrency { members.append(.init("concurrency", .integer(concurrency))) }
        members.append(.init("retryDelay", .integer(consumer.retryDelay)))
        if let grave = consumer.deadLetterQueue { members.append(.init("deadLetters", .string(grave))) }
        members.append(.init("visibility", .integer(consumer.visibilityTimeout)))
        return JSON.object(members).text
    }

    /// - Returns: `nil` for what `text` never writes.
    init?(_ text: String) {
        guard let json = try? JSON(parsing: text), let id = json["id"]?.string, let created = json["created"]?.integer,
            let kind = json["kind"]?.string.flatMap(QueueConsumer.Kind.init(rawValue:)),
            let consumer = try? QueueConsumer(
                kind: kind, maxBatchSize: json["batchSize"]?.integer, maxBatchTimeout: json["batchTimeout"]?.integer,
                maxRetries: json["retries"]?.integer, maxConcurrency: json["concurrency"]?.integer,
                retryDelay: json["retryDelay"]?.integer, deadLetterQueue: json["deadLetters"]?.string,
                visibilityTimeout: json["visibility"]?.integer)
        else { return nil }
        self.init(id: id, created: created, script: json["script"]?.string, consumer: consumer)
    }
}
