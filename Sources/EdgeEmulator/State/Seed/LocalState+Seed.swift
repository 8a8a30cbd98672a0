import Foundation
import GRDB
import Workers

extension LocalState {
    /// How many things a seed file has put where.
    struct SeedCounts: Sendable, Hashable {
        var kv = 0
        var r2 = 0
        var queues = 0
    }

    /// Puts what a seed file says into the stores, over what is there under the same keys.
    ///
    /// - Throws: `Problem`. For a fault of the file nothing is written.
    func seed(_ json: JSON) async throws -> SeedCounts {
        var names = names
        if let kv, let r2, let queues {
            names.add(
                namespaces: try await kv.namespaceRecords().map { ($0.id, $0.title) },
                buckets: try await r2.bucketNames(), queues: queues.catalogue.all.map(\.name))
        }
        let seed = try SeedFile(json, names: names, now: Int(clock.now))
        return try await inTurn { [self] in
            try await put(seed.entries)
            try await put(seed.objects)
            for queue in seed.queues { try await send(queue) }
            changed(
                [
                    seed.entries.isEmpty ? nil : "kv", seed.objects.isEmpty ? nil : "r2",
                    seed.queues.isEmpty ? nil : "queues",
                ].compactMap(\.self))
            return SeedCounts(kv: seed.entries.count, r2: seed.objects.count, queues: seed.messageCount)
        }
    }

    private func put(_ entries: [SeedFile.Entry]) async throws {
        guard let kv, !entries.isEmpty else { return }
        try await kv.database.write(bytes: entries.reduce(0) { $0 + $1.record.value.count }) { db in
            for entry in entries { try KVStatements.write(db, entry.namespace, entry.key, entry.record) }
        } committed: {
            for entry in entries { kv.committed(kv.cacheKey(entry.namespace, entry.key), entry.record) }
        }
    }

    /// First the bytes, then all records in one transaction.
    private func put(_ objects: [SeedFile.Object]) async throws {
        guard let r2, !objects.isEmpty else { return }
        let staged = try await stage(objects, r2)
        let account = SQLiteR2Account(database: r2.database, blobs: r2.blobs)
        let records = zip(objects, staged).map {
            (bucket: $0.bucket, record: LocalState.record($0, $1, at: r2.clock.now))
        }
        do {
            try await account.write { all in
                for (bucket, record) in records { try all.records(of: bucket).save(record) }
            }
        } catch {
            LocalState.release(staged, r2, isSaved: false)
            throw error
        }
        LocalState.release(staged, r2, isSaved: true)
    }

    private func stage(_ objects: [SeedFile.Object], _ r2: R2State) async throws -> [R2StagedBody] {
        var staged: [R2StagedBody] = []
        do {
            for object in objects {
                staged.append(try await r2.blobs.stage(Body(bytes: object.bytes).stream(), hashing: nil))
            }
        } catch {
            LocalState.release(staged, r2, isSaved: false)
            throw error
        }
        return staged
    }

    private static func release(_ staged: [R2StagedBody], _ r2: R2State, isSaved: Bool) {
        let names = staged.compactMap { $0.segment.flatMap { BlobName($0.blob) } }
        r2.blobs.release(names)
        if !isSaved { r2.blobs.drop(names) }
    }

    private static func record(_ object: SeedFile.Object, _ body: R2StagedBody, at now: Double) -> R2Record {
        var generator = SystemRandomNumberGenerator()
        var metadata = R2HTTPMetadata()
        metadata.contentType = object.contentType
        let stored = R2Object(
            key: object.key, version: LocalR2Bucket.token(using: &generator), size: body.size,
            etag: Hexadecimal.text(body.md5), uploaded: (now * 1000).rounded(.down) / 1000, httpMetadata: metadata,
            customMetadata: object.customMetadata, checksums: body.checksums)
        return R2Record(object: stored, segments: body.segments)
    }

    private func send(_ queue: SeedFile.Messages) async throws {
        guard let queues, !queue.messages.isEmpty else { return }
        let delay = queues.queues.settings(of: queue.queue).deliveryDelay
        let parcels = try queue.messages.map { try QueueSending.single($0, queueDelay: delay) }
        _ = try await queues.queues.take(parcels, into: queue.queue, operation: "send")
    }
}
