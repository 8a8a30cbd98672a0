import NIOCore
import NIOHTTP1

/// Content that lies in memory, on disk, or is still arriving.
protocol ContentSource: Sendable {
    /// A reader of its own for everyone who reads. Called on `loop`, which the reader stays on.
    ///
    /// - Parameter wake: called on `loop` when a read that said `later` may be tried again.
    func reader(on loop: any EventLoop, wake: @escaping () -> Void) -> any ContentReader
}

/// Reads content from front to back. Confined to an event loop.
protocol ContentReader: AnyObject {
    /// - Parameters:
    ///   - offset: never less than in the call before.
    ///   - count: the most bytes that are of use; at least one.
    func read(at offset: Int, atMost count: Int) -> ContentRead

    /// Nobody reads any more.
    func close()
}

enum ContentRead {
    case bytes(ByteBuffer)
    /// The bytes are being fetched; an empty buffer is a failure.
    case pending(EventLoopFuture<ByteBuffer>)
    /// Nothing more has arrived yet.
    case later
    case end(trailers: HTTPHeaders?)
    /// The content ends before it is complete.
    case failed(any Error)
}

/// Content that is there as a whole.
struct MemoryContent: ContentSource {
    let bytes: ByteBuffer

    func reader(on loop: any EventLoop, wake: @escaping () -> Void) -> any ContentReader { Reader(bytes: bytes) }

    private final class Reader: ContentReader {
        private let bytes: ByteBuffer

        init(bytes: ByteBuffer) { self.bytes = bytes }

        func read(at offset: Int, atMost count: Int) -> ContentRead {
            guard offset < bytes.readableBytes else { return .end(trailers: nil) }
            let length = min(count, bytes.readableBytes - offset)
            return bytes.getSlice(at: bytes.readerIndex + offset, length: length).map { .bytes($0) }
                ?? .end(trailers: nil)
        }

        func close() {}
    }
}
