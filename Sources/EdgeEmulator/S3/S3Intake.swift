import Crypto
import S3Protocol
import Synchronization
import Workers

/// Content on its way into a bucket: taken out of its chunks, and checked against everything that was said about it.
final class S3Intake: Sendable {
    private struct State {
        var chunks: ChunkedPayload?
        var sha256: SHA256?
        var md5: Insecure.MD5?
        var checksum: S3ChecksumHasher?
        var isOver = false
    }

    private let claims: S3Claims
    private let source: BodyStream
    private let state: Mutex<State>

    init(_ request: Request, _ claims: S3Claims) throws {
        self.claims = claims
        source = try request.body.stream()
        var state = State()
        switch claims.proof.form {
        case .hashed: state.sha256 = SHA256()
        case .signedChunks(let hasTrailers):
            state.chunks = ChunkedPayload(
                signatures: claims.proof.signatures, hasTrailers: hasTrailers, decodedLength: claims.length)
        case .unsignedChunks:
            state.chunks = ChunkedPayload(signatures: nil, hasTrailers: true, decodedLength: claims.length)
        case .unsigned: break
        }
        if claims.md5 != nil { state.md5 = Insecure.MD5() }
        if let algorithm = claims.algorithm { state.checksum = S3ChecksumHasher(algorithm) }
        self.state = Mutex(state)
    }

    /// The content, for one reader. What it hands on is right only when `seal` says so.
    var body: Body {
        Body(
            stream: BodyStream(
                length: claims.length, onCancel: { self.source.cancel() }, next: { try await self.next() }))
    }

    /// All content has been read: this is its checksum, if one was asked for.
    ///
    /// - Throws: `S3Error` when the content is not what was announced.
    func seal() async throws -> R2ObjectChecksum? {
        // A reader that knows the length may have stopped there, and the trailers are behind it.
        while try await next() != nil {}
        return try state.withLock { state in try S3Intake.verdict(state, claims) }
    }

    private func next() async throws -> [UInt8]? {
        while true {
            if state.withLock({ $0.isOver }) { return nil }
            let bytes: [UInt8]?
            do {
                bytes = try await source.next()
            } catch let error as WorkersError where error == .streamTooShort || error == .streamTooLong {
                throw S3Error("IncompleteBody", 400, "The body ended before what it announced.")
            }
            let content = try state.withLock { state in try S3Intake.take(bytes, &state) }
            guard let content else { return nil }
            if !content.isEmpty { return content }
        }
    }

    /// - Returns: `nil` at the end.
    private static func take(_ bytes: [UInt8]?, _ state: inout State) throws(S3Error) -> [UInt8]? {
        guard let bytes else {
            state.isOver = true
            try state.chunks?.finish()
            return nil
        }
        let content = try state.chunks?.take(bytes) ?? bytes
        content.withUnsafeBytes { buffer in
            state.sha256?.update(bufferPointer: buffer)
            state.md5?.update(bufferPointer: buffer)
            state.checksum?.update(buffer)
        }
        return content
    }

    private static func verdict(_ state: State, _ claims: S3Claims) throws(S3Error) -> R2ObjectChecksum? {
        if case .hashed(let hash) = claims.proof.form, let sha256 = state.sha256,
            Hexadecimal.text(Array(sha256.finalize())) != hash
        {
            throw S3Error(
                "XAmzContentSHA256Mismatch", 400, "The content is not the one whose hash x-amz-content-sha256 names.")
        }
        if let md5 = claims.md5, let own = state.md5, Array(own.finalize()) != md5 {
            throw S3Error("BadDigest", 400, "The content is not the one whose hash Content-MD5 names.")
        }
        guard let algorithm = claims.algorithm, let hasher = state.checksum else { return nil }
        let bytes = hasher.finalize()
        let trailing = try trailing(algorithm, state, claims)
        if let expected = claims.value ?? trailing, expected.bytes != bytes {
            throw S3Error(
                "BadDigest", 400,
                "The content's \(algorithm.rawValue) is not the one that \(algorithm.headerName) names.")
        }
        return R2ObjectChecksum(algorithm.stored, bytes: bytes)
    }

    private static func trailing(
        _ algorithm: S3ChecksumAlgorithm, _ state: State, _ claims: S3Claims
    ) throws(S3Error) -> S3Checksum? {
        guard claims.isInTrailer else { return nil }
        guard let text = state.chunks?.trailers.first(where: { $0.name == algorithm.headerName })?.value else {
            throw S3Error(
                "MalformedTrailerError", 400, "\(algorithm.headerName) was announced as a trailer, and did not come.")
        }
        guard let checksum = S3Checksum(algorithm, base64: text) else {
            throw S3Error(
                "InvalidDigest", 400, "\(algorithm.headerName) has to be the base64 of \(algorithm.byteCount) bytes.")
        }
        return checksum
    }
}

extension S3ChecksumAlgorithm {
    /// As objects keep it.
    var stored: R2ObjectChecksum.Algorithm {
        switch self {
        case .crc32: .crc32
        case .crc32c: .crc32c
        case .crc64nvme: .crc64nvme
        case .sha1: .sha1
        case .sha256: .sha256
        }
    }
}

extension R2ObjectChecksum.Algorithm {
    /// As requests name it.
    var wire: S3ChecksumAlgorithm {
        switch self {
        case .crc32: .crc32
        case .crc32c: .crc32c
        case .crc64nvme: .crc64nvme
        case .sha1: .sha1
        case .sha256: .sha256
        }
    }
}
