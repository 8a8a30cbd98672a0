/// The storage behind queues: rows and bodies, no rules.
package protocol QueueStore: Sendable {
    /// Every message that is stored.
    func load() async throws -> [QueueRecord]

    /// Makes the changes in their order, all of them or none, and returns when they will survive the process.
    func apply(_ changes: [QueueChange]) async throws

    /// The bodies of messages, by key; what is not stored is left out.
    func contents(of keys: [Int]) async throws -> [Int: QueueContent]
}

/// One change of the stored messages. Changes name whole states, so that one that failed is made good by the next.
package enum QueueChange: Sendable, Hashable {
    case insert(QueueRecord, QueueContent)
    /// Everything but the body.
    case update(QueueRecord)
    case remove(key: Int)
}

/// The body of a message as it is stored.
package struct QueueContent: Sendable, Hashable {
    /// `json`, `text` or `bytes`.
    package var type: String
    package var bytes: [UInt8]

    package init(type: String, bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }

    package var body: QueueBody {
        switch type {
        case "text": .text(String(decoding: bytes, as: UTF8.self))
        case "json": (try? JSON(parsing: bytes)).map(QueueBody.json) ?? .bytes(bytes)
        default: .bytes(bytes)
        }
    }
}
