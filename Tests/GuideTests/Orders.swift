import HTTPTypes
import Testing
import Workers
import WorkersTesting

struct Order: Codable, Sendable {
    var number: Int
    var customer: String
}

struct Orders: Worker {
    struct Env: WorkerEnvironment {
        let orders: any Queue
        let invoices: any KVNamespace

        init(_ bindings: Bindings) throws {
            orders = try bindings.queue("ORDERS")
            invoices = try bindings.kv("INVOICES")
        }
    }

    func fetch(
        _ request: Request, env: Env, context: ExecutionContext
    ) async throws -> Response {
        let order = try await request.json(as: Order.self)
        try await env.orders.send(.encoding(order))
        return Response(.accepted)
    }

    func queue(
        _ batch: MessageBatch, env: Env, context: ExecutionContext
    ) async throws {
        for message in batch.messages {
            do {
                let order = try message.body.decode(Order.self)
                try await env.invoices.put(
                    "\(order.number)", "To \(order.customer)")
                message.ack()
            } catch {
                message.retry(delaySeconds: 60)
            }
        }
    }
}

@Suite struct OrdersTests {
    @Test func `an order becomes an invoice`() async throws {
        let clock = TestClock()
        let queues = MemoryQueues(clock: clock)
        let invoices = MemoryKV(now: clock.read)
        let worker = try TestWorker(
            Orders.self,
            bindings: [
                "ORDERS": .queue(queues.queue("orders")),
                "INVOICES": .kv(invoices),
            ], clock: clock)
        try queues.consume("orders") { batch in
            try await worker.queue(batch)
            try await worker.settle()
        }

        let order = Body(text: #"{"number": 7, "customer": "Ada"}"#)
        let answer = try await worker.fetch("/", method: .post, body: order)
        #expect(answer.status == .accepted)
        #expect(try await invoices.get("7") == nil)

        // A batch that is not full goes out after five seconds.
        let delivered = try await queues.advance(by: 5)
        #expect(delivered.map(\.at) == [5])
        #expect(try await invoices.get("7") == "To Ada")
    }

    @Test func `a message that is no order comes again, and is buried in the end`() async throws {
        let clock = TestClock()
        let queues = MemoryQueues(clock: clock)
        let worker = try TestWorker(
            Orders.self,
            bindings: [
                "ORDERS": .queue(queues.queue("orders")), "INVOICES": .kv(MemoryKV(now: clock.read)),
            ], clock: clock)
        let consumer = try QueueConsumer(maxRetries: 2, deadLetterQueue: "dead")
        try queues.consume("orders", as: consumer) { batch in try await worker.queue(batch) }
        try await worker.env.orders.send(.text("no order"))
        let delivered = try await queues.advance(by: 300)
        #expect(delivered.map { $0.messages[0].attempts } == [1, 2, 3])
        #expect(try await queues.queue("dead").metrics().backlogCount == 1)
    }

    @Test func `one batch can be given to the handler`() async throws {
        let clock = TestClock()
        let queues = MemoryQueues(clock: clock)
        let worker = try TestWorker(
            Orders.self,
            bindings: [
                "ORDERS": .queue(queues.queue("orders")), "INVOICES": .kv(MemoryKV(now: clock.read)),
            ], clock: clock)
        let batch = MessageBatch(
            queue: "orders",
            messages: [
                Message(id: "a", timestamp: 0, body: .text("no order"))
            ])
        try await worker.queue(batch)
        #expect(QueueResult(batch).retried == ["a"])
        #expect(QueueResult(batch).delays == ["a": 60])
    }
}
