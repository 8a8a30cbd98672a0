import Synchronization

/// Content on its way in, encrypted.
final class SealedIntake: Sendable {
    private let sealer: Mutex<Sealer>
    private let content: BodyStream

    init(_ content: BodyStream, _ secret: R2SecretKey, hashing algorithm: R2HashAlgorithm?) {
        self.content = content
        sealer = Mutex(Sealer(secret, hashing: algorithm))
    }

    /// Of the content, once the stream has ended.
    var outcome: (size: Int, checksums: R2Checksums) { sealer.withLock { ($0.size, $0.checksums) } }

    func stream() -> BodyStream {
        BodyStream(
            length: content.length.map { SealedLayout.storedSize(content: $0) }, onCancel: { self.content.cancel() },
            next: { try await self.next() })
    }

    private func next() async throws -> [UInt8]? {
        while let chunk = try await content.next() {
            let sealed = try sealer.withLock { try $0.seal(chunk) }
            if !sealed.isEmpty { return sealed }
        }
        let last = try sealer.withLock { try $0.finish() }
        return last.isEmpty ? nil : last
    }
}

extension Body {
    /// The content behind stored bytes.
    ///
    /// - Parameter spans: what this body delivers, in order.
    func opened(_ secret: R2SecretKey, _ spans: [SealedLayout.Span]) throws -> Body {
        let stored = try stream()
        let reader = OpeningReader(secret, spans)
        return Body(
            stream: BodyStream(
                length: spans.reduce(0) { $0 + $1.count }, onCancel: { stored.cancel() },
                next: {
                    while let chunk = try await stored.next() {
                        let content = try reader.open(chunk)
                        if !content.isEmpty { return content }
                    }
                    return nil
                }))
    }
}

/// Holds a value that changes, for a closure.
private final class OpeningReader: Sendable {
    private let reader: Mutex<SealedReader>

    init(_ secret: R2SecretKey, _ spans: [SealedLayout.Span]) { reader = Mutex(SealedReader(secret, spans)) }

    func open(_ bytes: [UInt8]) throws -> [UInt8] { try reader.withLock { try $0.open(bytes) } }
}
