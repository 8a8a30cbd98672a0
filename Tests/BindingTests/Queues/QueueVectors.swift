import Foundation
import Synchronization
import Testing
import Workers
import WorkersTesting

/// The cases of `queues.json`, in memory and in a file.
@Suite struct QueueVectors {
    private static let file = VectorFile("queues.json")

    @Test(.enabled(if: file.exists, file.missing), arguments: file.cases, QueueRig.Kind.allCases)
    func `queues.json`(entry: VectorCase, kind: QueueRig.Kind) async throws {
        let run = try await QueueVectorRun(entry.given, kind)
        for (index, (step, expected)) in entry.steps.enumerated() {
            let actual = await run.perform(step)
            let wanted = expected.replacing(["sameAs": .string("first delivery")], by: run.firstDelivery)
            let differences = VectorMatch(earlier: run.results).verdict(actual, wanted)
            #expect(differences.isEmpty, "step \(index): \(differences.joined(separator: "; "))")
            run.results.append(actual)
        }
    }
}

/// One case under way.
private final class QueueVectorRun {
    private let rig: QueueRig
    private let start: Double
    var results: [JSON] = []
    /// The id of the message that was delivered first.
    var firstDelivery = JSON.null

    init(_ given: JSON, _ kind: QueueRig.Kind) async throws {
        rig = try await QueueRig(kind)
        start = rig.clock.now
        let producers = given["producers"]
        for member in given["consumers"]?.members ?? [] {
            let delay = producers?[member.name]?["delivery_delay"]?.integer
            rig.configure(try QueueVectorRun.configuration(member.name, member.value, delay: delay))
            rig.handle(member.name, QueueVectorRun.handler(member.value["handler"]?.array ?? []))
        }
    }

    private static func configuration(_ name: String, _ consumer: JSON, delay: Int?) throws -> QueueConfiguration {
        let settings = consumer["settings"]
        func number(_ key: String) -> Int? { settings?[key]?.integer }
        return try QueueConfiguration(
            name, settings: QueueSettings(deliveryDelay: delay),
            consumer: QueueConsumer(
                kind: consumer["type"]?.string == "http_pull" ? .pull : .worker,
                maxBatchSize: number("max_batch_size"),
                maxBatchTimeout: number("max_batch_timeout").map { $0 * 1000 },
                maxRetries: number("max_retries"), retryDelay: number("retry_delay"),
                deadLetterQueue: settings?["dead_letter_queue"]?.string,
                visibilityTimeout: number("visibility_timeout_ms")))
    }

    private struct HandlerFailed: Error {}

    /// What each successive call does; the last one repeats.
    private static func handler(_ calls: [JSON]) -> QueueRig.Handler {
        let count = Mutex(0)
        return { batch in
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            guard let call = calls.isEmpty ? nil : calls[min(number, calls.count - 1)] else { return }
            for decision in call["do"]?.array ?? [] { decide(decision.array ?? [], batch) }
            if call["end"]?.string == "throw" { throw HandlerFailed() }
        }
    }

    private static func decide(_ decision: [JSON], _ batch: MessageBatch) {
        let delay = decision.last?["delaySeconds"]?.integer
        let message = batch.messages.first { decision.count > 1 && $0.body == .json(decision[1]) }
        switch decision.first?.string {
        case "ack": message?.ack()
        case "retry": message?.retry(delaySeconds: delay)
        case "ackAll": batch.ackAll()
        case "retryAll": batch.retryAll(delaySeconds: delay)
        default: Issue.record("unknown decision \(decision)")
        }
    }

    func perform(_ step: JSON) async -> JSON {
        do {
            return try await result(of: step)
        } catch {
            return .failure(error)
        }
    }

    private func result(of step: JSON) async throws -> JSON {
        let queue = step["queue"]?.string ?? ""
        let delay = step["options"]?["delaySeconds"]?.integer
        switch step["op"]?.string {
        case "send":
            let type = step["options"]?["contentType"]?.string
            let message = try message(step["body"], type: type, delay: delay)
            try await rig.queue(queue).send(message)
            return ok
        case "sendBatch":
            try await rig.queue(queue).sendBatch(messages(step["messages"] ?? .null), delaySeconds: delay)
            return ok
        case "advance":
            return delivered(try await rig.advance(by: step["seconds"]?.number ?? 0))
        case "configure":
            for member in step["consumers"]?.members ?? [] {
                rig.configure(try QueueVectorRun.configuration(member.name, member.value, delay: nil))
            }
            return ok
        case "pull":
            let result = try await rig.pullConsumer(queue).pull(
                batchSize: step["batch_size"]?.integer, visibilityTimeout: step["visibility_timeout_ms"]?.integer)
            return .object([.init("messages", .array(result.messages.map(pulled)))])
        case "ackPull":
            let retries = (step["retries"]?.array ?? []).map {
                QueueLeaseRetry(lease($0), delaySeconds: $0["delay_seconds"]?.integer)
            }
            let acks = (step["acks"]?.array ?? []).map(lease)
            let result = try await rig.pullConsumer(queue).settle(acks: acks, retries: retries)
            return .object([
                .init("ackCount", .integer(result.ackCount)), .init("retryCount", .integer(result.retryCount)),
            ])
        default:
            Issue.record("unknown step \(step.text)")
            return .null
        }
    }

    private let ok = JSON.object([.init("ok", .bool(true))])

    private func messages(_ list: JSON) throws -> [QueueMessage] {
        guard list["generate"] != nil else {
            return try (list.array ?? []).map {
                try message($0["body"], type: $0["contentType"]?.string, delay: $0["delaySeconds"]?.integer)
            }
        }
        return (VectorValue.list(list) ?? []).map { body in
            let text = body.string ?? ""
            let padding = max(0, (list["padTo"]?.integer ?? 0) - text.utf8.count)
            return QueueMessage(.json(.string(text + String(repeating: "x", count: padding))))
        }
    }

    private func message(_ body: JSON?, type: String?, delay: Int?) throws -> QueueMessage {
        let content: QueueBody? = body.map { body in
            let isBytes = body["base64"] != nil || body["bytesOfLength"] != nil
            if isBytes, let bytes = VectorValue.bytes(body) { return .bytes(bytes) }
            if body["repeat"] != nil { return .json(.string(VectorValue.text(body) ?? "")) }
            return .json(body)
        }
        return QueueMessage(
            try QueueBody.required(content), contentType: type.map { QueueContentType($0) }, delaySeconds: delay)
    }

    private func delivered(_ batches: [DeliveredBatch]) -> JSON {
        if firstDelivery == .null, let first = batches.first?.messages.first { firstDelivery = .string(first.id) }
        let list = batches.map { batch in
            JSON.object([
                .init("at", .number(batch.at)), .init("queue", .string(batch.queue)),
                .init("messages", .array(batch.messages.map(message))),
            ])
        }
        return .object([.init("delivered", .array(list))])
    }

    private func message(_ message: Message) -> JSON {
        let body: JSON =
            switch message.body {
            case .json(let json): json
            case .text(let text): .string(text)
            case .bytes(let bytes): .object([.init("base64", .string(base64(bytes)))])
            }
        return .object([
            .init("id", .string(message.id)), .init("body", body), .init("attempts", .integer(message.attempts)),
            .init("timestampSeconds", .number(message.timestamp - start)),
        ])
    }

    private func pulled(_ message: PulledMessage) -> JSON {
        .object([
            .init("body", .string(message.transportBody)), .init("attempts", .integer(message.attempts)),
            .init("contentType", .string(message.contentType.name)), .init("lease_id", .string(message.leaseID)),
        ])
    }

    /// The lease of a message that an earlier step pulled.
    private func lease(_ reference: JSON) -> String {
        guard let step = reference["fromStep"]?.integer, let index = reference["index"]?.integer,
            let messages = results[step]["messages"]?.array
        else { return "" }
        return messages[index]["lease_id"]?.string ?? ""
    }
}

private func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

extension JSON {
    /// The value with each object of this one member replaced.
    fileprivate func replacing(_ pattern: [String: JSON], by value: JSON) -> JSON {
        switch self {
        case .array(let values): return .array(values.map { $0.replacing(pattern, by: value) })
        case .object(let members):
            if members.count == 1, pattern[members[0].name] == members[0].value { return value }
            return .object(members.map { Member($0.name, $0.value.replacing(pattern, by: value)) })
        default: return self
        }
    }
}
