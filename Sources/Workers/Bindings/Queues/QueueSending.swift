/// What a queue takes. See the Workers documentation, "Queues", "Limits".
public enum QueueLimits {
    /// The body of one message, in bytes after encoding.
    public static let messageBytes = 128_000
    /// Messages of one `sendBatch`.
    public static let batchCount = 100
    /// The bodies of one `sendBatch`. 256 KB is documented; the service enforces this.
    public static let batchBytes = 288_000
    /// The longest delay of a send or a retry, in seconds.
    public static let delaySeconds = 86_400
    /// The longest visibility timeout of a pull, in milliseconds: 12 hours.
    public static let visibilityTimeout = 43_200_000
}

/// The checks before a send, in the order that the runtime and then the service make them.
package enum QueueSending {
    /// A message that may be stored.
    package struct Parcel: Sendable, Hashable {
        package var type: QueueContentType
        package var bytes: [UInt8]
        package var delaySeconds: Int
    }

    package static func single(_ message: QueueMessage, queueDelay: Int) throws(WorkersError) -> Parcel {
        let body = try message.body.converted(to: message.contentType ?? message.body.contentType)
        let bytes = body.encoded
        guard bytes.count <= QueueLimits.messageBytes else {
            throw failure(
                "send", "message length of \(bytes.count) bytes exceeds limit of \(QueueLimits.messageBytes)",
                code: QueueErrorCode.messageSize)
        }
        let delay = try checked(message.delaySeconds, "send") ?? queueDelay
        return Parcel(type: body.contentType, bytes: bytes, delaySeconds: delay)
    }

    package static func batch(
        _ messages: [QueueMessage], delaySeconds: Int?, queueDelay: Int
    ) throws(WorkersError) -> [Parcel] {
        guard !messages.isEmpty else {
            throw WorkersError(.typeError, "sendBatch() requires at least one message")
        }
        var parcels: [Parcel] = []
        for message in messages {
            let body = try message.body.converted(to: message.contentType ?? message.body.contentType)
            parcels.append(Parcel(type: body.contentType, bytes: body.encoded, delaySeconds: 0))
        }
        try checkSizes(parcels)
        let batchDelay = try checked(delaySeconds, "sendBatch")
        for (index, message) in messages.enumerated() {
            parcels[index].delaySeconds = try checked(message.delaySeconds, "sendBatch") ?? batchDelay ?? queueDelay
        }
        return parcels
    }

    /// Count, largest message, total: the service's order.
    private static func checkSizes(_ parcels: [Parcel]) throws(WorkersError) {
        guard parcels.count <= QueueLimits.batchCount else {
            throw failure(
                "sendBatch", "batch message count of \(parcels.count) exceeds limit of \(QueueLimits.batchCount)",
                code: QueueErrorCode.batchCount)
        }
        let largest = parcels.reduce(0) { max($0, $1.bytes.count) }
        guard largest <= QueueLimits.messageBytes else {
            let limit = "single message size limit of \(QueueLimits.messageBytes)"
            throw failure(
                "sendBatch", "message in batch has length \(largest) bytes which exceeds \(limit)",
                code: QueueErrorCode.messageSize)
        }
        let total = parcels.reduce(0) { $0 + $1.bytes.count }
        guard total <= QueueLimits.batchBytes else {
            throw failure(
                "sendBatch", "batch size of \(total) bytes exceeds limit of \(QueueLimits.batchBytes)",
                code: QueueErrorCode.batchSize)
        }
    }

    private static func checked(_ delay: Int?, _ operation: String) throws(WorkersError) -> Int? {
        guard let delay else { return nil }
        guard (0...QueueLimits.delaySeconds).contains(delay) else {
            throw failure(
                operation,
                "message delay \(delay) is invalid: it is a number of seconds from 0 to \(QueueLimits.delaySeconds)",
                code: QueueErrorCode.delay)
        }
        return delay
    }

    /// An error of the service, as the operation reports it.
    package static func failure(_ operation: String, _ reason: String, code: Int) -> WorkersError {
        WorkersError(.error, "Queue \(operation) failed: \(reason)", code: code)
    }
}

/// The numbers that the service gives to its errors.
package enum QueueErrorCode {
    package static let queueNotFound = 10104
    package static let batch = 10201
    package static let delay = 10202
    package static let messageSize = 10204
    package static let batchSize = 10205
    package static let batchCount = 10206
    package static let unknown = 15000
}
