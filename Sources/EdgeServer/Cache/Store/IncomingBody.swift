import NIOCore
import Synchronization

/// A body while it comes in, for those who read along: what is not in its file yet is in memory.
final class IncomingBody: Sendable {
    /// Where a reader finds the next bytes.
    enum Next {
        case bytes(ByteBuffer)
        case file(OpenFile, count: Int)
        case end
        case failed(StoreFailure)
        /// The waiter is called once there is more to say.
        case later
    }

    private enum Phase {
        case growing, complete
        case failed(StoreFailure)
    }

    private struct Chunk {
        var offset: Int
        var bytes: ByteBuffer
        var end: Int { offset + bytes.readableBytes }
    }

    private struct State {
        var phase = Phase.growing
        /// What lies behind `written`, or everything where there is no file.
        var chunks: [Chunk] = []
        var size = 0
        var written = 0
        var file: OpenFile?
        var isFile = false
        var isScheduled = false
        var isHeld = false
        var waiters: [@Sendable () -> Void] = []
        /// Bytes of memory that are taken from the budget.
        var taken = 0
        var isDoomed = false
        var doomedTags: Set<UInt32> = []
        var onFinished: (@Sendable (BodyFile?) -> Void)?

        var unwritten: Int { size - written }
    }

    let key: StoreKey
    private let state = Mutex(State())
    private let onRoom: @Sendable () -> Void

    /// More than this before the disk has it, and whoever writes has to wait.
    private static let mostUnwritten = 1 << 20
    /// Parts smaller than this are put together, so that a body in single bytes is no list of single bytes.
    private static let smallChunk = 4096

    init(key: StoreKey, onRoom: @escaping @Sendable () -> Void) {
        self.key = key
        self.onRoom = onRoom
    }

    // MARK: Writing

    struct Appended {
        var size: Int
        var hasRoom = true
        /// Somebody has to tell the disk.
        var mustSchedule = false
    }

    /// Adds bytes whose memory has been taken from the budget; `nil` if nobody wants them any more.
    func append(_ bytes: ByteBuffer) -> Appended? {
        let (result, waiters) = state.withLock { state -> (Appended?, [@Sendable () -> Void]) in
            guard case .growing = state.phase else { return (nil, []) }
            if let last = state.chunks.indices.last, bytes.readableBytes < IncomingBody.smallChunk,
                state.chunks[last].bytes.readableBytes < IncomingBody.smallChunk
            {
                state.chunks[last].bytes.writeImmutableBuffer(bytes)
            } else {
                state.chunks.append(Chunk(offset: state.size, bytes: bytes))
            }
            state.size += bytes.readableBytes
            state.taken += bytes.readableBytes
            var result = Appended(size: state.size)
            if state.isFile {
                result.hasRoom = state.unwritten <= IncomingBody.mostUnwritten
                state.isHeld = !result.hasRoom
                result.mustSchedule = !state.isScheduled
                state.isScheduled = true
            }
            defer { state.waiters = [] }
            return (result, state.waiters)
        }
        for waiter in waiters { waiter() }
        return result
    }

    /// From now on the body goes to a file.
    ///
    /// - Returns: whether somebody has to tell the disk.
    func moveToFile() -> Bool {
        state.withLock { state in
            guard !state.isFile, case .growing = state.phase else { return false }
            state.isFile = true
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
    }

    enum Completed {
        case memory(ByteBuffer)
        /// The disk has to write what is left.
        case file(mustSchedule: Bool)
        case failed(StoreFailure)
    }

    func complete() -> Completed {
        let (result, waiters) = state.withLock { state -> (Completed, [@Sendable () -> Void]) in
            switch state.phase {
            case .failed(let failure): return (.failed(failure), [])
            case .complete: return (.failed(.closed), [])
            case .growing: break
            }
            state.phase = .complete
            defer { state.waiters = [] }
            if state.isFile {
                defer { state.isScheduled = true }
                return (.file(mustSchedule: !state.isScheduled), state.waiters)
            }
            // One piece of memory of the right size: the parts may be slices of the much larger buffers of a socket.
            var whole = ByteBufferAllocator().buffer(capacity: state.size)
            for chunk in state.chunks { whole.writeImmutableBuffer(chunk.bytes) }
            state.chunks = state.size == 0 ? [] : [Chunk(offset: 0, bytes: whole)]
            return (.memory(whole), state.waiters)
        }
        for waiter in waiters { waiter() }
        return result
    }

    func fail(_ failure: StoreFailure) {
        let waiters = state.withLock { state -> [@Sendable () -> Void] in
            if case .failed = state.phase { return [] }
            state.phase = .failed(failure)
            state.chunks = []
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter() }
        // Whoever waits for room must not wait for ever.
        onRoom()
    }

    var failure: StoreFailure? {
        state.withLock { state in if case .failed(let failure) = state.phase { failure } else { nil } }
    }

    var isFile: Bool { state.withLock { $0.isFile } }
    var size: Int { state.withLock { $0.size } }

    /// The memory it has taken, which is then no longer its own.
    func giveMemory() -> Int {
        state.withLock { state in
            defer { state.taken = 0 }
            return state.taken
        }
    }

    // MARK: The file

    struct Unwritten {
        var offset: Int
        var parts: [ByteBuffer]
        var isComplete: Bool
    }

    /// What the disk has to write now; `nil` if it has to do nothing until it is told again.
    func unwritten() -> Unwritten? {
        state.withLock { state in
            if case .failed = state.phase { return nil }
            var isComplete = false
            if case .complete = state.phase { isComplete = true }
            if state.chunks.isEmpty, !isComplete {
                state.isScheduled = false
                return nil
            }
            return Unwritten(offset: state.written, parts: state.chunks.map(\.bytes), isComplete: isComplete)
        }
    }

    /// The file has so many bytes more.
    ///
    /// - Returns: the memory that this set free.
    func wrote(_ count: Int, to file: OpenFile) -> Int {
        let (freed, hasRoom) = state.withLock { state in
            state.file = file
            state.written += count
            while let first = state.chunks.first, first.end <= state.written { state.chunks.removeFirst() }
            // A part that grew after it was handed out.
            if let first = state.chunks.first, first.offset < state.written {
                let rest = first.bytes.getSlice(
                    at: first.bytes.readerIndex + state.written - first.offset, length: first.end - state.written)
                state.chunks[0] = Chunk(offset: state.written, bytes: rest ?? ByteBuffer())
            }
            let freed = min(count, state.taken)
            state.taken -= freed
            let hasRoom = state.isHeld && state.unwritten <= IncomingBody.mostUnwritten / 4
            if hasRoom { state.isHeld = false }
            return (freed, hasRoom)
        }
        if hasRoom { onRoom() }
        return freed
    }

    /// - Parameter done: gets the file when it is complete, or `nil` if it never will be.
    func onFinished(_ done: @escaping @Sendable (BodyFile?) -> Void) { state.withLock { $0.onFinished = done } }

    func finished(_ file: BodyFile?) {
        let done = state.withLock { state in
            defer { state.onFinished = nil }
            return state.onFinished
        }
        done?(file)
    }

    // MARK: Reading along

    func next(at offset: Int, atMost: Int, waiter: @escaping @Sendable () -> Void) -> Next {
        state.withLock { state in
            if case .failed(let failure) = state.phase { return .failed(failure) }
            if offset < state.size {
                guard offset >= state.written else {
                    guard let file = state.file else { return .failed(.damaged) }
                    return .file(file, count: min(atMost, state.written - offset))
                }
                guard let chunk = IncomingBody.chunk(at: offset, in: state.chunks) else { return .failed(.damaged) }
                let skipped = offset - chunk.offset
                let count = min(atMost, chunk.end - offset)
                return .bytes(
                    chunk.bytes.getSlice(at: chunk.bytes.readerIndex + skipped, length: count) ?? ByteBuffer())
            }
            if case .complete = state.phase { return .end }
            state.waiters.append(waiter)
            return .later
        }
    }

    private static func chunk(at offset: Int, in chunks: [Chunk]) -> Chunk? {
        var (low, high) = (0, chunks.count)
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle].end <= offset { low = middle + 1 } else { high = middle }
        }
        return low < chunks.count && chunks[low].offset <= offset ? chunks[low] : nil
    }

    // MARK: Purges

    /// A purge goes for what was asked of the origin before it, too.
    func doom(_ purge: PurgeHistory) {
        state.withLock { state in
            if purge.last(key.bytes, namespaceLength: key.namespaceLength, tags: []) != nil { state.isDoomed = true }
            state.doomedTags.formUnion(purge.tags(for: key))
            // So many purges during one response: rather store it next time.
            if state.doomedTags.count > 4096 {
                state.isDoomed = true
                state.doomedTags = []
            }
        }
    }

    func doom() { state.withLock { $0.isDoomed = true } }

    func isDoomed(tags: [UInt32]) -> Bool {
        state.withLock { state in state.isDoomed || tags.contains { state.doomedTags.contains($0) } }
    }
}
