import Synchronization
import Workers

/// Messages in a dictionary.
package final class MemoryQueueStore: QueueStore {
    private let rows = Mutex<[Int: (record: QueueRecord, content: QueueContent)]>([:])

    package init() {}

    package func load() async throws -> [QueueRecord] { rows.withLock { $0.values.map(\.record) } }

    package func apply(_ changes: [QueueChange]) async throws {
        rows.withLock { rows in
            for change in changes {
                switch change {
                case .insert(let record, let content): rows[record.key] = (record, content)
                case .update(let record): rows[record.key]?.record = record
                case .remove(let key): rows[key] = nil
                }
            }
        }
    }

    package func contents(of keys: [Int]) async throws -> [Int: QueueContent] {
        rows.withLock { rows in
            var found: [Int: QueueContent] = [:]
            for key in keys { found[key] = rows[key]?.content }
            return found
        }
    }
}
