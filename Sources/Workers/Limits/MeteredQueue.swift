/// Counts what a handler sends on the account of its request.
package struct MeteredQueue: Queue {
    private let queue: any Queue

    package init(_ queue: any Queue) { self.queue = queue }

    package func send(_ message: QueueMessage) async throws -> QueueSendResult {
        try await RequestMeter.during(.queue) { try await queue.send(message) }
    }

    package func sendBatch(_ messages: [QueueMessage], delaySeconds: Int?) async throws -> QueueSendResult {
        try await RequestMeter.during(.queue) { try await queue.sendBatch(messages, delaySeconds: delaySeconds) }
    }

    package func metrics() async throws -> QueueMetrics {
        try await RequestMeter.during(.queue) { try await queue.metrics() }
    }
}
