import Foundation
import Workers

/// A copy of the state under a name: a folder with the databases, the files that they name, and `snapshot.json`, which is
/// written last.
struct Snapshot: Sendable, Hashable {
    struct Part: Sendable, Hashable {
        var name: String
        var content: StateContent
    }

    static let manifest = "snapshot.json"
    /// Of the layout of the folder; the databases have versions of their own.
    static let version = 1

    var name: String
    /// Milliseconds since 1970.
    var created: Int
    var parts: [Part]

    var bytes: Int { parts.reduce(0) { $0 + $1.content.bytes } }

    var text: String {
        let parts = parts.map { part in
            JSON.Member(
                part.name,
                .object([
                    .init("bytes", .integer(part.content.bytes)), .init("entries", .integer(part.content.entries)),
                ]))
        }
        let members: [JSON.Member] = [
            .init("version", .integer(Snapshot.version)), .init("created", .integer(created)),
            .init("parts", .object(parts)),
        ]
        return JSON.object(members).text + "\n"
    }

    /// The snapshot in a folder.
    ///
    /// - Returns: `nil` for a folder that holds none.
    /// - Throws: `Problem` for one of a later version of this program.
    init?(name: String, in folder: String) throws(Problem) {
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(Snapshot.manifest)"),
            let json = try? JSON(parsing: Array(data)), let version = json["version"]?.integer,
            let created = json["created"]?.integer, let members = json["parts"]?.members
        else { return nil }
        guard version <= Snapshot.version else {
            throw Problem(
                .conflict, code: "snapshot_newer",
                "The snapshot \(name) was made by a newer version of this program; update the program.")
        }
        self.name = name
        self.created = created
        parts = members.map { member in
            let (bytes, entries) = (member.value["bytes"]?.integer ?? 0, member.value["entries"]?.integer ?? 0)
            return Part(name: member.name, content: StateContent(bytes: bytes, entries: entries))
        }
    }

    init(name: String, created: Int, parts: [Part]) {
        self.name = name
        self.created = created
        self.parts = parts
    }
}

/// What a snapshot can be called: letters, digits, dots, hyphens and underscores, so that it is the name of a folder on every
/// system and part of no path.
struct SnapshotName: Sendable, Hashable {
    let text: String

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard (1...64).contains(bytes.count), let first = bytes.first, SnapshotName.isAlphanumeric(first),
            bytes.allSatisfy({ SnapshotName.isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) })
        else { return nil }
        self.text = text
    }

    /// The moment, in UTC: `2026-11-24T10-15-02`.
    init(moment seconds: Double) {
        let time = Date(timeIntervalSince1970: seconds).formatted(.iso8601)
        text = String(time.prefix(19).map { $0 == ":" ? "-" : $0 })
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}

/// Where the snapshots of a state folder lie: beside it, on the same file system, so that files can be linked.
struct SnapshotShelf: Sendable {
    let path: String

    /// `.lilypad/snapshots` for `.lilypad/state`, and `data-snapshots` for `data`.
    init(beside state: String) {
        let suffix = "/state"
        path = state.hasSuffix(suffix) ? String(state.dropLast(suffix.utf8.count)) + "/snapshots" : state + "-snapshots"
    }

    func folder(_ name: SnapshotName) -> String { "\(path)/\(name.text)" }

    /// The snapshots that are there, oldest first.
    func all() throws(Problem) -> [Snapshot] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var found: [Snapshot] = []
        for name in names.compactMap({ SnapshotName($0) }) {
            if let snapshot = try Snapshot(name: name.text, in: folder(name)) { found.append(snapshot) }
        }
        return found.sorted { ($0.created, $0.name) < ($1.created, $1.name) }
    }

    func find(_ name: SnapshotName) throws(Problem) -> Snapshot {
        if let snapshot = try Snapshot(name: name.text, in: folder(name)) { return snapshot }
        throw Problem(.notFound, code: "no_such_snapshot", "There is no snapshot “\(name.text)” in \(path).")
    }

    /// Removes what a process that was killed has left behind. Only whoever holds the state folder gets here.
    func clean() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where name.hasPrefix(SnapshotShelf.draft) { FileLink.remove("\(path)/\(name)") }
    }

    /// No snapshot's name begins so.
    static let draft = ".draft-"
}
