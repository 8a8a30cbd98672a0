/// What a handler decided about a batch, and what follows from it: a value without clock or lock.
///
/// Every call answers with a sentence when it is ignored, for the log.
package struct BatchSettlement: Sendable, Hashable {
    /// How the handler ended, together with the work it left to `waitUntil`.
    package enum Ending: Sendable, Hashable {
        case returned, threw
        /// The host stopped and could not wait for it.
        case interrupted
    }

    /// What becomes of one message.
    package enum Outcome: Sendable, Hashable {
        case ack
        /// nil takes the consumer's retry delay.
        case retry(delaySeconds: Int?)
        /// The message waits again and is no closer to being given up.
        case giveBack
    }

    private enum Decision: Hashable {
        case ack
        case retry(delaySeconds: Int?)
    }

    private var own: [Decision?]
    private var all: Decision?
    private var isClosed = false

    package init(count: Int) { own = Array(repeating: nil, count: count) }

    package mutating func ack(_ index: Int) -> String? {
        if isClosed { return tooLate("ack()") }
        switch decision(index) {
        case nil:
            own[index] = .ack
            return nil
        case .ack: return nil
        case .retry: return "message.ack() was ignored: the message is already to be retried."
        }
    }

    package mutating func retry(_ index: Int, delaySeconds: Int?) -> String? {
        if isClosed { return tooLate("retry()") }
        if case .ack = decision(index) {
            return "message.retry() was ignored: the message is already acknowledged."
        }
        var earlier: Int?
        if case .retry(let delay) = own[index] { earlier = delay }
        own[index] = .retry(delaySeconds: valid(delaySeconds) ?? earlier)
        return complaint(about: delaySeconds, in: "message.retry()")
    }

    package mutating func ackAll() -> String? {
        if isClosed { return tooLate("ackAll()") }
        if case .retry = all { return "batch.ackAll() was ignored: retryAll() was called before." }
        all = .ack
        return nil
    }

    package mutating func retryAll(delaySeconds: Int?) -> String? {
        if isClosed { return tooLate("retryAll()") }
        var earlier: Int?
        switch all {
        case .ack: return "batch.retryAll() was ignored: ackAll() was called before."
        case .retry(let delay): earlier = delay
        case nil: break
        }
        all = .retry(delaySeconds: valid(delaySeconds) ?? earlier)
        return complaint(about: delaySeconds, in: "batch.retryAll()")
    }

    /// One outcome per message, in the batch's order.
    package func outcomes(_ ending: Ending) -> [Outcome] {
        var batchDelay: Int?
        if case .retry(let delay) = all { batchDelay = delay }
        return own.indices.map { index in
            switch decision(index) {
            case .ack: .ack
            case .retry(let delay): .retry(delaySeconds: delay ?? batchDelay)
            case nil:
                switch ending {
                case .returned: .ack
                case .threw: .retry(delaySeconds: nil)
                case .interrupted: .giveBack
                }
            }
        }
    }

    /// The outcomes, after which every further call is ignored.
    package mutating func close(_ ending: Ending) -> [Outcome] {
        isClosed = true
        return outcomes(ending)
    }

    private func decision(_ index: Int) -> Decision? { own[index] ?? all }

    private func tooLate(_ call: String) -> String { "\(call) was ignored: the batch is already settled." }

    private func valid(_ delay: Int?) -> Int? {
        delay.flatMap { (0...QueueLimits.delaySeconds).contains($0) ? $0 : nil }
    }

    private func complaint(about delay: Int?, in call: String) -> String? {
        guard let delay, valid(delay) == nil else { return nil }
        return
            "The delay \(delay) of \(call) was ignored: it is a number of seconds from 0 to \(QueueLimits.delaySeconds)."
    }
}
