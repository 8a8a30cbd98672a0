import NIOCore
import NIOPosix

/// Reads a body piece by piece: one that is stored, or one that is still coming in. Confined to its event loop, and never
/// keeps that waiting: files are read on other threads.
///
/// Ask for the first piece before the head of the response is sent. If that fails the store has just let the body go, and
/// the request is still a miss.
package final class BodyReader {
    /// The next piece, never an empty one; `nil` at the end.
    package typealias Piece = Result<ByteBuffer?, StoreFailure>

    private enum Source {
        case memory(ByteBuffer)
        case file(BodyFile)
        case openFile(OpenBody)
        case incoming(IncomingBody)
    }

    private var source: Source
    private let loop: any EventLoop
    private var position: Int
    /// `nil`: to the end, wherever that will be.
    private let end: Int?
    private var waiting: ((Piece) -> Void)?

    private static let pieceSize = 128 * 1024

    /// - Parameter range: of a body that is stored; one that is not of the body is cut to it.
    package convenience init(_ entry: Entry, range: Range<Int>? = nil, on loop: any EventLoop) {
        let range = (range ?? 0..<entry.size).clamped(to: 0..<entry.size)
        switch entry.body {
        case .memory(let bytes): self.init(.memory(bytes), range.lowerBound, range.upperBound, loop)
        case .file(let file): self.init(.file(file), range.lowerBound, range.upperBound, loop)
        }
    }

    convenience init(_ incoming: IncomingBody, from start: Int, on loop: any EventLoop) {
        self.init(.incoming(incoming), start, nil, loop)
    }

    private init(_ source: Source, _ position: Int, _ end: Int?, _ loop: any EventLoop) {
        self.source = source
        self.position = position
        self.end = end
        self.loop = loop
    }

    /// Asks for the next piece. One call at a time; the answer comes on the event loop, perhaps before this returns.
    package func read(_ done: @escaping (Piece) -> Void) {
        loop.preconditionInEventLoop()
        precondition(waiting == nil, "one piece at a time")
        waiting = done
        step()
    }

    /// Calls nothing from now on.
    package func cancel() { waiting = nil }

    private func step() {
        guard waiting != nil else { return }
        let count = end.map { min($0 - position, BodyReader.pieceSize) } ?? BodyReader.pieceSize
        guard count > 0 else { return finish(.success(nil)) }
        switch source {
        case .memory(let bytes): finish(.success(bytes.getSlice(at: bytes.readerIndex + position, length: count)))
        case .file(let file):
            onThread({ () throws(StoreFailure) in try file.open() }) { [self] result in
                switch result {
                case .success(let open):
                    source = .openFile(open)
                    step()
                case .failure(let failure): finish(.failure(failure))
                }
            }
        case .openFile(let open):
            let position = position
            onThread({ () throws(StoreFailure) in try open.read(at: position, count: count) }) { [self] result in
                finish(result.map { $0 })
            }
        case .incoming(let incoming): readAlong(incoming, count)
        }
    }

    private func readAlong(_ incoming: IncomingBody, _ count: Int) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let next = incoming.next(at: position, atMost: count) { [loop] in loop.execute { bound.value.step() } }
        switch next {
        case .bytes(let bytes): finish(.success(bytes))
        case .end: finish(.success(nil))
        case .failed(let failure): finish(.failure(failure))
        case .later: break
        case .file(let file, let count):
            let position = position
            onThread({ () throws(StoreFailure) in try file.read(at: position, count: count) }) { [self] result in
                finish(result.map { $0 })
            }
        }
    }

    private func finish(_ piece: Piece) {
        guard let done = waiting else { return }
        waiting = nil
        if case .success(let bytes?) = piece { position += bytes.readableBytes }
        done(piece)
    }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StoreFailure) -> Value,
        _ done: @escaping (Result<Value, StoreFailure>) -> Void
    ) {
        StoreThreads.run(on: loop, { () -> Result<Value, StoreFailure> in Result(catching: body) }, done)
    }
}
