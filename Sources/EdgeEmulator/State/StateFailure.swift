import GRDB
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// Why the emulator's state cannot be opened, read or written: one sentence for the person at the terminal.
///
/// Errors of a statement itself (a constraint, wrong SQL) are no state failures and stay GRDB's `DatabaseError`.
public struct StateFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Another process holds the folder.
        case inUse
        /// The folder or a file in it cannot be written.
        case readOnly
        /// A file is no database, or its content contradicts itself.
        case damaged
        /// A later version of the program has changed the schema.
        case newer
        /// The disk has no room left. The call that got this wrote nothing, and later calls may succeed.
        case full
        /// The database was closed while the program still used it.
        case closed
        /// The operating system refused something else.
        case unavailable
    }

    public var kind: Kind
    public var description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    static func inUse(_ path: String, by holder: StateHolder?) -> StateFailure {
        let process = holder?.description ?? "another process"
        return StateFailure(
            .inUse,
            "The state in \(path) is in use by \(process); stop that one, or choose another folder with --persist-to.")
    }

    static func readOnly(_ path: String) -> StateFailure {
        StateFailure(
            .readOnly,
            "The state in \(path) cannot be written; make it writable, or choose another folder with --persist-to."
        )
    }

    static func full(_ path: String) -> StateFailure {
        StateFailure(.full, "There is no room left on the disk for \(path), so nothing was written; free some space.")
    }

    static func damaged(_ path: String, _ reason: String, companion: String? = nil) -> StateFailure {
        let what = companion.map { "it and the folder \($0)/" } ?? "it"
        return StateFailure(
            .damaged, "The state file \(path) is damaged (\(reason)); move \(what) away to start with an empty one.")
    }

    static func newer(_ path: String) -> StateFailure {
        StateFailure(
            .newer,
            "The state file \(path) was written by a newer version of this program; "
                + "update the program, or choose another folder with --persist-to.")
    }

    static func closed(_ path: String) -> StateFailure {
        StateFailure(.closed, "The state file \(path) is closed already.")
    }

    /// The failure behind an error number of the operating system.
    static func system(_ path: String, _ number: Int32) -> StateFailure {
        switch number {
        case EACCES, EPERM, EROFS: .readOnly(path)
        case ENOSPC, EDQUOT: .full(path)
        default:
            StateFailure(.unavailable, "The state in \(path) cannot be opened: \(String(cString: strerror(number))).")
        }
    }

    /// The failure behind an error of SQLite, or nil if the error belongs to the statement.
    ///
    /// - Parameter companion: the folder of the files that the database names.
    static func of(_ error: any Error, _ path: String, companion: String? = nil) -> StateFailure? {
        guard let error = error as? DatabaseError else { return error as? StateFailure }
        // The file that SQLite maps beside the log could not grow.
        if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return .full(path) }
        switch error.resultCode {
        case .SQLITE_FULL: return .full(path)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN: return .readOnly(path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return .damaged(path, error.message ?? "no reason given", companion: companion)
        case .SQLITE_IOERR, .SQLITE_NOMEM, .SQLITE_BUSY:
            return StateFailure(
                .unavailable, "The state file \(path) cannot be used: \(error.message ?? "no reason given").")
        default: return nil
        }
    }
}

extension StateFailure: StoreFailure {}
