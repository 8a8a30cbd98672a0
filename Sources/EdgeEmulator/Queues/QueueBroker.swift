import Synchronization
import Workers

/// The emulator's queues: stored in its state folder and delivered in real time.
///
/// One task asks the ledger what is due, starts the handlers, and sleeps on one timer until the next instant; with nothing
/// due there is no timer. A send returns after its commit, and a message that was in flight when the process died is
/// delivered again.
public final class QueueBroker: Sendable {
    /// What handles batches: the Worker's `queue` handler, and then the work it left to `waitUntil`. A failure of either
    /// is thrown.
    public typealias Consumer = @Sendable (MessageBatch) async throws -> Void

    /// How long a handler may take. See the Workers documentation, "Queues", "Limits".
    public static let wallLimit = 900.0

    private struct State {
        var timer: (instant: Int, task: Task<Void, Never>)?
        var runs: [Int: BatchRun] = [:]
        var nextRun = 0
        var isStopping = false
        var driver: Task<Void, Never>?
    }

    let store: SQLiteQueueStore
    private let scripts: Set<String>
    /// The queues that were made, and the settings that were changed, over the REST interface.
    let catalogue: QueueCatalogue
    private let ledger: QueueLedger
    private let clock: any EmulatorClock
    private let log: @Sendable (QueueNote) -> Void
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    /// Opens `queues.sqlite` in the folder. Nothing is delivered before `start`.
    ///
    /// - Parameters:
    ///   - configurations: the queues that have settings or a consumer. What the REST interface has set before is added.
    ///   - scripts: the Workers that run here; a consumer that names another one waits until it does.
    ///   - random: 64 random bits, for the ids of messages and leases.
    ///   - log: told of every batch, and of what goes wrong.
    /// - Throws: `StateFailure`.
    public init(
        _ folder: StateFolder, configurations: [QueueConfiguration], scripts: Set<String> = [],
        clock: any EmulatorClock,
        random: @escaping @Sendable () -> UInt64 = { .random(in: 0 ... .max) },
        log: @escaping @Sendable (QueueNote) -> Void
    ) async throws {
        store = try SQLiteQueueStore(folder)
        self.clock = clock
        self.log = log
        self.scripts = scripts
        let records: [QueueRecord]
        let merged: [QueueConfiguration]
        do {
            records = try await store.load()
            catalogue = try await QueueCatalogue(store.database, configured: configurations, opened: clock.now)
            merged = try catalogue.configurations(scripts: scripts)
        } catch {
            store.close()
            throw error
        }
        ledger = QueueLedger(
            store: store, records: records, configurations: merged, now: { clock.now },
            random: random, note: log)
        // One waiting signal says as much as many.
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        ledger.observe { [change] in change.yield() }
    }

    /// A queue to send to; it comes into being when it is named.
    public func queue(_ name: String) -> any Queue { ledger.queue(name) }

    /// A pull consumer, for a queue whose consumer is of the kind `pull`.
    public func pullConsumer(_ name: String) -> QueuePullConsumer { QueuePullConsumer(name, of: ledger) }

    /// Sets a queue's settings and consumer in place of those it had.
    public func configure(_ configuration: QueueConfiguration) { ledger.configure(configuration) }

    /// Takes over what the file holds now.
    func replace(_ records: [QueueRecord], _ entries: [QueueEntry]) {
        catalogue.replace(entries)
        // What was stored before was made of valid parts.
        let configurations = (try? catalogue.configurations(scripts: scripts)) ?? Array(catalogue.configured.values)
        ledger.replace(records, configurations: configurations)
    }

    /// The decisions behind queues, pulls and metrics, for the REST interface.
    package var queues: QueueLedger { ledger }

    /// Begins to deliver.
    public func start(_ consumer: @escaping Consumer) {
        let driver = Task {
            for await _ in changes { deliverWhatIsDue(to: consumer) }
        }
        state.withLock { $0.driver = driver }
        change.yield()
    }

    /// Delivers no more, lets handlers finish, and gives back what they did not. Sends still work until `close`.
    ///
    /// - Parameter grace: how long handlers may take. What they decided by then counts; other messages wait again.
    public func stop(within grace: Duration) async {
        let driver = state.withLock { state in
            state.isStopping = true
            state.timer?.task.cancel()
            state.timer = nil
            return state.driver
        }
        change.finish()
        await driver?.value
        // From here on no batch begins.
        let runs = state.withLock { Array($0.runs.values) }
        let deadline = Task {
            guard (try? await Task.sleep(for: grace)) != nil else { return }
            for run in runs { run.interrupt() }
        }
        for run in runs { await run.finished() }
        deadline.cancel()
        await ledger.flush()
    }

    /// Closes the file, which fails every later call. Blocks until what waits is written.
    public func close() { store.close() }

    // MARK: Driving

    private func deliverWhatIsDue(to consumer: @escaping Consumer) {
        while !state.withLock({ $0.isStopping }) {
            switch ledger.step() {
            case .deliver(let ready): launch(ready, consumer)
            case .sleep(let instant): return wake(at: instant)
            case .nothing: return wake(at: nil)
            }
        }
    }

    /// Sets the one timer.
    private func wake(at instant: Int?) {
        state.withLock { state in
            if let timer = state.timer {
                if timer.instant == instant { return }
                timer.task.cancel()
                state.timer = nil
            }
            guard let instant, !state.isStopping else { return }
            let task = Task { [clock, change, weak self] in
                guard (try? await clock.sleep(until: Double(instant) / 1000)) != nil else { return }
                self?.state.withLock { state in
                    if state.timer?.instant == instant { state.timer = nil }
                }
                change.yield()
            }
            state.timer = (instant, task)
        }
    }

    private func launch(_ ready: QueueLedger.Ready, _ consumer: @escaping Consumer) {
        let run = BatchRun()
        let number = state.withLock { state in
            state.nextRun += 1
            state.runs[state.nextRun] = run
            return state.nextRun
        }
        Task {
            await perform(ready, run, consumer)
            state.withLock { _ = $0.runs.removeValue(forKey: number) }
            run.finish()
        }
    }

    private func perform(_ ready: QueueLedger.Ready, _ run: BatchRun, _ consumer: @escaping Consumer) async {
        // A store that fails is in the log, and its messages wait again.
        guard let opened = try? await ledger.open(ready) else { return }
        let batch = opened.batch
        let began = clock.now
        let ending: BatchSettlement.Ending
        switch await run.outcome(limit: began + QueueBroker.wallLimit, on: clock, of: { try await consumer(batch) }) {
        case .returned: ending = .returned
        case .interrupted: ending = .interrupted
        case .threw(let error):
            ending = .threw
            log(.failed(queue: batch.queue, reason: "\(error)"))
        case .ranOut:
            ending = .threw
            log(.failed(queue: batch.queue, reason: "It took longer than 15 minutes."))
        }
        let acknowledged = await ledger.finish(opened, ending)
        let milliseconds = Int(((clock.now - began) * 1000).rounded())
        log(
            .batch(
                queue: batch.queue, acknowledged: acknowledged, total: batch.messages.count,
                milliseconds: milliseconds))
    }
}
