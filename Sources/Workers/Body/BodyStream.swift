import Synchronization

/// Content that arrives in chunks: a one-shot sequence that is read by one reader at a time.
///
/// The reader sets the pace: a chunk is asked for only when the one before has been taken. Cancelling the stream, or letting
/// go of it before its end, tells whoever produces the chunks to stop.
///
/// ```swift
/// var size = 0
/// for try await chunk in try request.body.stream() { size += chunk.count }
/// ```
/// A declared `length` is kept: a stream that ends too early or brings more throws, as Workers' `FixedLengthStream` does.
public struct BodyStream: AsyncSequence, Sendable {
    public typealias Element = [UInt8]
    public typealias Failure = any Error

    private let source: Source

    /// - Parameters:
    ///   - length: bytes in all, if known beforehand.
    ///   - onCancel: called at most once, when nobody will ask for the rest.
    ///   - next: the next chunk; `nil` at the end. Called again only after it has returned.
    public init(
        length: Int? = nil, onCancel: @escaping @Sendable () -> Void = {},
        next: @escaping @Sendable () async throws -> [UInt8]?
    ) {
        source = Source(length: length, onCancel: onCancel, produce: next)
    }

    /// A stream of chunks that are there already.
    public init(chunks: [[UInt8]], length: Int? = nil) {
        let position = Atomic<Int>(0)
        let index = Box(position)
        self.init(length: length) {
            let next = index.value.add(1, ordering: .relaxed).oldValue
            return next < chunks.count ? chunks[next] : nil
        }
    }

    /// Bytes in all, if known beforehand.
    public var length: Int? { source.length }

    /// Whether reading has begun, or the stream was cancelled.
    public var isDisturbed: Bool { source.isDisturbed }

    /// The next chunk; `nil` at the end.
    ///
    /// - Throws: what the producer failed with; a `TypeError` for a second reader at the same time.
    public func next() async throws -> [UInt8]? { try await source.next() }

    /// Gives up the rest.
    public func cancel() { source.cancel() }

    public func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: Source

        public mutating func next() async throws -> [UInt8]? { try await source.next() }
    }

    /// Holds a value that cannot be copied, for closures.
    private final class Box: Sendable {
        let value: Atomic<Int>
        init(_ value: consuming Atomic<Int>) { self.value = value }
    }

    fileprivate final class Source: Sendable {
        private struct State {
            var isDisturbed = false
            var isReading = false
            var isOver = false
            var seen = 0
        }

        let length: Int?
        private let state = Mutex(State())
        private let produce: @Sendable () async throws -> [UInt8]?
        private let onCancel: @Sendable () -> Void

        init(
            length: Int?, onCancel: @escaping @Sendable () -> Void,
            produce: @escaping @Sendable () async throws -> [UInt8]?
        ) {
            self.length = length
            self.onCancel = onCancel
            self.produce = produce
        }

        deinit { cancel() }

        var isDisturbed: Bool { state.withLock { $0.isDisturbed } }

        func next() async throws -> [UInt8]? {
            let isOver = try state.withLock { state in
                if state.isReading { throw WorkersError.streamLocked }
                state.isDisturbed = true
                state.isReading = !state.isOver
                return state.isOver
            }
            if isOver { return nil }
            do {
                let chunk = try await produce()
                return try taken(chunk)
            } catch {
                finish(isAbandoned: error is CancellationError)
                throw error
            }
        }

        private func taken(_ chunk: [UInt8]?) throws -> [UInt8]? {
            let problem: WorkersError? = state.withLock { state in
                state.isReading = false
                guard let chunk else {
                    state.isOver = true
                    return length.map { state.seen < $0 } == true ? .streamTooShort : nil
                }
                state.seen += chunk.count
                return length.map { state.seen > $0 } == true ? .streamTooLong : nil
            }
            if let problem {
                cancel()
                throw problem
            }
            return chunk
        }

        /// - Parameter isAbandoned: the reader was cancelled while it waited. The producer would wait for it for ever; one
        ///   that failed by itself knows.
        private func finish(isAbandoned: Bool) {
            let wasOver = state.withLock { state in
                defer { state.isOver = true }
                state.isReading = false
                return state.isOver
            }
            if isAbandoned, !wasOver { onCancel() }
        }

        func cancel() {
            let wasOver = state.withLock { state in
                defer { state = State(isDisturbed: true, isReading: state.isReading, isOver: true, seen: state.seen) }
                return state.isOver
            }
            if !wasOver { onCancel() }
        }
    }
}
