/// How much more a client may send of one request, or on a whole connection (RFC 9113 §5.2).
///
/// The client gets back only what was consumed, in steps of half a window.
struct ReceiveWindow {
    let target: Int
    /// What the client may send yet.
    private var left: Int
    /// What has come in and nobody has taken yet.
    private(set) var held = 0
    /// Set when nobody will take any more.
    var isClosed = false

    init(target: Int) {
        self.target = target
        left = target
    }

    /// The client's view of the window has changed.
    ///
    /// - Returns: what to give the client, if anything.
    mutating func changed(to size: Int) -> Int? {
        left = size
        return increment
    }

    mutating func hold(_ bytes: Int) { held += bytes }

    /// - Returns: what to give the client, if anything.
    mutating func release(_ bytes: Int) -> Int? {
        held -= bytes
        return increment
    }

    private var increment: Int? {
        guard !isClosed, left + held <= target / 2 else { return nil }
        return target - left - held
    }
}
