import EdgeServer
import Workers

/// The namespaces of the account: those of the configuration and those that were made here. The same entries that the
/// bindings see.
final class KVDirectory: Sendable {
    let database: KVDatabase
    let limits = KVLimits()
    private let clock: any EmulatorClock
    /// Those that the configuration names, the first of each id.
    private let configured: [KVNamespaceRecord]
    /// `nil` where writes are not limited.
    private let writes: KVWriteLimits?

    init(_ platform: LocalPlatform) {
        database = platform.kv
        clock = platform.clock
        writes = platform.enforcesLimits ? KVWriteLimits() : nil
        var seen: Set<String> = []
        configured = platform.fleet.members.flatMap(\.config.kvNamespaces).compactMap { entry in
            guard seen.insert(entry.localName).inserted else { return nil }
            return KVNamespaceRecord(id: entry.localName, title: entry.binding)
        }
    }

    /// Whole seconds since 1970.
    var second: Int { Int(clock.now.rounded(.down)) }

    func isConfigured(_ id: String) -> Bool { configured.contains { $0.id == id } }

    /// All of them, by id; a title that was given here goes before the binding's name.
    func all() async throws -> [KVNamespaceRecord] {
        let stored = try await database.namespaceRecords()
        let known = Set(stored.map(\.id))
        return (stored + configured.filter { !known.contains($0.id) }).sorted { $0.id < $1.id }
    }

    func record(_ id: String) async throws -> KVNamespaceRecord? { try await all().first { $0.id == id } }

    /// The entries of a namespace that exists.
    ///
    /// - Parameter operation: for the message.
    func entries(_ id: String, _ operation: String) async throws -> KVEntries {
        if !isConfigured(id), try await database.namespaceRecord(id) == nil {
            throw RESTError.missingNamespace(operation)
        }
        let clock = clock
        return KVEntries(
            id: id, store: database.store(id), limits: limits, now: { clock.now }, writes: writes)
    }
}
