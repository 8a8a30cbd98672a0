import Synchronization
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// The bytes of a body on their way out of one or more files, opened one after the other. Its calls block.
final class OutgoingBlobs: Sendable {
    typealias Piece = (name: BlobName, range: Range<Int>)

    private struct State {
        var pieces: ArraySlice<Piece>
        /// Of the first piece, once it was opened.
        var descriptor: Int32?
        var isOver = false
    }

    private let files: BlobFiles
    private let state: Mutex<State>

    init(_ files: BlobFiles, pieces: [Piece]) {
        self.files = files
        state = Mutex(State(pieces: pieces[...]))
    }

    /// The next bytes; `nil` at the end and after `finish`.
    func next(atMost limit: Int) throws -> [UInt8]? {
        try state.withLock { state in
            guard !state.isOver, let piece = state.pieces.first else { return nil }
            let descriptor = try state.descriptor ?? files.open(piece.name)
            state.descriptor = descriptor
            let count = min(limit, piece.range.count)
            let bytes = try files.read(descriptor, at: piece.range.lowerBound, count: count, of: piece.name)
            if count < piece.range.count {
                state.pieces[state.pieces.startIndex].range = (piece.range.lowerBound + count)..<piece.range.upperBound
            } else {
                state.pieces.removeFirst()
                state.descriptor = nil
                close(descriptor)
            }
            return bytes
        }
    }

    /// - Returns: whether this was the first call.
    func finish() -> Bool {
        state.withLock { state in
            if state.isOver { return false }
            state.isOver = true
            if let descriptor = state.descriptor { close(descriptor) }
            state.descriptor = nil
            return true
        }
    }
}
