import Synchronization
import Workers

/// Bytes in files named by their content. Equal bytes are kept once.
///
/// Bodies are streamed in and out with one batch under way on a file thread, so memory does not grow with their size,
/// and the slower side sets the pace.
final class BlobStore: Sendable {
    /// Which of these blobs a record names.
    typealias Needed = @Sendable ([BlobName]) async throws -> Set<BlobName>

    /// Bytes that go to a file thread at once. While one batch is hashed and written, the next is received.
    private static let batch = 262_144
    /// A body up to this size is read at once: a stream would cost more than the bytes.
    private static let small = 65_536

    let files: BlobFiles
    private let threads: FileThreads
    private let needed: Needed
    private let ledger = Mutex(BlobLedger())
    private let dropped = Mutex(Dropped())

    private struct Dropped {
        var names: Set<BlobName> = []
        var isCollecting = false
    }

    init(_ files: BlobFiles, threads: FileThreads, needed: @escaping Needed) {
        self.files = files
        self.threads = threads
        self.needed = needed
    }

    // MARK: In

    /// Stores a body under a hold, which lasts until `release`.
    func stage(_ content: BodyStream, hashing algorithm: R2HashAlgorithm?) async throws -> R2StagedBody {
        let algorithms = Set([algorithm].compactMap(\.self))
        let incoming = IncomingBlob(files, hashing: algorithms)
        var running: FileJob<Void>?
        do {
            var batch: [[UInt8]] = []
            var size = 0
            // A producer that does not wait for anything would not notice that its reader is cancelled.
            while !Task.isCancelled, let chunk = try await content.next() {
                if chunk.isEmpty { continue }
                batch.append(chunk)
                size += chunk.count
                guard size >= BlobStore.batch else { continue }
                if let job = running {
                    running = nil
                    try await job.value()
                }
                running = threads.start { [batch] in try incoming.append(batch) }
                (batch, size) = ([], 0)
            }
            if Task.isCancelled { throw CancellationError() }
            if let job = running {
                running = nil
                try await job.value()
            }
            if batch.isEmpty { return try await finish(incoming, algorithms) }
            return try await finish(incoming, algorithms, appending: batch)
        } catch {
            content.cancel()
            if let running { _ = try? await running.value() }
            threads.start { incoming.abandon() }
            throw error
        }
    }

    private func finish(
        _ incoming: IncomingBlob, _ algorithms: Set<R2HashAlgorithm>, appending batch: [[UInt8]] = []
    ) async throws -> R2StagedBody {
        let stored = try await threads.run {
            if !batch.isEmpty { try incoming.append(batch) }
            var held: BlobName?
            do {
                return try incoming.finish { name in
                    self.hold([name])
                    held = name
                }
            } catch {
                if let held { self.release([held]) }
                throw error
            }
        }
        guard let stored else { return R2StagedBody(segment: nil, checksums: R2Hasher(algorithms).finish()) }
        return R2StagedBody(
            segment: R2Segment(blob: stored.name.bytes, size: stored.size), checksums: stored.checksums)
    }

    // MARK: Out

    /// Opens the bytes, which then stay until the body has been read or let go.
    ///
    /// - Returns: `nil` when some of them are not there: whoever named them has been replaced meanwhile.
    func open(_ pieces: [OutgoingBlobs.Piece]) async throws -> Body? {
        let length = pieces.reduce(0) { $0 + $1.range.count }
        if length == 0 { return Body(bytes: []) }
        let names = pieces.map(\.name)
        // First the hold, then the look: what is there now will not go.
        hold(names)
        let outgoing = OutgoingBlobs(files, pieces: pieces)
        let (isThere, bytes) = try await threads.run { try self.begin(outgoing, names, length: length) }
        guard isThere else { return nil }
        if let bytes { return Body(bytes: bytes) }
        let stream = BodyStream(
            length: length,
            onCancel: { self.threads.start { self.finish(outgoing, names) } },
            next: { try await self.threads.run { try self.next(outgoing, names) } })
        return Body(stream: stream)
    }

    /// - Returns: whether the blobs are there, and all of their bytes if these are few.
    private func begin(_ outgoing: OutgoingBlobs, _ names: [BlobName], length: Int) throws -> (Bool, [UInt8]?) {
        guard names.allSatisfy({ files.exists($0) }) else {
            finish(outgoing, names)
            return (false, nil)
        }
        guard length <= BlobStore.small else { return (true, nil) }
        defer { finish(outgoing, names) }
        var bytes: [UInt8] = []
        while let more = try outgoing.next(atMost: length) {
            if bytes.isEmpty { bytes = more } else { bytes += more }
        }
        return (true, bytes)
    }

    private func next(_ outgoing: OutgoingBlobs, _ names: [BlobName]) throws -> [UInt8]? {
        do {
            let bytes = try outgoing.next(atMost: BlobStore.batch)
            if bytes == nil { finish(outgoing, names) }
            return bytes
        } catch {
            finish(outgoing, names)
            throw error
        }
    }

    private func finish(_ outgoing: OutgoingBlobs, _ names: [BlobName]) {
        if outgoing.finish() { release(names) }
    }

    // MARK: Keeping and removing

    func pin() { ledger.withLock { $0.pin() } }

    func unpin() { drop(ledger.withLock { $0.unpin() }) }

    func hold(_ names: [BlobName]) {
        ledger.withLock { ledger in
            for name in names { ledger.hold(name) }
        }
    }

    func release(_ names: [BlobName]) {
        let doubtful = ledger.withLock { ledger in names.filter { ledger.release($0) } }
        drop(doubtful)
    }

    /// Removes those of these blobs that nobody needs any more, soon.
    func drop(_ names: [BlobName]) {
        if names.isEmpty { return }
        let starts = dropped.withLock { dropped in
            dropped.names.formUnion(names)
            defer { dropped.isCollecting = true }
            return !dropped.isCollecting
        }
        if starts { Task { await self.collect() } }
    }

    private func collect() async {
        while true {
            let names = dropped.withLock { dropped -> [BlobName] in
                defer { dropped.names = [] }
                if dropped.names.isEmpty { dropped.isCollecting = false }
                return Array(dropped.names)
            }
            if names.isEmpty { return }
            // What cannot be removed now is removed by the sweep of the next start.
            _ = try? await remove(names)
        }
    }

    /// Removes those of these blobs that no record names and nobody holds.
    ///
    /// - Returns: how many.
    private func remove(_ names: [BlobName]) async throws -> Int {
        let claimed = ledger.withLock { ledger in names.filter { ledger.claim($0) } }
        let kept: Set<BlobName>
        do {
            kept = try await needed(claimed)
        } catch {
            ledger.withLock { ledger in
                for name in claimed { _ = ledger.settle(name) }
            }
            throw error
        }
        return try await threads.run {
            var count = 0
            for name in claimed {
                // A rename takes microseconds, freeing a large file does not: only the former happens under the lock.
                let file = self.ledger.withLock { ledger -> String? in
                    guard ledger.settle(name), !kept.contains(name) else { return nil }
                    return self.files.withdraw(name)
                }
                guard let file else { continue }
                self.files.discard(file)
                count += 1
            }
            return count
        }
    }

    /// Removes every blob that no record names.
    ///
    /// It may run beside anything else.
    /// - Returns: how many were removed.
    func sweep() async throws -> Int {
        var count = 0
        for shard in 0...255 {
            let shard = Hexadecimal.text([UInt8(shard)])
            let found = try await threads.run { try self.files.names(inShard: shard) }
            if found.isEmpty { continue }
            let needed = try await needed(found)
            let orphans = found.filter { !needed.contains($0) }
            if !orphans.isEmpty { count += try await remove(orphans) }
        }
        return count
    }

    /// Whether nobody holds anything and nothing waits to be removed.
    var isQuiet: Bool { ledger.withLock(\.isEmpty) && dropped.withLock { !$0.isCollecting } }
}
