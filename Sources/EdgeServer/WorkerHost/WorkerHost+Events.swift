import Dispatch
import Workers

/// Work that was handed to `waitUntil` failed, which makes the event fail whose outcome includes it.
public struct BackgroundWorkFailed: Error, CustomStringConvertible {
    public var description: String { "Work that was handed to waitUntil() failed." }
}

extension WorkerHost {
    /// Calls the `scheduled` handler and waits for its `waitUntil` work.
    ///
    /// - Parameter interval: seconds between two runs of this trigger, on which its CPU time depends.
    /// - Throws: what the handler throws; `BackgroundWorkFailed`; `LimitFailure`.
    public func scheduled(_ event: ScheduledEvent, interval: Double = 60) async throws {
        try await perform(.scheduled(interval: interval), "the cron trigger “\(event.cron)”") {
            try await self.handlers.scheduled(event, $0)
        }
    }

    /// Calls the `queue` handler and waits for its `waitUntil` work.
    ///
    /// - Throws: what the handler throws; `BackgroundWorkFailed`; `LimitFailure`.
    public func queue(_ batch: MessageBatch) async throws {
        try await perform(.queue, "a batch of queue \(batch.queue)") { try await self.handlers.queue(batch, $0) }
    }

    private func perform(
        _ kind: PlatformLimits.Event, _ what: String,
        _ handler: @escaping @Sendable (ExecutionContext) async throws -> Void
    ) async throws {
        let meter = services.meter(for: kind)
        let executor = eventExecutor(meter)
        let call = WorkerCall(host: self, executor: executor, meter: meter)
        let task = Task(executorPreference: executor) {
            try await RequestMeter.$current.withValue(meter) { try await handler(call.context) }
        }
        meter?.onFailure { task.cancel() }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        let isSettled = await call.settled()
        report(meter, what)
        if let failure = meter?.failure { throw failure }
        try result.get()
        if !isSettled { throw BackgroundWorkFailed() }
    }

    private func eventExecutor(_ meter: RequestMeter?) -> (any TaskExecutor)? {
        guard let meter else { return blocking }
        return meteringExecutor(meter) { work in DispatchQueue.global().async(execute: work) }
    }
}
