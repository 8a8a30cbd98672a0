import Synchronization

/// The content of a message: nothing, bytes in memory, or a stream. It is read at most once.
///
/// Copies of a body are the same body: reading one uses all of them, as with a request that is passed on. `clone()` gives
/// one that can be read by itself. See the Workers documentation, "Request" and "Response", `body` and `bodyUsed`.
public struct Body: Sendable, ExpressibleByStringLiteral {
    private enum Content: Sendable {
        case null
        case bytes([UInt8], Use)
        case stream(Shared)
    }

    private let content: Content

    /// No content at all. It can be read any number of times.
    public static let empty = Body(content: .null)

    private init(content: Content) { self.content = content }

    public init(bytes: [UInt8]) { content = .bytes(bytes, Use()) }
    public init(text: some StringProtocol) { self.init(bytes: Array(text.utf8)) }
    public init(stringLiteral text: String) { self.init(text: text) }
    /// Takes the stream over; one that was read from before fails at the first use.
    public init(stream: BodyStream) { content = .stream(Shared(stream)) }

    // MARK: Looking

    /// Bytes in all; `nil` for a stream of unknown length.
    public var length: Int? {
        switch content {
        case .null: 0
        case .bytes(let bytes, _): bytes.count
        case .stream(let shared): shared.length
        }
    }

    public var isNull: Bool { if case .null = content { true } else { false } }

    /// Whether the content has been read or handed on.
    public var isUsed: Bool {
        switch content {
        case .null: false
        case .bytes(_, let use): use.isUsed
        case .stream(let shared): shared.isUsed
        }
    }

    /// The bytes, if they are in memory; looking at them does not use the body.
    public var buffered: [UInt8]? {
        switch content {
        case .null: []
        case .bytes(let bytes, _): bytes
        case .stream: nil
        }
    }

    // MARK: Reading

    /// The whole content.
    ///
    /// - Parameter limit: bytes at most.
    /// - Throws: `BodyTooLarge` beyond the limit; a `TypeError` when the body was used before; what the stream fails with.
    public func bytes(limit: Int = .max) async throws -> [UInt8] {
        if let bytes = try take(limit: limit) { return bytes }
        let stream = try stream()
        if let length = stream.length, length > limit {
            stream.cancel()
            throw BodyTooLarge(limit: limit)
        }
        guard var all = try await stream.next() else { return [] }
        while true {
            if all.count > limit {
                stream.cancel()
                throw BodyTooLarge(limit: limit)
            }
            guard let chunk = try await stream.next() else { return all }
            all += chunk
        }
    }

    /// The whole content as UTF-8; ill-formed sequences become U+FFFD, as the Encoding standard's decoder does.
    public func text(limit: Int = .max) async throws -> String {
        String(decoding: try await bytes(limit: limit), as: UTF8.self)
    }

    /// The whole content as JSON.
    ///
    /// - Throws: a `SyntaxError` with the place, for content that is not JSON.
    public func json(limit: Int = .max) async throws -> JSON { try JSON(parsing: try await bytes(limit: limit)) }

    /// The content in chunks, for one reader. Uses the body.
    public func stream() throws -> BodyStream {
        switch content {
        case .null: return BodyStream(chunks: [], length: 0)
        case .bytes(let bytes, let use):
            try use.take()
            return BodyStream(chunks: bytes.isEmpty ? [] : [bytes], length: bytes.count)
        case .stream(let shared): return try shared.take()
        }
    }

    /// A body with the same content that is read by itself. What one reader of a stream has not read yet waits in memory.
    public func clone() throws -> Body {
        switch content {
        case .null: return self
        case .bytes(let bytes, let use):
            if use.isUsed { throw WorkersError.bodyUsed }
            return Body(bytes: bytes)
        case .stream(let shared): return Body(stream: try shared.split())
        }
    }

    /// Gives the content up: whoever produces a stream is told to stop.
    public func cancel() {
        switch content {
        case .null: break
        case .bytes(_, let use): use.mark()
        case .stream(let shared): shared.cancel()
        }
    }

    /// The content, for a body that is not a stream.
    private func take(limit: Int) throws -> [UInt8]? {
        switch content {
        case .null: return []
        case .bytes(let bytes, let use):
            try use.take()
            if bytes.count > limit { throw BodyTooLarge(limit: limit) }
            return bytes
        case .stream: return nil
        }
    }

    // MARK: What copies share

    private final class Use: Sendable {
        private let flag = Atomic<Bool>(false)

        var isUsed: Bool { flag.load(ordering: .relaxed) }
        func mark() { flag.store(true, ordering: .relaxed) }
        func take() throws {
            if flag.exchange(true, ordering: .relaxed) { throw WorkersError.bodyUsed }
        }
    }

    private final class Shared: Sendable {
        private struct State {
            var stream: BodyStream
            var isUsed = false
        }

        let length: Int?
        private let state: Mutex<State>

        init(_ stream: BodyStream) {
            length = stream.length
            state = Mutex(State(stream: stream))
        }

        var isUsed: Bool { state.withLock { $0.isUsed } }

        func take() throws -> BodyStream {
            try state.withLock { state in
                if state.isUsed { throw WorkersError.bodyUsed }
                if state.stream.isDisturbed { throw WorkersError.bodyDisturbed }
                state.isUsed = true
                // Whoever holds the body only must not keep the producer alive.
                defer { state.stream = BodyStream(chunks: []) }
                return state.stream
            }
        }

        func split() throws -> BodyStream {
            try state.withLock { state in
                if state.isUsed { throw WorkersError.bodyUsed }
                let (mine, other) = try state.stream.tee()
                state.stream = mine
                return other
            }
        }

        func cancel() {
            let stream = state.withLock { state in
                state.isUsed = true
                return state.stream
            }
            stream.cancel()
        }
    }
}

/// A body is longer than its reader takes.
public struct BodyTooLarge: Error, Sendable, Hashable, CustomStringConvertible {
    /// In bytes.
    public var limit: Int

    public init(limit: Int) { self.limit = limit }

    public var description: String { "The body is larger than \(limit) bytes." }
}
