import Synchronization
import Workers

/// All buckets in memory.
package final class MemoryR2Account: R2AccountStore {
    private let state = Mutex(MemoryR2AccountRecords())

    package init() {}

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any R2AccountRecords) throws -> Value
    ) async throws -> Value {
        try state.withLock { try body($0) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any R2AccountRecords) throws -> Value
    ) async throws -> Value {
        try state.withLock { try body($0) }
    }

    package func bucket(_ name: String) -> any R2Store { MemoryR2Store(bucket: name, account: self) }

    func withBlobs<Value: Sendable>(_ body: (MemoryR2Blobs) -> Value) -> Value { state.withLock { body($0.blobs) } }
}

/// The records of all buckets. Only their account uses it, under a lock.
final class MemoryR2AccountRecords: R2AccountRecords {
    let blobs = MemoryR2Blobs()
    private var infos: [String: R2BucketInfo] = [:]
    private var records: [String: MemoryR2Records] = [:]

    func buckets(prefix: String, after: String, limit: Int) -> [R2BucketInfo] {
        let found = infos.values.filter { R2Key(after) < R2Key($0.name) && $0.name.utf8.starts(with: prefix.utf8) }
        return Array(found.sorted { R2Key($0.name) < R2Key($1.name) }.prefix(limit))
    }

    func bucket(_ name: String) -> R2BucketInfo? { infos[name] }

    func save(_ bucket: R2BucketInfo) { infos[bucket.name] = bucket }

    func removeBucket(_ name: String) {
        if let records = records.removeValue(forKey: name) {
            for upload in records.uploads() { records.removeUpload(upload.id) }
        }
        infos[name] = nil
    }

    func records(of bucket: String) -> any R2Records {
        if let known = records[bucket] { return known }
        let new = MemoryR2Records(blobs) { [weak self] moment in
            guard let self, self.infos[bucket] == nil else { return }
            self.infos[bucket] = R2BucketInfo(name: bucket, created: moment)
        }
        records[bucket] = new
        return new
    }
}

/// The bytes of all buckets, and how many need them.
final class MemoryR2Blobs {
    private struct Blob {
        var bytes: [UInt8]
        /// Records that name it, and writers that have not released it.
        var uses: Int
    }

    private var blobs: [[UInt8]: Blob] = [:]
    private var last: UInt64 = 0

    var count: Int { blobs.count }

    /// Keeps bytes until they are dropped.
    func keep(_ bytes: [UInt8]) -> [UInt8] {
        last += 1
        let name = withUnsafeBytes(of: last.bigEndian) { Array($0) }
        blobs[name] = Blob(bytes: bytes, uses: 1)
        return name
    }

    func use(_ segment: R2Segment) { blobs[segment.blob]?.uses += 1 }

    func drop(_ segment: R2Segment) {
        guard var blob = blobs[segment.blob] else { return }
        blob.uses -= 1
        blobs[segment.blob] = blob.uses > 0 ? blob : nil
    }

    func bytes(_ segments: [R2Segment]) -> [ArraySlice<UInt8>] { segments.compactMap { blobs[$0.blob]?.bytes[...] } }
}
