import Synchronization
import Workers

/// Stored responses in `cache.sqlite`, larger bodies in files beside it, bounded in total; what has not been used for longest
/// goes first.
///
/// What `put` has stored survives the death of the process. That an entry was used is written along with the next `put`: a
/// crash forgets some uses, and never an entry.
package final class DurableCacheStore: CacheStore {
    /// Bytes.
    package struct Limits: Sendable {
        /// All entries together.
        package var total: Int
        /// One body. Production takes 512 MB (Workers documentation, "Limits", "Cache API limits").
        package var body: Int
        /// A body up to this size lies in the database, a larger one in a file.
        package var inline: Int

        package init(total: Int = 1 << 30, body: Int = 512_000_000, inline: Int = 64 << 10) {
            self.total = total
            self.body = min(body, total)
            self.inline = inline
        }
    }

    let database: StateDatabase
    let files: CacheFiles
    private let limits: Limits
    private let lastUse: Atomic<Int>
    /// Uses that are not written yet, by row.
    private let uses = Mutex<[Int64: Int]>([:])

    /// Opens the store and sweeps away the files that belong to no entry.
    package init(_ folder: StateFolder, limits: Limits = Limits()) async throws {
        database = try StateDatabase(folder, name: "cache.sqlite", migrator: CacheSchema.migrator, companion: "cache")
        self.limits = limits
        do {
            let (kept, lastUse) = try await database.read { db in
                (try CacheRow.files(db), try CacheRow.lastUse(db))
            }
            files = try CacheFiles(path: folder.path + "/cache", keeping: kept)
            self.lastUse = Atomic(lastUse)
        } catch {
            database.close()
            throw error
        }
    }

    /// Finishes what is under way. Calls after that fail.
    package func close() {
        files.close()
        database.close()
    }

    package func find(_ key: CacheKey, now: Double) async throws -> StoredResponse? {
        guard let (id, row) = try await database.read({ db in try CacheRow.find(key, db) }), now < row.head.expires
        else {
            return nil
        }
        note(id)
        switch row.content {
        case .inline(let bytes): return StoredResponse(head: row.head, content: .bytes(bytes))
        case .file(let number):
            let size = row.size
            return StoredResponse(
                head: row.head,
                content: .stored(size: size) { range in
                    try await self.open(number, size: size, range, row: id)
                })
        }
    }

    package func put(_ key: CacheKey, head: StoredHead, body: BodyStream, now: Double) async throws {
        guard let (content, size) = try await receive(body) else { return }
        let row = CacheRow(head: head, size: size, content: content)
        let cost = size + key.text.utf8.count + HeaderLines.text(head.headers).utf8.count
        let (used, uses, total) = (nextUse(), takeUses(), limits.total)
        do {
            guard cost <= total else { throw DoesNotFit() }
            let gone = try await database.write(bytes: content.inlineSize) { db in
                try CacheRow.mark(uses, db)
                var gone = try CacheRow.remove(key, now: now, db).map { [$0.gone] } ?? []
                gone += try CacheRow.removeExpired(now: now, limit: 16, db)
                gone += try CacheRow.removeOldest(downTo: total - cost, db)
                try row.insert(key, cost: cost, used: used, db)
                return gone
            }
            await files.remove(gone.compactMap(\.file))
        } catch {
            if case .file(let number) = content { await files.remove([number]) }
            if !(error is DoesNotFit) { throw error }
        }
    }

    /// An entry that would not fit into an empty store: it is not kept.
    private struct DoesNotFit: Error {}

    package func remove(_ key: CacheKey, now: Double) async throws -> Bool {
        let removed = try await database.write { db in try CacheRow.remove(key, now: now, db) }
        await files.remove(removed.flatMap(\.gone.file).map { [$0] } ?? [])
        return removed?.isFresh ?? false
    }

    package func removeAll(now: Double) async throws -> Int {
        let (count, gone) = try await database.write { db in try CacheRow.removeAll(now: now, db) }
        await files.remove(gone.compactMap(\.file))
        return count
    }

    // MARK: Content

    /// Takes a body in: small ones into memory, larger ones into a file, piece by piece, so that its writer waits for the
    /// disk.
    ///
    /// - Returns: `nil` for a body that is too long; it has been read to its end then.
    private func receive(_ body: BodyStream) async throws -> (content: CacheRow.Content, size: Int)? {
        var size = 0
        var waiting: [UInt8] = []
        var file: OpenCacheFile?
        do {
            while let chunk = try await body.next() {
                size += chunk.count
                if size > limits.body { break }
                waiting += chunk
                if size > limits.inline, waiting.count >= DurableCacheStore.pieceSize || file == nil {
                    let target = try await file.orCreate(in: files)
                    file = target
                    try await files.append(waiting, to: target)
                    waiting = []
                }
            }
            guard size <= limits.body else {
                await files.remove(file.map { [$0.number] } ?? [])
                while try await body.next() != nil {}
                return nil
            }
            guard let file else { return (.inline(waiting), size) }
            try await files.append(waiting, to: file)
            return (.file(file.number), size)
        } catch {
            await files.remove(file.map { [$0.number] } ?? [])
            throw error
        }
    }

    private static let pieceSize = 256 << 10

    private func open(_ number: Int, size: Int, _ range: Range<Int>, row: Int64) async throws -> BodyStream? {
        guard let file = try await files.open(number, size: size) else {
            // The entry went meanwhile, or its file is not what it was: gone for good either way.
            let gone = try await database.write { db in try CacheRow.remove(id: row, db) }
            await files.remove(gone.compactMap(\.file))
            return nil
        }
        let reader = files.stream(file, range)
        return BodyStream(length: range.count) { try await reader.next() }
    }

    // MARK: Uses

    /// Uses are numbered from behind this one on. A number that is too high does no harm.
    func noteUse(_ number: Int) { lastUse.max(number, ordering: .relaxed) }

    private func nextUse() -> Int { lastUse.add(1, ordering: .relaxed).newValue }

    private func note(_ id: Int64) {
        let use = nextUse()
        uses.withLock { uses in
            // Without a put nothing has to go, and the order does not matter yet.
            if uses.count >= 10_000 { uses = [:] }
            uses[id] = use
        }
    }

    private func takeUses() -> [Int64: Int] {
        uses.withLock { uses in
            defer { uses = [:] }
            return uses
        }
    }
}

extension CacheRow.Content {
    fileprivate var inlineSize: Int { if case .inline(let bytes) = self { bytes.count } else { 0 } }
}

extension OpenCacheFile? {
    fileprivate func orCreate(in files: CacheFiles) async throws -> OpenCacheFile {
        if let self { return self }
        return try await files.create()
    }
}
