import NIOCore
import NIOHTTP1

/// Sends the content of a response that has begun: pieces of a source, and bytes between them. Confined to the event loop
/// of its exchange, and at the pace of the client.
final class ContentPump {
    enum Piece {
        case bytes(ByteBuffer)
        /// `upperBound` is `Int.max` where the end is not known yet.
        case content(Range<Int>)
    }

    /// Bytes that are asked of the source at a time.
    private static let step = 64 * 1024

    private let exchange: Exchange
    private let loop: any EventLoop
    private var pieces: CircularBuffer<Piece>
    private var reader: (any ContentReader)?
    private var offset = 0
    private var isFetching = false
    private var isRunning = false
    private var isOver = false
    private let done: (Result<Void, any Error>) -> Void

    /// - Parameters:
    ///   - exchange: its response has been started.
    ///   - done: called once, when everything was handed to the connection, the source failed, or the client left.
    init(
        _ exchange: Exchange, _ source: any ContentSource, pieces: [Piece], on loop: any EventLoop,
        done: @escaping (Result<Void, any Error>) -> Void
    ) {
        self.exchange = exchange
        self.loop = loop
        self.pieces = CircularBuffer(pieces)
        self.done = done
        reader = source.reader(on: loop) { [weak self] in self?.run() }
    }

    func start() {
        // The exchange holds the pump until the response is over.
        exchange.onWritable = { self.run() }
        exchange.onCancel = { self.finish(.failure(ClientGone())) }
        run()
    }

    private func run() {
        guard !isRunning, !isFetching, !isOver else { return }
        isRunning = true
        defer { isRunning = false }
        while !isOver, !isFetching {
            if exchange.isGone { return finish(.failure(ClientGone())) }
            guard exchange.isWritable else { return }
            guard let piece = pieces.first else { return complete(trailers: nil) }
            switch piece {
            case .bytes(let bytes):
                pieces.removeFirst()
                exchange.write(bytes)
            case .content(let range):
                guard send(range) else { return }
            }
        }
    }

    /// - Returns: whether to go on at once.
    private func send(_ range: Range<Int>) -> Bool {
        offset = max(offset, range.lowerBound)
        guard offset < range.upperBound, let reader else {
            pieces.removeFirst()
            offset = 0
            return true
        }
        switch reader.read(at: offset, atMost: min(ContentPump.step, range.upperBound - offset)) {
        case .bytes(let bytes):
            offset += bytes.readableBytes
            exchange.write(bytes)
            return true
        case .pending(let future):
            fetch(future)
            return false
        case .later:
            return false
        case .end(let trailers):
            if range.upperBound == .max {
                pieces.removeFirst()
                if pieces.isEmpty { complete(trailers: trailers) }
            } else {
                fail(ContentGone())
            }
            return !isOver
        case .failed(let error):
            fail(error)
            return false
        }
    }

    private func fetch(_ future: EventLoopFuture<ByteBuffer>) {
        isFetching = true
        future.hop(to: loop).assumeIsolated().whenComplete { [self] result in
            isFetching = false
            switch result {
            case .success(let bytes) where bytes.readableBytes > 0:
                offset += bytes.readableBytes
                exchange.write(bytes)
                run()
            case .success: fail(ContentGone())
            case .failure(let error): fail(error)
            }
        }
    }

    private func complete(trailers: HTTPHeaders?) {
        exchange.end(trailers: trailers)
        finish(.success(()))
    }

    /// Only a closed connection can say that the content is not complete (RFC 9112 §8).
    private func fail(_ error: any Error) {
        exchange.abort()
        finish(.failure(error))
    }

    private func finish(_ result: Result<Void, any Error>) {
        guard !isOver else { return }
        isOver = true
        reader?.close()
        reader = nil
        exchange.onWritable = nil
        exchange.onCancel = nil
        done(result)
    }
}

/// The client went away before it had its answer.
struct ClientGone: Error {}
