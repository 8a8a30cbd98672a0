import HTTPCaching
import NIOCore
import Synchronization

/// Takes the body of one response in. Nobody sees the entry before `commit`; a writer that is let go without it leaves
/// nothing behind.
///
/// The bytes may come from one thread after the other; nothing here blocks.
package final class EntryWriter: Sendable {
    package let key: StoreKey
    private let store: ResponseStore
    private let body: IncomingBody
    private let isEnded = Atomic<Bool>(false)

    init(store: ResponseStore, body: IncomingBody) {
        key = body.key
        self.store = store
        self.body = body
    }

    deinit { abort() }

    /// Adds to the body.
    ///
    /// - Returns: false if the disk cannot follow: wait for `onRoom` before bringing more. A body that is not stored after
    ///   all (see `failure`) is always taken, and forgotten.
    package func write(_ bytes: ByteBuffer) -> Bool { store.append(bytes, to: body) }

    /// The body will have so many bytes. One that is too large is then refused before it begins; see `failure`.
    package func expect(_ size: Int) { store.expect(size, of: body) }

    /// Why this response will not be stored, once that is known. Those who read along then hear it, too.
    package var failure: StoreFailure? { body.failure }

    /// The bytes so far.
    package var size: Int { body.size }

    /// Reads the body along with its writing, from any event loop, and to its end also after `commit`.
    package func follow(from start: Int = 0, on loop: any EventLoop) -> BodyReader {
        BodyReader(body, from: start, on: loop)
    }

    /// The body is complete: makes it an entry, in one step, in place of the same variant.
    ///
    /// - Parameters:
    ///   - tags: names by which it can be purged, such as those of `Cache-Tag`.
    ///   - done: gets the entry, or `nil` if it is not stored: there is no room, or what it belongs to was purged meanwhile.
    ///     Called before this returns for a body that is in memory, otherwise on another thread once its file is complete.
    package func commit(
        head: CachedResponse, tags: [String] = [], _ done: @escaping @Sendable (Entry?) -> Void = { _ in }
    ) {
        guard !isEnded.exchange(true, ordering: .acquiringAndReleasing) else { return done(nil) }
        store.commit(body, head: head, tags: tags, done)
    }

    /// The response broke off. Those who read along hear of it.
    package func abort() {
        guard !isEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
        store.abort(body)
    }
}
