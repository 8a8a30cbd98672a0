import Synchronization
import Workers

/// What content may be, by its first bytes, for objects that are put without `Content-Type`. The signatures are those of
/// the WHATWG MIME Sniffing Standard, §7.1.
enum ContentGuess {
    /// Bytes that are looked at.
    private static let length = 512

    private static let signatures: [(bytes: [UInt8], type: String)] = [
        (Array("%PDF-".utf8), "application/pdf"), ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], "image/png"),
        ([0xFF, 0xD8, 0xFF], "image/jpeg"), (Array("GIF87a".utf8), "image/gif"), (Array("GIF89a".utf8), "image/gif"),
        ([0x1F, 0x8B, 0x08], "application/x-gzip"), ([0x50, 0x4B, 0x03, 0x04], "application/zip"),
        (Array("OggS\0".utf8), "application/ogg"), ([0x1A, 0x45, 0xDF, 0xA3], "video/webm"),
        (Array("wOFF".utf8), "font/woff"), (Array("wOF2".utf8), "font/woff2"), (Array("ID3".utf8), "audio/mpeg"),
    ]

    private static let tags = ["<!doctype html", "<html", "<head", "<script", "<body"]

    /// Looks at the beginning of a body.
    ///
    /// - Returns: the type, and a body with all of the content.
    static func type(of body: Body) async throws -> (String, Body) {
        if let bytes = body.buffered { return (type(of: bytes[...]), body) }
        let stream = try body.stream()
        let first = try await stream.next()
        let chunks = FirstChunk(first)
        let rest = BodyStream(
            length: stream.length, onCancel: { stream.cancel() },
            next: {
                if let chunk = chunks.take() { return chunk }
                return try await stream.next()
            })
        return (type(of: (first ?? [])[...]), Body(stream: rest))
    }

    static func type(of content: ArraySlice<UInt8>) -> String {
        let head = content.prefix(length)
        for (bytes, type) in signatures where head.starts(with: bytes) { return type }
        if head.starts(with: "RIFF".utf8), head.dropFirst(8).starts(with: "WEBPVP".utf8) { return "image/webp" }
        if head.starts(with: "RIFF".utf8), head.dropFirst(8).starts(with: "WAVE".utf8) { return "audio/wave" }
        if head.dropFirst(4).starts(with: "ftyp".utf8) { return "video/mp4" }
        let text = head.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let folded = text.prefix(16).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        for tag in tags where folded.starts(with: tag.utf8) {
            let end = folded.dropFirst(tag.utf8.count).first ?? 0x20
            if end == 0x20 || end == 0x3E || (0x09...0x0D).contains(end) { return "text/html; charset=utf-8" }
        }
        if folded.starts(with: "<?xml".utf8) { return "text/xml; charset=utf-8" }
        // §7.1 step "If sniff-text": what has no control characters of its own is text.
        let isBinary = head.contains {
            $0 <= 0x08 || $0 == 0x0B || (0x0E...0x1A).contains($0) || (0x1C...0x1F).contains($0)
        }
        return isBinary || head.isEmpty ? "application/octet-stream" : "text/plain; charset=utf-8"
    }
}

/// What was read ahead of a body, given back once.
private final class FirstChunk: Sendable {
    private let chunk: Mutex<[UInt8]?>

    init(_ chunk: [UInt8]?) { self.chunk = Mutex(chunk) }

    func take() -> [UInt8]? {
        chunk.withLock { chunk in
            defer { chunk = nil }
            return chunk
        }
    }
}
