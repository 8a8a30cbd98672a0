import S3Protocol
import Synchronization
import Workers

/// Computes the checksum of content that passes by, of which nobody has said what it has to be.
final class S3PassingChecksum: Sendable {
    private let hasher: Mutex<S3ChecksumHasher>

    private init(_ algorithm: S3ChecksumAlgorithm) { hasher = Mutex(S3ChecksumHasher(algorithm)) }

    /// - Returns: what gives the same content, and its checksum once it has been read.
    static func watch(_ algorithm: R2ObjectChecksum.Algorithm) -> LocalR2Buckets.PartWatch {
        { body in try watch(body, algorithm) }
    }

    private static func watch(
        _ body: Body, _ algorithm: R2ObjectChecksum.Algorithm
    ) throws -> (Body, seal: @Sendable () async throws -> R2ObjectChecksum?) {
        let checksum = S3PassingChecksum(algorithm.wire)
        let source = try body.stream()
        let stream = BodyStream(
            length: source.length, onCancel: { source.cancel() },
            next: {
                guard let chunk = try await source.next() else { return nil }
                checksum.hasher.withLock { $0.update(chunk) }
                return chunk
            })
        let seal: @Sendable () async throws -> R2ObjectChecksum? = {
            R2ObjectChecksum(algorithm, bytes: checksum.hasher.withLock { $0.finalize() })
        }
        return (Body(stream: stream), seal)
    }
}
