import Crypto

/// The key of one run of stored bytes, out of the caller's key and a salt (RFC 5869), so that no two runs share their
/// nonces. A nonce is the number of the frame and whether it is the last: frames cannot be exchanged or cut off.
struct SealingKey {
    private let key: SymmetricKey

    init(_ secret: R2SecretKey, salt: [UInt8]) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret.bytes), salt: salt, info: Array("lilypad r2 sse-c 1".utf8),
            outputByteCount: 32)
    }

    func seal(_ content: some Collection<UInt8>, frame: Int, isLast: Bool) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(content), using: key, nonce: nonce(frame, isLast))
        return Array(box.ciphertext) + Array(box.tag)
    }

    func open(_ sealed: some Collection<UInt8>, frame: Int, isLast: Bool) throws -> [UInt8] {
        let bytes = Array(sealed)
        let end = bytes.count - SealedLayout.tagBytes
        let box = try AES.GCM.SealedBox(
            nonce: nonce(frame, isLast), ciphertext: bytes[..<end], tag: bytes[end...])
        return Array(try AES.GCM.open(box, using: key))
    }

    private func nonce(_ frame: Int, _ isLast: Bool) throws -> AES.GCM.Nonce {
        var bytes = withUnsafeBytes(of: UInt64(frame).bigEndian) { Array($0) }
        bytes += [0, 0, 0, isLast ? 1 : 0]
        return try AES.GCM.Nonce(data: bytes)
    }
}

/// Encrypts content as it passes by, and computes the checksums of what it was before.
struct Sealer {
    private let key: SealingKey
    private let salt: [UInt8]
    private var frame = 0
    private var content: [UInt8] = []
    private(set) var size = 0
    private var hasher: R2Hasher

    init(_ secret: R2SecretKey, hashing algorithm: R2HashAlgorithm?) {
        var generator = SystemRandomNumberGenerator()
        salt = (0..<SealedLayout.saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        key = SealingKey(secret, salt: salt)
        hasher = R2Hasher(Set([algorithm].compactMap(\.self)))
    }

    var checksums: R2Checksums { hasher.finish() }

    /// - Returns: frames that are full and not the last.
    mutating func seal(_ bytes: [UInt8]) throws -> [UInt8] {
        hasher.update(bytes)
        size += bytes.count
        content += bytes
        var sealed: [UInt8] = []
        var start = 0
        while content.count - start > SealedLayout.frameBytes {
            let end = start + SealedLayout.frameBytes
            sealed += try next(content[start..<end], isLast: false)
            start = end
        }
        if start > 0 { content.removeFirst(start) }
        return sealed
    }

    /// The last frame; nothing for no content.
    mutating func finish() throws -> [UInt8] {
        if content.isEmpty { return [] }
        defer { content = [] }
        return try next(content[...], isLast: true)
    }

    private mutating func next(_ bytes: ArraySlice<UInt8>, isLast: Bool) throws -> [UInt8] {
        defer { frame += 1 }
        let sealed = try key.seal(bytes, frame: frame, isLast: isLast)
        return frame == 0 ? salt + sealed : sealed
    }
}

/// Opens the spans of stored bytes as they come in.
struct SealedReader {
    private let secret: R2SecretKey
    private var spans: ArraySlice<SealedLayout.Span>
    private var buffer: [UInt8] = []
    private var key: SealingKey?
    private var frame = 0
    private var skip = 0
    private var rest = 0

    init(_ secret: R2SecretKey, _ spans: [SealedLayout.Span]) {
        self.secret = secret
        self.spans = spans[...]
    }

    /// - Throws: for bytes that are not what was stored.
    mutating func open(_ bytes: [UInt8]) throws -> [UInt8] {
        buffer += bytes
        var content: [UInt8] = []
        var start = 0
        while let span = spans.first {
            guard let key else {
                guard buffer.count - start >= SealedLayout.saltBytes else { break }
                let end = start + SealedLayout.saltBytes
                self.key = SealingKey(secret, salt: Array(buffer[start..<end]))
                (start, frame, skip, rest) = (end, span.frames.lowerBound, span.skip, span.count)
                continue
            }
            let count = span.bytes(ofFrame: frame)
            guard buffer.count - start >= count else { break }
            let isLast = (frame + 1) * SealedLayout.frameBytes >= span.contentSize
            let opened = try key.open(buffer[start..<(start + count)], frame: frame, isLast: isLast)
            let wanted = opened.dropFirst(skip).prefix(rest)
            content += wanted
            (start, frame, skip, rest) = (start + count, frame + 1, 0, rest - wanted.count)
            if frame == span.frames.upperBound {
                spans.removeFirst()
                self.key = nil
            }
        }
        if start > 0 { buffer.removeFirst(start) }
        return content
    }
}
