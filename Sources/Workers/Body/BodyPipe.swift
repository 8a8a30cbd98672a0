import Synchronization

extension BodyStream {
    /// A stream and the end that fills it. Writing waits while `capacity` bytes lie between the two.
    ///
    /// ```swift
    /// let (writer, stream) = BodyStream.pipe()
    /// context.waitUntil {
    ///     for row in rows { try await writer.write(Array("\(row)\n".utf8)) }
    ///     writer.finish()
    /// }
    /// return Response(body: Body(stream: stream))
    /// ```
    /// - Parameters:
    ///   - length: bytes in all, if known: the response then has a `Content-Length`.
    ///   - capacity: bytes that may wait for the reader.
    public static func pipe(length: Int? = nil, capacity: Int = 65_536) -> (writer: BodyWriter, stream: BodyStream) {
        pipe(length: length, capacity: capacity, onRoom: nil, onCancel: nil)
    }

    /// - Parameters:
    ///   - onRoom: called on the reader's thread when there is room again after `offer` said that there was none.
    ///   - onCancel: called when the reader has gone.
    package static func pipe(
        length: Int?, capacity: Int, onRoom: (@Sendable () -> Void)?, onCancel: (@Sendable () -> Void)?
    ) -> (writer: BodyWriter, stream: BodyStream) {
        let pipe = Pipe(capacity: capacity, onRoom: onRoom)
        let writer = BodyWriter(pipe)
        let stream = BodyStream(
            length: length,
            onCancel: {
                pipe.cancel()
                onCancel?()
            }, next: { try await pipe.next() })
        return (writer, stream)
    }
}

/// The writing end of a pipe. Letting go of it without `finish` fails the stream: half a body never looks like a whole one.
public final class BodyWriter: Sendable {
    private let pipe: Pipe

    fileprivate init(_ pipe: Pipe) { self.pipe = pipe }

    deinit { pipe.end(.failed(WorkersError(.typeError, "The stream was closed before its end."))) }

    /// Whether the reader has gone: nothing that is written will be read.
    public var isCancelled: Bool { pipe.isCancelled }

    /// Hands a chunk over, and waits until there is room for the next.
    ///
    /// - Throws: `BodyCancelled` once the reader has gone; `CancellationError` when the task is cancelled.
    public func write(_ chunk: [UInt8]) async throws { try await pipe.write(chunk) }

    /// The end of the content. Later calls do nothing.
    public func finish() { pipe.end(.finished) }

    /// Ends the stream with an error, which the reader gets after the chunks that were written.
    public func fail(_ error: any Error) { pipe.end(.failed(error)) }

    /// Hands a chunk over without waiting.
    ///
    /// - Returns: whether there is room for more; otherwise `onRoom` says when.
    package func offer(_ chunk: [UInt8]) -> Bool { pipe.offer(chunk) }
}

/// The reader of a stream has gone.
public struct BodyCancelled: Error, Sendable, Hashable, CustomStringConvertible {
    public init() {}
    public var description: String { "The reader of the stream has gone." }
}

/// What lies between a writer and a reader.
private final class Pipe: Sendable {
    enum Ending {
        case finished
        case failed(any Error)
    }

    private struct State {
        var chunks: [[UInt8]] = []
        /// The first chunk that was not taken; taken ones are dropped when they are many.
        var first = 0
        var size = 0
        var ending: Ending?
        var isCancelled = false
        var wantsRoom = false
        var reader: CheckedContinuation<Void, Never>?
        var writers: [CheckedContinuation<Void, Never>] = []

        mutating func take() -> [UInt8]? {
            guard first < chunks.count else { return nil }
            let chunk = chunks[first]
            chunks[first] = []
            first += 1
            if first == chunks.count {
                chunks.removeAll(keepingCapacity: true)
                first = 0
            } else if first >= 64 {
                chunks.removeFirst(first)
                first = 0
            }
            size -= chunk.count
            return chunk
        }

        mutating func takeWriters() -> [CheckedContinuation<Void, Never>] {
            defer { writers = [] }
            return writers
        }

        mutating func takeReader() -> CheckedContinuation<Void, Never>? {
            defer { reader = nil }
            return reader
        }
    }

    private let capacity: Int
    private let onRoom: (@Sendable () -> Void)?
    private let state = Mutex(State())

    init(capacity: Int, onRoom: (@Sendable () -> Void)?) {
        self.capacity = capacity
        self.onRoom = onRoom
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    // MARK: Writing

    func offer(_ chunk: [UInt8]) -> Bool {
        guard !chunk.isEmpty else { return true }
        let (reader, hasRoom) = state.withLock { state -> (CheckedContinuation<Void, Never>?, Bool) in
            guard !state.isCancelled, state.ending == nil else { return (nil, true) }
            state.chunks.append(chunk)
            state.size += chunk.count
            state.wantsRoom = state.size >= capacity
            return (state.takeReader(), !state.wantsRoom)
        }
        reader?.resume()
        return hasRoom
    }

    func write(_ chunk: [UInt8]) async throws {
        try Task.checkCancellation()
        if isCancelled { throw BodyCancelled() }
        if offer(chunk) { return }
        while true {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let goesOn = state.withLock { state in
                        if state.size < capacity || state.isCancelled || Task.isCancelled { return true }
                        state.writers.append(continuation)
                        return false
                    }
                    if goesOn { continuation.resume() }
                }
            } onCancel: {
                // Whoever was not meant looks again and goes on waiting.
                for writer in state.withLock({ $0.takeWriters() }) { writer.resume() }
            }
            try Task.checkCancellation()
            let (isCancelled, hasRoom) = state.withLock { ($0.isCancelled, $0.size < capacity) }
            if isCancelled { throw BodyCancelled() }
            if hasRoom { return }
        }
    }

    func end(_ ending: Ending) {
        let reader = state.withLock { state in
            if state.ending == nil { state.ending = ending }
            return state.takeReader()
        }
        reader?.resume()
    }

    // MARK: Reading

    func next() async throws -> [UInt8]? {
        while true {
            if let chunk = try take() { return chunk.isEmpty ? nil : chunk }
            // Cancelled by somebody else than this reader: nothing will come any more.
            if isCancelled { throw BodyCancelled() }
            try Task.checkCancellation()
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let goesOn = state.withLock { state in
                        if state.size > 0 || state.ending != nil || state.isCancelled || Task.isCancelled {
                            return true
                        }
                        state.reader = continuation
                        return false
                    }
                    if goesOn { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.takeReader() }?.resume()
            }
        }
    }

    /// - Returns: a chunk; an empty one for the end; `nil` when there is nothing yet.
    private func take() throws -> [UInt8]? {
        typealias Step = (chunk: [UInt8]?, writers: [CheckedContinuation<Void, Never>], tells: Bool)
        let step: Step = try state.withLock { state in
            if let chunk = state.take() {
                guard state.size < capacity else { return (chunk, [], false) }
                let tells = state.wantsRoom
                state.wantsRoom = false
                return (chunk, state.takeWriters(), tells)
            }
            switch state.ending {
            case nil: return (nil, [], false)
            case .finished: return ([], [], false)
            case .failed(let error): throw error
            }
        }
        for writer in step.writers { writer.resume() }
        if step.tells { onRoom?() }
        return step.chunk
    }

    func cancel() {
        let (writers, reader) = state.withLock { state in
            state.isCancelled = true
            state.chunks = []
            state.first = 0
            state.size = 0
            return (state.takeWriters(), state.takeReader())
        }
        for writer in writers { writer.resume() }
        reader?.resume()
    }
}
