import Foundation
import GRDB
import HTTPTypes
import Workers

/// One row of `responses`, and every statement on that table.
struct CacheRow: Sendable {
    enum Content: Sendable {
        case inline([UInt8])
        case file(Int)
    }

    var head: StoredHead
    var size: Int
    var content: Content

    /// What a row took away with it.
    struct Gone: Sendable {
        var cost: Int
        var file: Int?
    }

    // MARK: Reading

    static func find(_ key: CacheKey, _ db: Database) throws -> (id: Int64, row: CacheRow)? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT id, status, headers, initial_age, stored_at, expires, size, body, file
                FROM responses WHERE cache = ? AND key = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [key.cache, key.text]) else { return nil }
        let head = StoredHead(
            status: row[1], headers: HeaderLines.parse(row[2]), initialAge: row[3], storedAt: row[4], expires: row[5])
        let content: Content
        if let file: Int = row[8] {
            content = .file(file)
        } else {
            content = .inline(try row.withUnsafeData(atIndex: 7) { data in data.map { [UInt8]($0) } ?? [] })
        }
        return (row[0], CacheRow(head: head, size: row[6], content: content))
    }

    static func files(_ db: Database) throws -> [Int] {
        try Int.fetchAll(db, sql: "SELECT file FROM responses WHERE file IS NOT NULL")
    }

    static func lastUse(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT max(used) FROM responses") ?? 0
    }

    // MARK: Changing

    /// Takes the place of the row with the same key.
    func insert(_ key: CacheKey, cost: Int, used: Int, _ db: Database) throws {
        let (body, file): ([UInt8]?, Int?) =
            switch content {
            case .inline(let bytes): (bytes, nil)
            case .file(let number): (nil, number)
            }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO responses
                    (cache, key, status, headers, initial_age, stored_at, expires, size, cost, body, file, used)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        let arguments: [(any DatabaseValueConvertible)?] = [
            key.cache, key.text, head.status, HeaderLines.text(head.headers), head.initialAge, head.storedAt,
            head.expires, size, cost, body.map { Data($0) }, file, used,
        ]
        try statement.execute(arguments: StatementArguments(arguments))
        try CacheRow.add(cost, db)
    }

    /// - Returns: what went, and whether its time was not over.
    static func remove(_ key: CacheKey, now: Double, _ db: Database) throws -> (gone: Gone, isFresh: Bool)? {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM responses WHERE cache = ? AND key = ? RETURNING cost, file, expires")
        guard let row = try Row.fetchOne(statement, arguments: [key.cache, key.text]) else { return nil }
        let gone = Gone(cost: row[0], file: row[1])
        try add(-gone.cost, db)
        return (gone, now < row[2])
    }

    static func remove(id: Int64, _ db: Database) throws -> [Gone] {
        try take("id = ?", [id], db)
    }

    /// Rows whose time is over, a bounded number of them, so that no call pays for all.
    static func removeExpired(now: Double, limit: Int, _ db: Database) throws -> [Gone] {
        try take(
            "id IN (SELECT id FROM responses WHERE expires <= ? ORDER BY expires LIMIT ?)", [now, limit], db)
    }

    /// Rows that have gone unused for longest, until the rest fits.
    static func removeOldest(downTo bytes: Int, _ db: Database) throws -> [Gone] {
        var excess = try usage(db) - bytes
        guard excess > 0 else { return [] }
        var ids: [Int64] = []
        let oldest = try Row.fetchCursor(db.cachedStatement(sql: "SELECT id, cost FROM responses ORDER BY used"))
        while excess > 0, let row = try oldest.next() {
            ids.append(row[0])
            excess -= row[1] as Int
        }
        return try ids.flatMap { try remove(id: $0, db) }
    }

    static func removeAll(now: Double, _ db: Database) throws -> (count: Int, gone: [Gone]) {
        let fresh = try Int.fetchOne(db, sql: "SELECT count(*) FROM responses WHERE expires > ?", arguments: [now])
        return (fresh ?? 0, try take("1", [], db))
    }

    static func mark(_ uses: [Int64: Int], _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "UPDATE responses SET used = ? WHERE id = ?")
        for (id, use) in uses { try statement.execute(arguments: [use, id]) }
    }

    /// Bytes of all rows together.
    static func usage(_ db: Database) throws -> Int {
        try Int.fetchOne(db.cachedStatement(sql: "SELECT bytes FROM usage")) ?? 0
    }

    private static func add(_ cost: Int, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE usage SET bytes = bytes + ?").execute(arguments: [cost])
    }

    private static func take(_ condition: String, _ arguments: StatementArguments, _ db: Database) throws -> [Gone] {
        let statement = try db.cachedStatement(
            sql: "DELETE FROM responses WHERE \(condition) RETURNING cost, file")
        let gone = try Row.fetchAll(statement, arguments: arguments).map { Gone(cost: $0[0], file: $0[1]) }
        if !gone.isEmpty { try add(-gone.reduce(0) { $0 + $1.cost }, db) }
        return gone
    }
}

/// Header fields as text, one a line; neither names nor values can hold a line break (RFC 9110 §5.5).
enum HeaderLines {
    static func text(_ headers: Headers) -> String {
        var text = ""
        for field in headers { text += "\(field.name.rawName): \(field.value)\n" }
        return text
    }

    static func parse(_ text: String) -> Headers {
        var headers = Headers()
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":"), let name = HTTPField.Name(String(line[..<colon])) else {
                continue
            }
            headers.append(HTTPField(name: name, value: String(line[line.index(after: colon)...].dropFirst())))
        }
        return headers
    }
}
