import Synchronization

extension BodyStream {
    /// The same chunks; fails when there are more bytes than `most`, and lets go of the producer then.
    package func limited(
        to most: Int, orThrow error: @escaping @Sendable (Int) -> any Error = { WorkersError.bodyTooLarge(limit: $0) }
    ) -> BodyStream {
        let left = Mutex(most)
        return BodyStream(length: length, onCancel: { cancel() }) {
            guard let chunk = try await next() else { return nil }
            let fits = left.withLock { left in
                left -= chunk.count
                return left >= 0
            }
            guard fits else {
                cancel()
                throw error(most)
            }
            return chunk
        }
    }

    /// The same chunks; fails when they are not all there at `deadline`, and lets go of the producer then.
    func ending(by deadline: Double, _ clock: FetchClock) -> BodyStream {
        BodyStream(length: length, onCancel: { cancel() }) {
            do {
                return try await clock.limit(deadline) { Chunk(bytes: try await next()) }.bytes
            } catch {
                cancel()
                throw error
            }
        }
    }
}

/// A chunk or the end, so that the end is not mistaken for the deadline.
private struct Chunk: Sendable {
    var bytes: [UInt8]?
}
