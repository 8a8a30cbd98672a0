import EdgeServer
import Foundation
import Synchronization
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// The whole state of an emulator, for those who look at it, keep it, bring it back, empty it or fill it.
///
/// It works on the open stores, so it is as safe while Workers run as any write is: what it changes, it changes in one
/// transaction for each store, and the transactions of all stores end at one moment. One call runs at a time.
final class LocalState: Sendable {
    let folder: StateFolder
    let shelf: SnapshotShelf
    let stores: [any StateStore]
    let kv: KVDatabase?
    let r2: R2State?
    let queues: QueueBroker?
    /// Answers in front of Workers and behind their `fetch`. They follow from everything else, so no snapshot holds them.
    let responses: WorkerCaches
    let rateLimits: DurableRateLimits?
    let names: StateNames
    let clock: any EmulatorClock
    let threads = FileThreads(count: 1, name: "snapshots")
    private let turns = Turns()
    private let observer = Mutex<@Sendable ([String]) -> Void>({ _ in })

    init(
        _ folder: StateFolder, kv: KVDatabase?, r2: R2State?, queues: QueueBroker?, caches: DurableCaches,
        responses: WorkerCaches, rateLimits: DurableRateLimits?, names: StateNames, clock: any EmulatorClock
    ) {
        self.folder = folder
        shelf = SnapshotShelf(beside: folder.path)
        (self.kv, self.r2, self.queues) = (kv, r2, queues)
        (self.responses, self.rateLimits) = (responses, rateLimits)
        self.names = names
        self.clock = clock
        var stores: [any StateStore] = []
        if let kv { stores.append(KVStateStore(kv: kv)) }
        if let r2 { stores.append(R2StateStore(r2: r2, buckets: names.configuredBuckets)) }
        if let queues { stores.append(QueueStateStore(broker: queues)) }
        stores.append(CacheStateStore(caches: caches))
        self.stores = stores
    }

    /// Sets who is told which parts were replaced.
    func observe(_ change: @escaping @Sendable ([String]) -> Void) { observer.withLock { $0 = change } }

    func changed(_ parts: [String]) { observer.withLock { $0 }(parts) }

    func close() { threads.close() }

    /// Runs one after the other what changes or copies everything.
    func inTurn<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        do {
            return try await turns.run(body)
        } catch let failure as StateFailure {
            throw failure.problem
        }
    }

    // MARK: Looking

    static let responsesName = "responses"
    static let rateLimitsName = "ratelimits"

    /// The parts that can be cleared.
    var partNames: [String] {
        stores.map(\.name) + [LocalState.responsesName] + (rateLimits == nil ? [] : [LocalState.rateLimitsName])
    }

    func parts() async throws -> [Snapshot.Part] {
        var parts: [Snapshot.Part] = []
        for store in stores { parts.append(.init(name: store.name, content: try await store.content())) }
        let statistics = responses.statistics
        parts.append(
            .init(
                name: LocalState.responsesName,
                content: StateContent(
                    bytes: max(statistics.diskBytes, statistics.memoryBytes), entries: statistics.entries)))
        if let rateLimits {
            parts.append(.init(name: LocalState.rateLimitsName, content: try await rateLimits.content()))
        }
        return parts
    }

    // MARK: Keeping

    /// Copies everything at one moment: no write is in the copy without those that went before it.
    ///
    /// - Parameter name: `nil` takes the time of day.
    /// - Throws: `Problem`. Then there is no snapshot of that name that was not there before.
    func snapshot(_ name: String?) async throws -> Snapshot {
        let wish = try name.map { text in
            guard let name = SnapshotName(text) else { throw Problem.badSnapshotName(text) }
            return name
        }
        return try await inTurn { [self] in
            let name = try wish ?? freeName()
            guard access(shelf.folder(name), F_OK) != 0 else {
                throw Problem(
                    .conflict, code: "snapshot_exists",
                    "There is a snapshot “\(name.text)” already; take another name, or remove that one.")
            }
            return try await take(name)
        }
    }

    private func freeName() throws -> SnapshotName {
        let name = SnapshotName(moment: clock.now)
        let names = ([name.text] + (2...100).map { "\(name.text)-\($0)" }).compactMap { SnapshotName($0) }
        return names.first { access(shelf.folder($0), F_OK) != 0 } ?? name
    }

    private func take(_ name: SnapshotName) async throws -> Snapshot {
        let draft = "\(shelf.path)/\(SnapshotShelf.draft)\(name.text)"
        for store in stores { store.pin() }
        defer { for store in stores { store.unpin() } }
        var parts: [Snapshot.Part] = []
        // What is in it is counted before the moment; the numbers are for people.
        for store in stores { parts.append(.init(name: store.name, content: try await store.content())) }
        let snapshot = Snapshot(name: name.text, created: Int(clock.now * 1000), parts: parts)
        let moments = try stores.map { try StateMoment(of: $0.database) }
        defer { for moment in moments { moment.end() } }
        try await StoreChange.perform(stores.map { StoreChange(database: $0.database) }) {
            for moment in moments { try moment.begin() }
        }
        try await threads.run { [self] in
            do {
                try FileLink.makeFolder(shelf.path)
                shelf.clean()
                try FileLink.makeFolder(draft)
                for (store, moment) in zip(stores, moments) {
                    let file = "\(draft)/\(store.file)"
                    try moment.copy(to: file)
                    try OfflineDatabase(file).change { copy in try store.linkFiles(of: copy, into: draft) }
                }
                try write(snapshot.text, to: "\(draft)/\(Snapshot.manifest)")
                guard rename(draft, shelf.folder(name)) == 0 else {
                    throw StateFailure.system(shelf.folder(name), errno)
                }
            } catch {
                FileLink.remove(draft)
                throw error
            }
        }
        return snapshot
    }

    private func write(_ text: String, to path: String) throws(StateFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path, errno) }
        defer { Glibc.close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw .full(path) }
    }

    func removeSnapshot(_ text: String) async throws {
        guard let name = SnapshotName(text) else { throw Problem.badSnapshotName(text) }
        try await inTurn { [self] in
            _ = try shelf.find(name)
            try await threads.run { [self] in
                // By a rename first: a folder that is half removed is no snapshot.
                let grave = "\(shelf.path)/\(SnapshotShelf.draft)removed-\(name.text)"
                FileLink.remove(grave)
                guard rename(shelf.folder(name), grave) == 0 else {
                    throw StateFailure.system(shelf.folder(name), errno)
                }
                FileLink.remove(grave)
            }
        }
    }

    // MARK: Emptying

    /// Removes what is in some parts, or in all.
    ///
    /// - Throws: `Problem`, before anything is removed, for a part that there is not.
    func clear(_ parts: [String]?) async throws {
        let known = partNames
        let chosen = parts ?? known
        for part in chosen where !known.contains(part) {
            throw Problem(
                .badRequest, code: "no_such_part",
                "There is no part “\(part)” of the state; there are \(known.joined(separator: ", ")).")
        }
        try await inTurn { [self] in
            let emptied = stores.filter { chosen.contains($0.name) }
            var changes: [StoreChange] = []
            for store in emptied { changes.append(try await store.change(to: nil)) }
            if !changes.isEmpty { try await StoreChange.perform(changes) }
            if chosen.contains(LocalState.rateLimitsName) { try await rateLimits?.removeAll() }
            // What was answered from the rest is gone with it.
            try await purgeResponses()
            changed(chosen)
        }
    }

    func purgeResponses() async throws {
        var purge = ZonePurge()
        purge.everything = true
        try await responses.purge(purge)
    }
}

/// Lets one at a time.
private actor Turns {
    private var last: Task<Void, Never>?

    func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let before = last
        // A task of its own: whoever asked may go away, and the state must not be left half way.
        let task = Task {
            await before?.value
            return try await body()
        }
        last = Task { _ = try? await task.value }
        return try await task.value
    }
}

extension Problem {
    static func badSnapshotName(_ text: String) -> Problem {
        Problem(
            .badRequest, code: "bad_snapshot_name",
            "A snapshot's name is 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit; "
                + "“\(text.prefix(80))” is not.")
    }
}

extension StateFailure {
    var problem: Problem {
        switch kind {
        case .full: Problem(.init(code: 507), code: "disk_full", description)
        case .damaged: Problem(.conflict, code: "state_damaged", description)
        case .newer: Problem(.conflict, code: "snapshot_newer", description)
        case .inUse, .readOnly, .closed, .unavailable:
            Problem(.internalServerError, code: "state_failed", description)
        }
    }
}
