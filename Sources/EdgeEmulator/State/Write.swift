import GRDB
import Synchronization

/// One write on its way through a transaction that it may share with others.
protocol PendingWrite: Sendable {
    /// About how many bytes it writes.
    var bytes: Int { get }
    /// Runs its statements. May be called again if the transaction around it is lost.
    func attempt(_ db: Database) throws
    /// Its transaction is committed.
    func succeed()
    func fail(_ error: any Error)
}

final class Write<Value: Sendable>: PendingWrite {
    let bytes: Int
    private let body: @Sendable (Database) throws -> Value
    private let committed: @Sendable (Value) -> Void
    private let continuation: CheckedContinuation<Value, any Error>
    private let value = Mutex<Value?>(nil)

    init(
        bytes: Int, body: @escaping @Sendable (Database) throws -> Value,
        committed: @escaping @Sendable (Value) -> Void, continuation: CheckedContinuation<Value, any Error>
    ) {
        self.bytes = bytes
        self.body = body
        self.committed = committed
        self.continuation = continuation
    }

    func attempt(_ db: Database) throws {
        let result = try body(db)
        value.withLock { $0 = result }
    }

    func succeed() {
        guard let result = value.withLock({ $0 }) else { preconditionFailure("committed before it was attempted") }
        committed(result)
        continuation.resume(returning: result)
    }

    func fail(_ error: any Error) { continuation.resume(throwing: error) }
}

/// One read, answered inside a snapshot that it may share with others.
struct Read: Sendable {
    var run: @Sendable (Database) -> Void
    var fail: @Sendable (any Error) -> Void
}
