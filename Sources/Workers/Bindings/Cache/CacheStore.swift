/// Where stored responses lie. A store knows keys, heads and bytes; what may be stored and what is answered is decided
/// before and behind it, in `StoredCache`.
package protocol CacheStore: Sendable {
    /// The entry under a key, unless its time is over. Being found counts as being used.
    ///
    /// - Parameter now: in seconds since 1970.
    func find(_ key: CacheKey, now: Double) async throws -> StoredResponse?

    /// Reads the stream to its end and then, in one step, takes the place of the entry before.
    ///
    /// A stream that fails, or is longer than the store takes, leaves the entry before as it was; the first throws. The rest
    /// of a stream that is too long is read and dropped, so that whoever writes it need not know.
    func put(_ key: CacheKey, head: StoredHead, body: BodyStream, now: Double) async throws

    /// - Returns: whether there was an entry whose time was not over.
    func remove(_ key: CacheKey, now: Double) async throws -> Bool

    /// Empties all caches.
    ///
    /// - Returns: how many entries went, without those whose time was over.
    func removeAll(now: Double) async throws -> Int
}

/// One entry: its head, and a way to its content.
package struct StoredResponse: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        /// Content that is read piece by piece. `open` gives `nil` when the entry has gone in the meantime; an opened one
        /// stays readable.
        case stored(size: Int, open: @Sendable (Range<Int>) async throws -> BodyStream?)
    }

    package var head: StoredHead
    package var content: Content

    package init(head: StoredHead, content: Content) {
        self.head = head
        self.content = content
    }

    package var size: Int {
        switch content {
        case .bytes(let bytes): bytes.count
        case .stored(let size, _): size
        }
    }
}
