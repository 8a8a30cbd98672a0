import Testing
import Workers

@Suite struct BatchSettlementTests {
    private func settlement(_ count: Int = 3, _ body: (inout BatchSettlement) -> Void) -> BatchSettlement {
        var settlement = BatchSettlement(count: count)
        body(&settlement)
        return settlement
    }

    @Test func `undecided messages are acknowledged on return and retried after a throw`() {
        let none = settlement { _ in }
        #expect(none.outcomes(.returned) == [.ack, .ack, .ack])
        #expect(none.outcomes(.threw) == Array(repeating: .retry(delaySeconds: nil), count: 3))
        #expect(none.outcomes(.interrupted) == [.giveBack, .giveBack, .giveBack])
    }

    @Test func `explicit decisions survive a throw and an interruption`() {
        let some = settlement {
            _ = $0.ack(0)
            _ = $0.retry(1, delaySeconds: 7)
        }
        #expect(some.outcomes(.threw) == [.ack, .retry(delaySeconds: 7), .retry(delaySeconds: nil)])
        #expect(some.outcomes(.interrupted) == [.ack, .retry(delaySeconds: 7), .giveBack])
    }

    @Test func `the first decision about a message wins and contrary ones are warned of`() {
        let value = Decisions(count: 2)
        #expect(value.ack(0) == nil)
        #expect(value.retry(0, delaySeconds: nil)?.contains("ignored") == true)
        #expect(value.retry(1, delaySeconds: nil) == nil)
        #expect(value.ack(1)?.contains("ignored") == true)
        #expect(value.ackAll() == nil)
        #expect(value.retryAll(delaySeconds: 5)?.contains("ignored") == true)
        #expect(value.outcomes(.returned) == [.ack, .retry(delaySeconds: nil)])
    }

    @Test func `after retryAll nothing can be acknowledged`() {
        let value = Decisions(count: 2)
        _ = value.retryAll(delaySeconds: 4)
        #expect(value.ackAll() != nil)
        #expect(value.ack(1) != nil)
        #expect(value.outcomes(.returned) == [.retry(delaySeconds: 4), .retry(delaySeconds: 4)])
    }

    @Test func `a later call in the same direction may set a new delay and keeps the old one otherwise`() {
        let value = Decisions(count: 2)
        _ = value.retryAll(delaySeconds: 30)
        #expect(value.retryAll(delaySeconds: nil) == nil)
        #expect(value.outcomes(.returned)[1] == .retry(delaySeconds: 30))
        #expect(value.retry(0, delaySeconds: 4) == nil)
        #expect(value.retry(0, delaySeconds: nil) == nil)
        #expect(value.outcomes(.returned) == [.retry(delaySeconds: 4), .retry(delaySeconds: 30)])
        _ = value.retryAll(delaySeconds: 8)
        #expect(value.outcomes(.returned) == [.retry(delaySeconds: 4), .retry(delaySeconds: 8)])
    }

    @Test func `repeating a decision is no reason for a warning`() {
        let value = Decisions(count: 1)
        _ = value.ackAll()
        #expect(value.ackAll() == nil)
        #expect(value.ack(0) == nil)
    }

    @Test(arguments: [-1, 86_401])
    func `a delay out of range is ignored with a warning, the retry is not`(delay: Int) {
        let value = Decisions(count: 1)
        #expect(value.retry(0, delaySeconds: delay)?.contains("\(delay)") == true)
        #expect(value.outcomes(.returned) == [.retry(delaySeconds: nil)])
    }

    @Test func `a settled batch takes no decisions`() {
        let value = Decisions(count: 1)
        #expect(value.close(.returned) == [.ack])
        #expect(value.retry(0, delaySeconds: nil) != nil)
        #expect(value.retryAll(delaySeconds: nil) != nil)
        #expect(value.outcomes(.returned) == [.ack])
    }

    @Test func `many tasks may decide at once, and one of them is first`() async {
        let messages = (0..<200).map { Message(id: "\($0)", timestamp: 0, body: .text("")) }
        let batch = MessageBatch(queue: "jobs", messages: messages)
        await withTaskGroup(of: Void.self) { group in
            for message in batch.messages {
                group.addTask { message.ack() }
                group.addTask { message.retry(delaySeconds: 9) }
            }
        }
        let outcomes = batch.decisions.close(.threw)
        #expect(outcomes.allSatisfy { $0 == .ack || $0 == .retry(delaySeconds: 9) })
        for message in batch.messages { message.retry() }
        #expect(batch.decisions.outcomes(.threw) == outcomes)
    }
}

/// A settlement behind a reference: an expectation cannot call what changes a value.
private final class Decisions {
    private var settlement: BatchSettlement

    init(count: Int) { settlement = BatchSettlement(count: count) }

    func ack(_ index: Int) -> String? { settlement.ack(index) }
    func retry(_ index: Int, delaySeconds: Int?) -> String? { settlement.retry(index, delaySeconds: delaySeconds) }
    func ackAll() -> String? { settlement.ackAll() }
    func retryAll(delaySeconds: Int?) -> String? { settlement.retryAll(delaySeconds: delaySeconds) }
    func close(_ ending: BatchSettlement.Ending) -> [BatchSettlement.Outcome] { settlement.close(ending) }
    func outcomes(_ ending: BatchSettlement.Ending) -> [BatchSettlement.Outcome] { settlement.outcomes(ending) }
}
