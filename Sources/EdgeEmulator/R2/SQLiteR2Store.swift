import GRDB
import Workers

/// One bucket: records in SQLite, bytes in files.
final class SQLiteR2Store: R2Store {
    /// How often a get looks again when the object is replaced between finding it and opening its bytes.
    private static let attempts = 100

    private let bucket: String
    private let database: StateDatabase
    private let blobs: BlobStore

    init(bucket: String, database: StateDatabase, blobs: BlobStore) {
        self.bucket = bucket
        self.database = database
        self.blobs = blobs
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value {
        try await database.read { [bucket] db in try body(SQLiteR2Records(db, bucket: bucket)) }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value {
        let (value, dropped) = try await database.write { [bucket] db in
            let records = SQLiteR2Records(db, bucket: bucket)
            return (try body(records), records.dropped)
        }
        blobs.drop(dropped)
        return value
    }

    func stage(_ content: BodyStream, hashing algorithm: R2HashAlgorithm?) async throws -> R2StagedBody {
        try await blobs.stage(content, hashing: algorithm)
    }

    func release(_ staged: R2StagedBody, isSaved: Bool) {
        guard let segment = staged.segment, let name = BlobName(segment.blob) else { return }
        blobs.release([name])
        // No record has named it, so none will let go of it.
        if !isSaved { blobs.drop([name]) }
    }

    func open(
        _ key: R2Key, _ choose: @escaping @Sendable (R2Object) throws -> Range<Int>?
    ) async throws -> (object: R2Object, body: Body?)? {
        var lost: String?
        for _ in 1...SQLiteR2Store.attempts {
            let record = try await database.read { [bucket] db in
                try SQLiteR2Records(db, bucket: bucket).record(key)
            }
            guard let record else { return nil }
            guard let range = try choose(record.object) else { return (record.object, nil) }
            let pieces = R2Segment.pieces(of: range, in: record.segments).compactMap { piece in
                BlobName(piece.blob).map { (name: $0, range: piece.range) }
            }
            if let body = try await blobs.open(pieces) { return (record.object, body) }
            // The same version twice: nobody has replaced it, its bytes are gone.
            if lost == record.object.version { throw StateFailure.lost(blobs.files.file(pieces[0].name)) }
            lost = record.object.version
        }
        throw StateFailure(.unavailable, "An object in \(database.path) is replaced faster than it can be read.")
    }
}
