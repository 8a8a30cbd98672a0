/// A Hyperdrive binding: how to reach a PostgreSQL database. See the Workers documentation, "Hyperdrive", "Connect to
/// PostgreSQL".
///
/// It has a password in it, so its description shows the host and the database only.
public struct Hyperdrive: Sendable, Hashable, CustomStringConvertible {
    /// `postgres://user:password@host:port/database?options`, for libraries that take it whole.
    public let connectionString: String
    public let host: String
    public let port: Int
    public let user: String
    public let password: String
    public let database: String

    /// - Parameter connectionString: a URL with the scheme `postgres` or `postgresql`, a user, a host and a database. What is
    ///   percent-encoded in it is decoded in the other properties.
    /// - Throws: a `TypeError` that says which part is missing and quotes nothing.
    public init(_ connectionString: String) throws {
        self.connectionString = connectionString
        guard let scheme = connectionString.firstRange(of: "://"),
            ["postgres", "postgresql"].contains(connectionString[..<scheme.lowerBound])
        else { throw Hyperdrive.problem("has to begin with postgres:// or postgresql://") }
        let rest = connectionString[scheme.upperBound...].prefix { $0 != "?" && $0 != "#" }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        database = Hyperdrive.decoded(rest[slash...].dropFirst())
        guard !database.isEmpty else { throw Hyperdrive.problem("names no database") }
        // The last @: a password may have one, too, though it should be written as %40.
        guard let at = authority.lastIndex(of: "@") else { throw Hyperdrive.problem("names no user") }
        let credentials = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        user = Hyperdrive.decoded(credentials[0])
        password = credentials.count > 1 ? Hyperdrive.decoded(credentials[1]) : ""
        guard !user.isEmpty else { throw Hyperdrive.problem("names no user") }
        (host, port) = try Hyperdrive.address(authority[authority.index(after: at)...])
    }

    public var description: String { "Hyperdrive(\(host):\(port)/\(database))" }

    private static func address(_ text: Substring) throws -> (String, Int) {
        // An IPv6 address stands in brackets, and has colons of its own.
        let end = text.firstIndex(of: "]").map { text.index(after: $0) } ?? text.firstIndex(of: ":") ?? text.endIndex
        let host = text[..<end].filter { $0 != "[" && $0 != "]" }
        guard !host.isEmpty else { throw problem("names no host") }
        let digits = text[end...].dropFirst()
        if digits.isEmpty { return (decoded(host[...]), 5432) }
        guard let port = Int(digits), (1...65_535).contains(port) else { throw problem("has a port that is none") }
        return (decoded(host[...]), port)
    }

    private static func problem(_ what: String) -> WorkersError {
        WorkersError(.typeError, "The connection string of Hyperdrive \(what).")
    }

    private static func decoded(_ text: Substring) -> String {
        PercentCoding.decodedLeniently(text.utf8, plusIsSpace: false)
    }
}

extension Bindings.Value {
    public static func hyperdrive(_ hyperdrive: Hyperdrive) -> Bindings.Value {
        Bindings.Value(kind: "hyperdrive", resource: hyperdrive)
    }
}

extension Bindings {
    /// A PostgreSQL database (`[[hyperdrive]]`).
    public func hyperdrive(_ name: String) throws -> Hyperdrive {
        let none = try Hyperdrive("postgres://nobody@localhost/none")
        return resource(name, kind: "hyperdrive", as: Hyperdrive.self, orElse: none)
    }
}
