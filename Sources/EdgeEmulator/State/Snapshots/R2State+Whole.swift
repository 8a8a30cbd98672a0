import Foundation
import GRDB
import Workers

/// R2 as a part of the whole state: records, and bytes in files named by their content.
struct R2StateStore: StateStore {
    let r2: R2State
    /// Buckets that exist whatever happens: those of the configuration.
    let buckets: [String]

    let name = "r2"
    let file = "r2.sqlite"
    let fileFolder: String? = "blobs"
    var database: StateDatabase { r2.database }
    var migrator: DatabaseMigrator { R2Schema.migrator }

    func content() async throws -> StateContent {
        try await database.read { db in
            try .read(db, "SELECT CAST(total(size) AS INTEGER), count(*) FROM object")
        }
    }

    func pin() { r2.blobs.pin() }
    func unpin() { r2.blobs.unpin() }

    func linkFiles(of copy: Database, into folder: String) throws {
        try FileLink.makeFolder(folder + "/blobs")
        for name in try R2StateStore.blobs(copy) {
            try FileLink.makeFolder("\(folder)/blobs/\(name.shard)")
            try FileLink.make(from: r2.blobs.files.file(name), to: "\(folder)/blobs/\(name.shard)/\(name.file)")
        }
    }

    func change(to folder: String?) async throws -> StoreChange {
        let blobs = r2.blobs
        var names: [BlobName] = []
        if let source = source(folder), let folder {
            names = try await OfflineDatabase(source).read(R2StateStore.blobs)
            // First the holds, then the files: what is there now will not go.
            blobs.hold(names)
            do {
                try await r2.threads.run { [names] in
                    for name in names {
                        try blobs.files.adopt("\(folder)/blobs/\(name.shard)/\(name.file)", as: name)
                    }
                }
            } catch {
                blobs.release(names)
                throw error
            }
        }
        let former = Kept<[BlobName]>([])
        let (buckets, created, isEmpty) = (buckets, Int(r2.clock.now * 1000), folder == nil)
        return StoreChange(database: database, source: source(folder)) { db in
            let before = try R2StateStore.blobs(db)
            former.value = before
            // Parts refer to their upload: they go first and come last.
            let tables = ["bucket", "lifecycle", "cors", "blob", "object", "upload", "part"]
            try WholeTable.empty(tables.reversed(), db)
            if !isEmpty { try WholeTable.copy(tables, db) }
            for bucket in buckets {
                try db.execute(
                    sql: "INSERT OR IGNORE INTO bucket (name, created) VALUES (?, ?)", arguments: [bucket, created])
            }
        } finished: { [names] in
            // Whether anybody needs them is asked then, whatever became of the change.
            blobs.release(names)
            blobs.drop(names + former.value)
        }
    }

    private static func blobs(_ db: Database) throws -> [BlobName] {
        try Data.fetchAll(db, sql: "SELECT name FROM blob").compactMap { BlobName(Array($0)) }
    }
}
