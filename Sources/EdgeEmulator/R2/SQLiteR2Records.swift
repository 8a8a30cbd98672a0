import Foundation
import GRDB
import Workers

/// The records of one bucket within one transaction.
final class SQLiteR2Records: R2Records {
    private let db: Database
    private let bucket: String
    private let drops: BlobDrops

    init(_ db: Database, bucket: String, drops: BlobDrops) {
        self.db = db
        self.bucket = bucket
        self.drops = drops
    }

    // MARK: Objects

    func object(_ key: R2Key) throws -> R2Object? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT key, version, size, etag, uploaded, storage_class, md5, checksum_algorithm, checksum,
                    http_metadata, custom_metadata, s3_checksum, ssec_key_md5
                FROM object WHERE bucket = ? AND key = ?
                """)
        return try Row.fetchOne(statement, arguments: [bucket, Data(key.bytes)]).map(object)
    }

    func record(_ key: R2Key) throws -> R2Record? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT key, version, size, etag, uploaded, storage_class, md5, checksum_algorithm, checksum,
                    http_metadata, custom_metadata, s3_checksum, ssec_key_md5, segments
                FROM object WHERE bucket = ? AND key = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [bucket, Data(key.bytes)]) else { return nil }
        return R2Record(object: try object(row), segments: R2Columns.segments(row[13]))
    }

    func save(_ record: R2Record) throws {
        try exist(since: record.object.uploaded)
        try letGo(ofObject: record.key)
        try use(record.segments)
        let object = record.object
        let named = R2HashAlgorithm.allCases.first { $0 != .md5 && object.checksums[$0] != nil }
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO object (bucket, key, version, size, etag, uploaded, storage_class, md5,
                    checksum_algorithm, checksum, http_metadata, custom_metadata, s3_checksum, ssec_key_md5, segments)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let arguments: [(any DatabaseValueConvertible)?] = [
            bucket, Data(record.key.bytes), object.version, object.size, object.etag,
            R2Columns.milliseconds(object.uploaded), object.storageClass.rawValue,
            object.checksums.md5.map { Data($0) },
            named?.rawValue, named.flatMap { object.checksums[$0] }.map { Data($0) },
            R2Columns.text(object.httpMetadata), R2Columns.text(object.customMetadata), object.checksum?.stored,
            object.ssecKeyMd5, R2Columns.data(record.segments),
        ]
        try statement.execute(arguments: StatementArguments(arguments))
    }

    func setStorageClass(_ storageClass: R2StorageClass, of key: R2Key) throws {
        let statement = try db.cachedStatement(sql: "UPDATE object SET storage_class = ? WHERE bucket = ? AND key = ?")
        try statement.execute(arguments: [storageClass.rawValue, bucket, Data(key.bytes)])
    }

    func remove(_ key: R2Key) throws {
        try letGo(ofObject: key)
        let statement = try db.cachedStatement(sql: "DELETE FROM object WHERE bucket = ? AND key = ?")
        try statement.execute(arguments: [bucket, Data(key.bytes)])
    }

    func scan(from start: R2Key, to end: R2Key?, _ visit: (R2Object) throws -> R2ScanStep) throws {
        var start: R2Key? = start
        while let from = start {
            start = nil
            let rows = try cursor(from: from, to: end)
            scan: while let row = try rows.next() {
                switch try visit(try object(row)) {
                case .next: continue
                case .stop: return
                case .skip(let next):
                    start = next
                    break scan
                }
            }
        }
    }

    private func cursor(from start: R2Key, to end: R2Key?) throws -> RowCursor {
        let columns = """
            SELECT key, version, size, etag, uploaded, storage_class, md5, checksum_algorithm, checksum,
                http_metadata, custom_metadata, s3_checksum, ssec_key_md5
            FROM object WHERE bucket = ? AND key >= ?
            """
        guard let end else {
            let statement = try db.cachedStatement(sql: columns + " ORDER BY key")
            return try Row.fetchCursor(statement, arguments: [bucket, Data(start.bytes)])
        }
        let statement = try db.cachedStatement(sql: columns + " AND key < ? ORDER BY key")
        return try Row.fetchCursor(statement, arguments: [bucket, Data(start.bytes), Data(end.bytes)])
    }

    private func object(_ row: Row) throws -> R2Object {
        let key: Data = row[0]
        var checksums = R2Checksums()
        if let md5 = row[6] as Data? { checksums.md5 = Array(md5) }
        if let name = row[7] as String?, let algorithm = R2HashAlgorithm(rawValue: name), let digest = row[8] as Data? {
            checksums[algorithm] = Array(digest)
        }
        var object = R2Object(
            key: String(decoding: key, as: UTF8.self), version: row[1], size: row[2], etag: row[3],
            uploaded: R2Columns.seconds(row[4]), httpMetadata: try R2Columns.httpMetadata(row[9]),
            customMetadata: try R2Columns.customMetadata(row[10]), checksums: checksums,
            storageClass: R2StorageClass(rawValue: row[5]) ?? .standard, ssecKeyMd5: row[12])
        object.checksum = (row[11] as String?).flatMap { R2ObjectChecksum(stored: $0) }
        return object
    }

    // MARK: Uploads

    func uploads() throws -> [R2Upload] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, key, created, state, ended, storage_class, http_metadata, custom_metadata, s3_checksum,
                    ssec_key_md5
                FROM upload WHERE bucket = ? ORDER BY created, id
                """)
        return try Row.fetchAll(statement, arguments: [bucket]).map(upload)
    }

    func upload(_ id: String) throws -> R2Upload? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, key, created, state, ended, storage_class, http_metadata, custom_metadata, s3_checksum,
                    ssec_key_md5
                FROM upload WHERE id = ? AND bucket = ?
                """)
        return try Row.fetchOne(statement, arguments: [id, bucket]).map(upload)
    }

    func save(_ upload: R2Upload) throws {
        try exist(since: upload.created)
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO upload (id, bucket, key, created, state, ended, storage_class, http_metadata,
                    custom_metadata, s3_checksum, ssec_key_md5)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended = excluded.ended
                """)
        let arguments: [(any DatabaseValueConvertible)?] = [
            upload.id, bucket, Data(upload.key.bytes), R2Columns.milliseconds(upload.created), upload.state.rawValue,
            upload.ended.map(R2Columns.milliseconds), upload.options.storageClass.rawValue,
            R2Columns.text(upload.options.httpMetadata), R2Columns.text(upload.options.customMetadata),
            upload.checksum?.stored, upload.ssecKeyMd5,
        ]
        try statement.execute(arguments: StatementArguments(arguments))
    }

    func removeUpload(_ id: String) throws {
        try removeParts(ofUpload: id)
        try db.cachedStatement(sql: "DELETE FROM upload WHERE id = ?").execute(arguments: [id])
    }

    private func upload(_ row: Row) throws -> R2Upload {
        let key: Data = row[1]
        let options = R2MultipartOptions(
            httpMetadata: try R2Columns.httpMetadata(row[6]), customMetadata: try R2Columns.customMetadata(row[7]),
            storageClass: R2StorageClass(rawValue: row[5]) ?? .standard)
        return R2Upload(
            id: row[0], key: R2Key(bytes: Array(key)), created: R2Columns.seconds(row[2]), options: options,
            ssecKeyMd5: row[9], checksum: (row[8] as String?).flatMap { R2ObjectChecksum.Form(stored: $0) },
            state: R2Upload.State(rawValue: row[3]) ?? .aborted, ended: (row[4] as Int?).map(R2Columns.seconds))
    }

    // MARK: Parts

    func parts(ofUpload id: String) throws -> [R2Part] {
        let statement = try db.cachedStatement(
            sql: """
                SELECT number, etag, size, md5, uploaded, segments, s3_checksum
                FROM part WHERE upload = ? ORDER BY number
                """)
        return try Row.fetchAll(statement, arguments: [id]).map { row in
            let md5: Data = row[3]
            return R2Part(
                number: row[0], etag: row[1], size: row[2], md5: Array(md5),
                checksum: (row[6] as String?).flatMap { R2ObjectChecksum(stored: $0) },
                uploaded: R2Columns.seconds(row[4]),
                segment: R2Columns.segments(row[5]).first)
        }
    }

    func save(_ part: R2Part, inUpload id: String) throws {
        let old = try db.cachedStatement(sql: "SELECT segments FROM part WHERE upload = ? AND number = ?")
        if let data = try Data.fetchOne(old, arguments: [id, part.number]) { try letGo(of: R2Columns.segments(data)) }
        let segments = [part.segment].compactMap(\.self)
        try use(segments)
        let statement = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO part (upload, number, etag, size, md5, uploaded, segments, s3_checksum)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            id, part.number, part.etag, part.size, Data(part.md5), R2Columns.milliseconds(part.uploaded),
            R2Columns.data(segments), part.checksum?.stored,
        ])
    }

    func removeParts(ofUpload id: String) throws {
        let old = try db.cachedStatement(sql: "SELECT segments FROM part WHERE upload = ?")
        for data in try Data.fetchAll(old, arguments: [id]) { try letGo(of: R2Columns.segments(data)) }
        try db.cachedStatement(sql: "DELETE FROM part WHERE upload = ?").execute(arguments: [id])
    }

    // MARK: Rules

    func lifecycle() throws -> [R2LifecycleRule]? {
        let statement = try db.cachedStatement(sql: "SELECT rules FROM lifecycle WHERE bucket = ?")
        return try String.fetchOne(statement, arguments: [bucket]).map(R2Columns.rules)
    }

    func save(_ lifecycle: [R2LifecycleRule]) throws {
        let statement = try db.cachedStatement(sql: "INSERT OR REPLACE INTO lifecycle (bucket, rules) VALUES (?, ?)")
        try statement.execute(arguments: [bucket, R2Columns.text(lifecycle)])
    }

    func cors() throws -> R2CORSConfiguration? {
        let statement = try db.cachedStatement(sql: "SELECT rules FROM cors WHERE bucket = ?")
        return try String.fetchOne(statement, arguments: [bucket]).map(R2Columns.cors)
    }

    func save(_ cors: R2CORSConfiguration?) throws {
        guard let cors else {
            return try db.cachedStatement(sql: "DELETE FROM cors WHERE bucket = ?").execute(arguments: [bucket])
        }
        let statement = try db.cachedStatement(sql: "INSERT OR REPLACE INTO cors (bucket, rules) VALUES (?, ?)")
        try statement.execute(arguments: [bucket, R2Columns.text(cors)])
    }

    // MARK: The bucket

    /// Something is stored in the bucket, so it exists.
    private func exist(since moment: Double) throws {
        let statement = try db.cachedStatement(sql: "INSERT OR IGNORE INTO bucket (name, created) VALUES (?, ?)")
        try statement.execute(arguments: [bucket, R2Columns.milliseconds(moment)])
    }

    // MARK: Blobs

    /// Which of these blobs a record of any bucket names.
    static func needed(_ names: [BlobName], in db: Database) throws -> Set<BlobName> {
        let statement = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM blob WHERE name = ?)")
        return Set(try names.filter { try Bool.fetchOne(statement, arguments: [Data($0.bytes)]) ?? false })
    }

    private func use(_ segments: [R2Segment]) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO blob (name, uses) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET uses = uses + 1")
        for segment in segments { try statement.execute(arguments: [Data(segment.blob)]) }
    }

    private func letGo(ofObject key: R2Key) throws {
        let statement = try db.cachedStatement(sql: "SELECT segments FROM object WHERE bucket = ? AND key = ?")
        guard let data = try Data.fetchOne(statement, arguments: [bucket, Data(key.bytes)]) else { return }
        try letGo(of: R2Columns.segments(data))
    }

    private func letGo(of segments: [R2Segment]) throws {
        let update = try db.cachedStatement(sql: "UPDATE blob SET uses = uses - 1 WHERE name = ?")
        let delete = try db.cachedStatement(sql: "DELETE FROM blob WHERE name = ? AND uses = 0")
        for segment in segments {
            try update.execute(arguments: [Data(segment.blob)])
            try delete.execute(arguments: [Data(segment.blob)])
            if db.changesCount > 0, let name = BlobName(segment.blob) { drops.names.append(name) }
        }
    }
}

/// Blobs that records of one transaction have let go of. After the commit it can be seen whether any other record names
/// them.
final class BlobDrops {
    var names: [BlobName] = []
}
