/// Tells a client that works from one that keeps the server busy: what it sends has to be in some proportion to the
/// requests and contents that go over the connection.
///
/// The library counts the frames that it knows to be dangerous one by one. This is for the rest: WINDOW_UPDATE, frames of
/// types that nobody knows, padding.
struct FloodBudget {
    /// Bytes that are always free.
    static let allowance = 1024 * 1024
    /// Bytes on the wire for each byte of use. A download needs about one byte of WINDOW_UPDATE in a thousand.
    static let factor = 8

    private var received = 0
    private var useful = 0

    /// Counts what has come from the socket.
    mutating func arrived(_ bytes: Int) { received += bytes }

    /// Counts heads, and contents in both directions.
    mutating func used(_ bytes: Int) { useful += bytes }

    var isExceeded: Bool { received > FloodBudget.allowance + useful * FloodBudget.factor }
}
