import NIOCore
import NIOHTTP1

/// Sends the content of a response that has begun, at the pace of the client. Confined to the event loop of its exchange.
final class ContentPump {
    enum Piece {
        case bytes(ByteBuffer)
        /// A reader is made when its turn comes.
        case content(() -> any ContentReader)
    }

    private let exchange: Exchange
    private var pieces: CircularBuffer<Piece>
    private var reader: (any ContentReader)?
    private var isReading = false
    private var isRunning = false
    private var isOver = false
    private var trailers: HTTPHeaders?
    private let done: ((any Error)?) -> Void

    /// - Parameters:
    ///   - exchange: its response has been started.
    ///   - done: called once: everything was handed to the connection, the content broke off, or the client left.
    init(_ exchange: Exchange, _ pieces: [Piece], done: @escaping ((any Error)?) -> Void = { _ in }) {
        self.exchange = exchange
        self.pieces = CircularBuffer(pieces)
        self.done = done
    }

    func start() {
        // The exchange holds the pump until the response is over.
        exchange.onWritable = { self.run() }
        exchange.onCancel = { self.finish(ClientGone()) }
        run()
    }

    private func run() {
        // A piece that comes at once is sent by the loop below, not by a call within a call.
        guard !isRunning else { return }
        isRunning = true
        defer { isRunning = false }
        while !isOver, !isReading {
            if exchange.isGone { return finish(ClientGone()) }
            guard exchange.isWritable else { return }
            if let reader {
                isReading = true
                reader.read { self.received($0) }
            } else {
                next()
            }
        }
    }

    private func next() {
        guard let piece = pieces.popFirst() else {
            exchange.end(trailers: trailers)
            return finish(nil)
        }
        switch piece {
        case .bytes(let bytes): exchange.write(bytes)
        case .content(let make): reader = make()
        }
    }

    private func received(_ piece: Result<ByteBuffer?, any Error>) {
        isReading = false
        guard !isOver else { return }
        switch piece {
        case .success(let bytes?): exchange.write(bytes)
        case .success(nil):
            trailers = reader?.trailers
            reader = nil
        case .failure(let error):
            // Only a closed connection can say that the content is not complete (RFC 9112 §8).
            exchange.abort()
            return finish(error)
        }
        run()
    }

    private func finish(_ error: (any Error)?) {
        guard !isOver else { return }
        isOver = true
        if error != nil { reader?.cancel() }
        reader = nil
        exchange.onWritable = nil
        exchange.onCancel = nil
        done(error)
    }
}

/// The client went away before it had its answer.
struct ClientGone: Error {}
