import Workers

/// One bucket: records in SQLite, bytes in files.
final class SQLiteR2Store: R2Store {
    /// How often a get looks again when the object is replaced between finding it and opening its bytes.
    private static let attempts = 100

    private let bucket: String
    private let account: SQLiteR2Account
    private var blobs: BlobStore { account.blobs }

    init(bucket: String, account: SQLiteR2Account) {
        self.bucket = bucket
        self.account = account
    }

    func read<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value {
        try await account.read { [bucket] in try body($0.records(of: bucket)) }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value {
        try await account.write { [bucket] in try body($0.records(of: bucket)) }
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
        _ key: R2Key, _ choose: @escaping @Sendable (R2Record) throws -> [Range<Int>]?
    ) async throws -> (record: R2Record, body: Body?)? {
        var lost: String?
        for _ in 1...SQLiteR2Store.attempts {
            guard let record = try await read({ try $0.record(key) }) else { return nil }
            guard let ranges = try choose(record) else { return (record, nil) }
            let pieces = ranges.flatMap { R2Segment.pieces(of: $0, in: record.segments) }.compactMap { piece in
                BlobName(piece.blob).map { (name: $0, range: piece.range) }
            }
            if let body = try await blobs.open(pieces) { return (record, body) }
            // The same version twice: nobody has replaced it, its bytes are gone.
            if lost == record.object.version { throw StateFailure.lost(blobs.files.file(pieces[0].name)) }
            lost = record.object.version
        }
        throw StateFailure(
            .unavailable, "An object in \(account.database.path) is replaced faster than it can be read.")
    }
}
