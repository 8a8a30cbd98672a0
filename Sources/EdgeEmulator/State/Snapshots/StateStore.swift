import GRDB
import Synchronization

/// One store of the emulator, as whatever looks at and replaces the whole state sees it.
protocol StateStore: Sendable {
    /// As people call it: `kv`.
    var name: String { get }
    var database: StateDatabase { get }
    /// The file's name in the state folder and in snapshots.
    var file: String { get }
    var migrator: DatabaseMigrator { get }
    /// The folder of the files that the database names, in the state folder and in snapshots.
    var fileFolder: String? { get }

    /// Bytes of what is stored, and how many things that is.
    func content() async throws -> StateContent

    /// From here until `unpin` no file goes that a record names.
    func pin()
    func unpin()

    /// Links the files beside the database that a copy of it names. Blocks.
    ///
    /// - Parameter folder: of the copy.
    func linkFiles(of copy: Database, into folder: String) throws

    /// Takes the content of a folder that holds what a snapshot does in place of one's own.
    ///
    /// - Parameter folder: `nil` for no content.
    func change(to folder: String?) async throws -> StoreChange
}

extension StateStore {
    var fileFolder: String? { nil }
    func pin() {}
    func unpin() {}
    func linkFiles(of copy: Database, into folder: String) throws {}
    func source(_ folder: String?) -> String? { folder.map { "\($0)/\(file)" } }
}

/// How much is in a part of the state.
struct StateContent: Sendable, Hashable {
    var bytes: Int
    var entries: Int

    static func read(_ db: Database, _ sql: String) throws -> StateContent {
        guard let row = try Row.fetchOne(db, sql: sql) else { return StateContent(bytes: 0, entries: 0) }
        return StateContent(bytes: row[0], entries: row[1])
    }
}

/// Statements that replace the rows of a table by those of the same table of `source`.
enum WholeTable {
    static func empty(_ tables: [String], _ db: Database) throws {
        for table in tables { try db.execute(sql: "DELETE FROM main.\(table)") }
    }

    static func copy(_ tables: [String], _ db: Database) throws {
        for table in tables { try db.execute(sql: "INSERT INTO main.\(table) SELECT * FROM source.\(table)") }
    }
}

/// What a change finds in its transaction, for what follows after it.
final class Kept<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    init(_ value: Value) { content = Mutex(value) }

    var value: Value {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}
