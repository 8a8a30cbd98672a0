import NIOCore
import NIOHTTP1
import Synchronization

/// Content that arrives once and is read by many, each at its own pace: one upstream response, a hundred clients.
///
/// The last part of it stays in memory. What is older is read back from where it is being stored; content that is stored
/// nowhere stays until its readers have passed it, and whoever writes it is told to wait for them.
final class SharedContent: ContentSource {
    /// Where content is read back that is in memory no longer.
    typealias ReadBack = @Sendable (_ range: Range<Int>, any EventLoop) -> EventLoopFuture<ByteBuffer>

    private struct State {
        var chunks = CircularBuffer<ByteBuffer>()
        /// The offset of the first chunk.
        var start = 0
        var end = 0
        var readBack: ReadBack?
        var ending: Ending?
        var readers: [ObjectIdentifier: Position] = [:]
        var isFull = false
        /// Called once after `isFull`.
        var onRoom: (@Sendable () -> Void)?
        var onAbandoned: (@Sendable () -> Void)?
    }

    private struct Position {
        var offset: Int
        /// Set while the reader waits for more.
        var wake: (@Sendable () -> Void)?
    }

    private enum Ending {
        case complete(HTTPHeaders?)
        case failed(any Error)
    }

    /// Bytes in memory from which on older ones are let go.
    private let window: Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - window: bytes that are kept in memory.
    ///   - readBack: `nil` for content that is stored nowhere.
    ///   - onAbandoned: called, from any thread, when the last reader has left before the content has ended.
    init(window: Int, readBack: ReadBack?, onAbandoned: @escaping @Sendable () -> Void) {
        self.window = window
        state = Mutex(State(readBack: readBack, onAbandoned: onAbandoned))
    }

    // MARK: Writing

    /// - Parameter onRoom: called once, from any thread, when false was returned and there is room again.
    /// - Returns: false when the readers are far behind and should be waited for.
    func append(_ chunk: ByteBuffer, onRoom: @escaping @Sendable () -> Void) -> Bool {
        guard chunk.readableBytes > 0 else { return true }
        let (wakes, hasRoom) = state.withLock { state in
            state.chunks.append(chunk)
            state.end += chunk.readableBytes
            SharedContent.trim(&state, window: window)
            state.isFull = state.end - state.start > window
            state.onRoom = state.isFull ? onRoom : nil
            return (SharedContent.takeWakes(&state), !state.isFull)
        }
        for wake in wakes { wake() }
        return hasRoom
    }

    /// - Parameter trailers: the fields behind the content.
    func finish(trailers: HTTPHeaders?) { end(.complete(trailers)) }

    /// Readers get what has arrived, and then this error.
    func fail(_ error: any Error) { end(.failed(error)) }

    /// From here on the content is stored nowhere: it is kept until it is read.
    func stopReadingBack() { state.withLock { $0.readBack = nil } }

    /// Whether somebody reads it or waits to.
    var hasReaders: Bool { state.withLock { !$0.readers.isEmpty } }

    /// Whether a new reader finds all of it.
    var canBeJoined: Bool { state.withLock { $0.start == 0 || $0.readBack != nil } }

    private func end(_ ending: Ending) {
        let wakes = state.withLock { state in
            if state.ending == nil { state.ending = ending }
            return SharedContent.takeWakes(&state)
        }
        for wake in wakes { wake() }
    }

    private static func takeWakes(_ state: inout State) -> [@Sendable () -> Void] {
        var wakes: [@Sendable () -> Void] = []
        for (key, position) in state.readers {
            guard let wake = position.wake else { continue }
            wakes.append(wake)
            state.readers[key]?.wake = nil
        }
        return wakes
    }

    /// Lets go of what is behind every reader, or can be read back.
    private static func trim(_ state: inout State, window: Int) {
        let slowest = state.readers.values.map(\.offset).min() ?? state.start
        while let first = state.chunks.first, state.end - state.start > window {
            let next = state.start + first.readableBytes
            guard state.readBack != nil || next <= slowest else { return }
            state.chunks.removeFirst()
            state.start = next
        }
    }

    // MARK: Reading

    func reader(on loop: any EventLoop, wake: @escaping () -> Void) -> any ContentReader {
        let reader = Reader(self, loop: loop, wake: NIOLoopBound(wake, eventLoop: loop))
        state.withLock { $0.readers[ObjectIdentifier(reader)] = Position(offset: 0) }
        return reader
    }

    private final class Reader: ContentReader {
        private let content: SharedContent
        private let loop: any EventLoop
        private let wake: NIOLoopBound<() -> Void>

        init(_ content: SharedContent, loop: any EventLoop, wake: NIOLoopBound<() -> Void>) {
            self.content = content
            self.loop = loop
            self.wake = wake
        }

        func read(at offset: Int, atMost count: Int) -> ContentRead {
            content.read(at: offset, atMost: count, for: ObjectIdentifier(self), on: loop) { [loop, wake] in
                // Always later: the writer may be in the middle of something on this very loop.
                loop.execute { wake.value() }
            }
        }

        func close() { content.leave(ObjectIdentifier(self)) }
    }

    private func read(
        at offset: Int, atMost count: Int, for reader: ObjectIdentifier, on loop: any EventLoop,
        wake: @escaping @Sendable () -> Void
    ) -> ContentRead {
        let (result, readBack, onRoom) = state.withLock { state -> (ContentRead?, (ReadBack, Range<Int>)?, Wake?) in
            state.readers[reader]?.offset = offset
            SharedContent.trim(&state, window: window)
            let onRoom = SharedContent.takeRoom(&state, window: window)
            if offset >= state.end {
                switch state.ending {
                case .complete(let trailers): return (.end(trailers: trailers), nil, onRoom)
                case .failed(let error): return (.failed(error), nil, onRoom)
                case nil:
                    state.readers[reader]?.wake = wake
                    return (.later, nil, onRoom)
                }
            }
            if offset < state.start {
                guard let readBack = state.readBack else { return (.failed(ContentGone()), nil, onRoom) }
                return (nil, (readBack, offset..<min(state.start, offset + count)), onRoom)
            }
            return (SharedContent.find(&state, offset, count), nil, onRoom)
        }
        onRoom?()
        if let (readBack, range) = readBack { return .pending(readBack(range, loop)) }
        return result ?? .later
    }

    private typealias Wake = @Sendable () -> Void

    private static func takeRoom(_ state: inout State, window: Int) -> Wake? {
        guard state.isFull, state.end - state.start <= window else { return nil }
        state.isFull = false
        defer { state.onRoom = nil }
        return state.onRoom
    }

    private static func find(_ state: inout State, _ offset: Int, _ count: Int) -> ContentRead {
        var start = state.start
        for chunk in state.chunks {
            let end = start + chunk.readableBytes
            if offset < end {
                let skipped = offset - start
                let length = min(count, chunk.readableBytes - skipped)
                return chunk.getSlice(at: chunk.readerIndex + skipped, length: length).map { .bytes($0) } ?? .later
            }
            start = end
        }
        return .later
    }

    private func leave(_ reader: ObjectIdentifier) {
        let next = state.withLock { state -> Wake? in
            state.readers[reader] = nil
            if state.readers.isEmpty, state.ending == nil { return state.onAbandoned }
            SharedContent.trim(&state, window: window)
            return SharedContent.takeRoom(&state, window: window)
        }
        next?()
    }
}

/// Content that was let go before it was read. Whoever joins late is kept from this, so it says that something is wrong.
struct ContentGone: Error, CustomStringConvertible {
    var description: String { "The content is no longer held." }
}
