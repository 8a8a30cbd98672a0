import Testing
import Workers

@Suite struct QueueSendingTests {
    private func error(_ body: () throws -> Void) -> WorkersError? {
        do {
            try body()
            return nil
        } catch { return error as? WorkersError }
    }

    @Test func `the first given delay wins, and zero counts as given`() throws {
        let messages = [QueueMessage(.text("a")), QueueMessage(.text("b"), delaySeconds: 0)]
        let parcels = try QueueSending.batch(messages, delaySeconds: 7, queueDelay: 15)
        #expect(parcels.map(\.delaySeconds) == [7, 0])
        #expect(try QueueSending.single(messages[0], queueDelay: 15).delaySeconds == 15)
        #expect(try QueueSending.single(messages[1], queueDelay: 15).delaySeconds == 0)
    }

    @Test func `a batch of none is a type error`() {
        let found = error { _ = try QueueSending.batch([], delaySeconds: nil, queueDelay: 0) }
        #expect(found?.name == .typeError)
        #expect(found?.message == "sendBatch() requires at least one message")
    }

    @Test func `sizes are checked before delays`() {
        let text = String(repeating: "q", count: 128_001)
        let found = error { _ = try QueueSending.single(QueueMessage(.text(text), delaySeconds: -1), queueDelay: 0) }
        #expect(found?.message == "Queue send failed: message length of 128001 bytes exceeds limit of 128000")
        #expect(found?.code == 10204)
    }

    @Test(arguments: [-1, 86_401])
    func `a delay out of range is refused wherever it stands`(delay: Int) {
        let single = error { _ = try QueueSending.single(QueueMessage(.text("a"), delaySeconds: delay), queueDelay: 0) }
        let batch = error { _ = try QueueSending.batch([QueueMessage(.text("a"))], delaySeconds: delay, queueDelay: 0) }
        #expect(single?.message.hasPrefix("Queue send failed: message delay \(delay) is invalid") == true)
        #expect(batch?.message.hasPrefix("Queue sendBatch failed: message delay \(delay) is invalid") == true)
    }

    @Test func `the whole of a batch may be 288000 bytes`() throws {
        let message = QueueMessage(.bytes([UInt8](repeating: 0, count: 96_000)))
        #expect(try QueueSending.batch([message, message, message], delaySeconds: nil, queueDelay: 0).count == 3)
        let extra = QueueMessage(.bytes([0]))
        let found = error {
            _ = try QueueSending.batch([message, message, message, extra], delaySeconds: nil, queueDelay: 0)
        }
        #expect(found?.message == "Queue sendBatch failed: batch size of 288001 bytes exceeds limit of 288000")
    }

    @Test(arguments: [
        (QueueBody.json(.integer(5)), "text", "number"), (.json(.object([])), "text", "object"),
        (.bytes([1]), "text", "object"), (.text("a"), "bytes", "string"), (.json(.bool(true)), "bytes", "boolean"),
    ])
    func `text and bytes are strict about their bodies`(body: QueueBody, type: String, received: String) {
        let found = error { _ = try body.converted(to: QueueContentType(type)) }
        #expect(found?.name == .typeError)
        #expect(found?.message.hasSuffix("but received: \(received)") == true)
        #expect(found?.message.hasPrefix("Content Type \"\(type)\" requires a value of type ") == true)
    }

    @Test(arguments: ["xml", "v8", ""])
    func `content types that nobody could read are refused by their names`(type: String) {
        let found = error { _ = try QueueBody.text("a").converted(to: QueueContentType(type)) }
        #expect(found?.message == "Unsupported queue message content type: \(type)")
    }

    @Test func `names of content types have no case`() throws {
        #expect(QueueContentType("TEXT") == .text)
        #expect(try QueueBody.json(.string("a")).converted(to: "TeXt") == .text("a"))
    }

    @Test func `a value travels as JSON and is read back`() throws {
        struct Job: Codable, Equatable {
            var number: Int
            var tags: [String]
        }
        let body = try QueueBody.encoding(Job(number: 7, tags: ["a", "ü"]))
        #expect(try body.decode(Job.self) == Job(number: 7, tags: ["a", "ü"]))
        #expect(throws: DecodingError.self) { try QueueBody.text("[]").decode(Job.self) }
    }

    @Test func `consumer settings out of range are refused with their names`() {
        let cases: [(String, () throws -> Void)] = [
            ("max_batch_size", { _ = try QueueConsumer(maxBatchSize: 101) }),
            ("max_batch_size", { _ = try QueueConsumer(maxBatchSize: 0) }),
            ("max_batch_timeout of a queue consumer is 61;", { _ = try QueueConsumer(maxBatchTimeout: 61_000) }),
            ("max_retries", { _ = try QueueConsumer(maxRetries: 101) }),
            ("max_concurrency", { _ = try QueueConsumer(maxConcurrency: 251) }),
            ("retry_delay", { _ = try QueueConsumer(retryDelay: 86_401) }),
            ("visibility_timeout_ms", { _ = try QueueConsumer(visibilityTimeout: 43_200_001) }),
            ("message_retention_period", { _ = try QueueSettings(deliveryDelay: 0, retention: 59) }),
            ("delivery_delay", { _ = try QueueSettings(deliveryDelay: -1) }),
        ]
        for (name, make) in cases { #expect(error(make)?.message.hasPrefix(name) == true, "\(name)") }
    }

    @Test func `a queue cannot be its own dead letter queue`() {
        let found = error {
            _ = try QueueConfiguration("jobs", consumer: QueueConsumer(deadLetterQueue: "jobs"))
        }
        #expect(found?.message == "Dead letter queue for queue \"jobs\" cannot be itself")
    }
}
