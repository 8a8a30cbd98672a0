import NIOCore
import NIOHTTP1

/// Reads the content of a response piece by piece. Confined to an event loop.
protocol ContentReader: AnyObject {
    /// Asks for the next piece, which is never empty; `nil` is the end. One call at a time; the answer comes on the event
    /// loop, perhaps before this returns.
    func read(_ done: @escaping (Result<ByteBuffer?, any Error>) -> Void)

    /// Nobody reads on, and nothing is called any more.
    func cancel()

    /// The fields behind the content, once its end has been read.
    var trailers: HTTPHeaders? { get }
}

/// Content that the store has, or is just taking in.
final class StoredContent: ContentReader {
    private let reader: BodyReader
    /// Bytes that are still wanted.
    private var left: Int

    /// - Parameter count: bytes; `nil` for all there are.
    init(_ reader: BodyReader, count: Int? = nil) {
        self.reader = reader
        left = count ?? .max
    }

    let trailers: HTTPHeaders? = nil

    func read(_ done: @escaping (Result<ByteBuffer?, any Error>) -> Void) {
        guard left > 0 else { return done(.success(nil)) }
        reader.read { [self] piece in
            switch piece {
            case .success(var bytes?):
                if bytes.readableBytes > left { bytes = bytes.readSlice(length: left) ?? bytes }
                left -= bytes.readableBytes
                done(.success(bytes))
            case .success(nil): done(.success(nil))
            case .failure(let failure): done(.failure(failure))
            }
        }
    }

    func cancel() { reader.cancel() }
}

/// Content on its way from the origin to the one client that asked for it.
///
/// The origin is told to wait while the client is behind; or, where the content is also being stored, the client reads from
/// there what it could not take at once, and nobody waits.
final class PassingContent: ContentReader {
    private enum Ending {
        case complete
        case failed(any Error)
    }

    private let capacity: Int
    private var queue = CircularBuffer<ByteBuffer>()
    private var queued = 0
    /// Bytes that the client has.
    private var taken = 0
    private var ending: Ending?
    private var waiting: ((Result<ByteBuffer?, any Error>) -> Void)?
    private var elsewhere: StoredContent?
    private(set) var trailers: HTTPHeaders?
    private(set) var isCancelled = false
    /// Called when there is room again after `append` said there is none.
    var onRoom: (() -> Void)?
    var onCancel: (() -> Void)?

    /// - Parameter capacity: bytes that wait for the client before the origin is told to.
    init(capacity: Int) { self.capacity = capacity }

    // MARK: Writing

    /// - Returns: false when the client is behind.
    func append(_ bytes: ByteBuffer) -> Bool {
        guard !isCancelled, elsewhere == nil, bytes.readableBytes > 0 else { return true }
        if let waiting {
            self.waiting = nil
            taken += bytes.readableBytes
            waiting(.success(bytes))
            return true
        }
        queue.append(bytes)
        queued += bytes.readableBytes
        return queued < capacity
    }

    /// From here on the client reads what it does not have yet from where it is stored.
    ///
    /// - Parameter follow: reads from an offset on.
    func divert(_ follow: (Int) -> BodyReader) {
        guard !isCancelled, elsewhere == nil else { return }
        queue.removeAll()
        queued = 0
        elsewhere = StoredContent(follow(taken))
    }

    func finish(trailers: HTTPHeaders?) {
        self.trailers = trailers
        end(.complete)
    }

    func fail(_ error: any Error) { end(.failed(error)) }

    private func end(_ ending: Ending) {
        guard self.ending == nil else { return }
        self.ending = ending
        guard elsewhere == nil, queue.isEmpty, let waiting else { return }
        self.waiting = nil
        report(waiting)
    }

    // MARK: Reading

    func read(_ done: @escaping (Result<ByteBuffer?, any Error>) -> Void) {
        if let elsewhere { return elsewhere.read(done) }
        if let bytes = queue.popFirst() {
            let wasFull = queued >= capacity
            queued -= bytes.readableBytes
            taken += bytes.readableBytes
            done(.success(bytes))
            if wasFull, queued < capacity { onRoom?() }
        } else if ending != nil {
            report(done)
        } else {
            waiting = done
        }
    }

    private func report(_ done: (Result<ByteBuffer?, any Error>) -> Void) {
        switch ending {
        case .failed(let error): done(.failure(error))
        default: done(.success(nil))
        }
    }

    /// No content is sent, and none is expected.
    func discard() {
        isCancelled = true
        queue.removeAll()
        queued = 0
    }

    func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        elsewhere?.cancel()
        waiting = nil
        queue.removeAll()
        queued = 0
        onRoom = nil
        let cancelled = onCancel
        onCancel = nil
        cancelled?()
    }
}

/// A range of some content, for which what lies before it has to be read, too.
final class SlicedContent: ContentReader {
    private let content: any ContentReader
    private var skipped: Int
    private var left: Int

    init(_ content: any ContentReader, _ range: Range<Int>) {
        self.content = content
        skipped = range.lowerBound
        left = range.count
    }

    let trailers: HTTPHeaders? = nil

    func read(_ done: @escaping (Result<ByteBuffer?, any Error>) -> Void) {
        guard left > 0 else {
            content.cancel()
            return done(.success(nil))
        }
        content.read { [self] piece in
            guard case .success(var bytes?) = piece else { return done(piece) }
            let skip = min(skipped, bytes.readableBytes)
            bytes.moveReaderIndex(forwardBy: skip)
            skipped -= skip
            guard bytes.readableBytes > 0 else { return read(done) }
            if bytes.readableBytes > left { bytes = bytes.readSlice(length: left) ?? bytes }
            left -= bytes.readableBytes
            done(.success(bytes))
        }
    }

    func cancel() { content.cancel() }
}
