import HTTPCaching
import NIOCore

/// One stored response, complete and unchangeable: whoever holds it can send it, whatever becomes of the store meanwhile.
package final class Entry: Sendable {
    package enum Body: Sendable {
        case memory(ByteBuffer)
        /// Read in pieces by a `BodyReader`, on threads that may block.
        case file(BodyFile)
    }

    package let key: StoreKey
    package let head: CachedResponse
    /// Ready to be sent, but for the fields that depend on the moment: `Age`, and what the connection adds.
    package let response: ResponseHead
    package let body: Body
    /// Bytes of the body.
    package let size: Int
    /// In lower case.
    package let tags: [String]
    /// Seconds since 1970.
    package let storedAt: Double
    let variant: [UInt8]
    /// Tells this entry from one that has taken its place.
    let serial: UInt64
    /// What it counts for in memory, its slot aside.
    let memory: Int

    init(
        key: StoreKey, head: CachedResponse, response: ResponseHead, body: Body, size: Int, tags: [String],
        storedAt: Double, serial: UInt64
    ) {
        self.key = key
        self.head = head
        self.response = response
        self.body = body
        self.size = size
        self.tags = tags
        self.storedAt = storedAt
        self.serial = serial
        variant = head.variantBytes
        var memory = 256 + head.memory + response.bytes.readableBytes + variant.count
        for tag in tags { memory += 48 + tag.utf8.count }
        if case .memory(let bytes) = body { memory += bytes.readableBytes }
        self.memory = memory
    }

    /// The host of its key, without the port; empty where the key is no URL.
    package var host: String {
        String(decoding: PrimaryKey.host(key.bytes[key.namespaceLength...]), as: UTF8.self)
    }
}

/// What a key has in the store.
package struct Variants: Sendable {
    /// In memory, the one stored last first.
    package var entries: [Entry] = []
    /// Some are on disk alone: `load` brings them all.
    package var needsLoading = false

    package var isMiss: Bool { entries.isEmpty && !needsLoading }
}
