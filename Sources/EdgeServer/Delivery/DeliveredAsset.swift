import HTTPCaching
import NIOCore
import StaticAssets

/// A 200 of the asset layer, ready to be sent in every form a client can ask for: the heads are serialised once, and a hit
/// costs no more than handing bytes to the socket.
///
/// This is what a CDN does in front of the asset layer. The asset layer answers with the whole file; here the answer
/// becomes a packed variant, a range, or both kinds of 304.
final class DeliveredAsset: Sendable {
    /// One representation (RFC 9110 §8): a coding of the content with its own validator.
    struct Representation: Sendable {
        let ok: ResponseHead
        let notModified: ResponseHead
        let body: ByteBuffer
    }

    /// The request target this answers. Strings compare by canonical equivalence and paths by bytes, so finding an answer
    /// by its target as a string is not enough.
    let target: String
    let file: AssetFile
    let note: AnswerNote
    let identity: Representation
    let brotli: Representation?
    let gzip: Representation?
    /// The codings that lie ready, smallest first.
    let available: [ContentCoding]
    /// Fields of a 206 and 416: those of the 200 without length and type.
    private let partHeaders: [(name: String, value: String)]
    private let contentType: String?

    /// - Parameters:
    ///   - headers: of the asset layer's 200, header rules applied.
    ///   - bodies: shares the bytes between all answers with the same file.
    init(target: String, file: AssetFile, headers: [HeaderField], note: AnswerNote, bodies: AssetBodies) {
        self.target = target
        self.file = file
        self.note = note
        let base = DeliveredAsset.fields(headers, about: file)
        contentType = base.first { $0.name == "content-type" }?.value
        partHeaders = base.filter { $0.name != "content-type" } + [("accept-ranges", "bytes")]

        identity = DeliveredAsset.representation(
            base + [("accept-ranges", "bytes")], body: bodies.buffer(of: file), coding: nil, etag: nil)
        brotli = file.packed.brotli.map { packed in
            DeliveredAsset.representation(base, body: bodies.buffer(of: packed), coding: "br", etag: file.weakETag)
        }
        gzip = file.packed.gzip.map { packed in
            DeliveredAsset.representation(base, body: bodies.buffer(of: packed), coding: "gzip", etag: file.weakETag)
        }
        available = DeliveredAsset.codings(of: file)
    }

    /// Answers a GET or HEAD whose asset answer is this 200.
    func deliver(_ exchange: Exchange, coding: ContentCoding) {
        exchange.note = note
        let representation = self.representation(coding)
        if let condition = exchange.summary.ifNoneMatch, matches(condition) {
            exchange.respond(representation.notModified, body: nil)
            return
        }
        if let range = exchange.summary.range, exchange.head.method == .GET, allowsRange(exchange.summary.ifRange) {
            switch ByteRanges(field: range, length: file.size) {
            case .whole: break
            case .unsatisfiable: return sendUnsatisfiable(exchange)
            case .parts(let parts): return parts.count == 1 ? send(parts[0], exchange) : send(parts, exchange)
            }
        }
        exchange.respond(representation.ok, body: representation.body)
    }

    private func representation(_ coding: ContentCoding) -> Representation {
        switch coding {
        case .brotli: brotli ?? identity
        case .gzip: gzip ?? identity
        case .identity: identity
        }
    }

    /// As the asset layer compares: the whole field against the two spellings of the tag.
    private func matches(_ condition: String) -> Bool {
        condition == file.eTag || condition == file.weakETag
    }

    /// `If-Range` compares strongly (RFC 9110 §13.1.5); there are no dates to compare with.
    private func allowsRange(_ condition: String?) -> Bool {
        guard let condition else { return true }
        return condition == file.eTag
    }

    // MARK: Ranges, always of the identity bytes

    private func send(_ range: Range<Int>, _ exchange: Exchange) {
        var headers = partHeaders
        if let contentType { headers.append(("content-type", contentType)) }
        headers.append(("content-range", contentRange(range)))
        let head = ResponseHead(status: 206, headers: headers, contentLength: range.count)
        exchange.respond(
            head, body: identity.body.getSlice(at: identity.body.readerIndex + range.lowerBound, length: range.count))
    }

    /// Several ranges travel as multipart/byteranges (RFC 9110 §14.6).
    private func send(_ ranges: [Range<Int>], _ exchange: Exchange) {
        let boundary = "lilypad-" + file.contentTag
        var body = ByteBuffer()
        for range in ranges {
            body.writeString("--\(boundary)\r\n")
            if let contentType { body.writeString("content-type: \(contentType)\r\n") }
            body.writeString("content-range: \(contentRange(range))\r\n\r\n")
            if var slice = identity.body.getSlice(at: identity.body.readerIndex + range.lowerBound, length: range.count)
            {
                body.writeBuffer(&slice)
            }
            body.writeString("\r\n")
        }
        body.writeString("--\(boundary)--\r\n")
        let headers = partHeaders + [("content-type", "multipart/byteranges; boundary=\(boundary)")]
        exchange.respond(
            ResponseHead(status: 206, headers: headers, contentLength: body.readableBytes), body: body)
    }

    private func sendUnsatisfiable(_ exchange: Exchange) {
        // Not the file's freshness: a cache that understood it would keep the refusal for the file.
        let headers = partHeaders.filter { $0.name != "cache-control" } + [("content-range", "bytes */\(file.size)")]
        exchange.respond(ResponseHead(status: 416, headers: headers, contentLength: 0), body: nil)
    }

    private func contentRange(_ range: Range<Int>) -> String {
        "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
    }

    // MARK: Heads

    private static func representation(
        _ headers: [(name: String, value: String)], body: ByteBuffer, coding: String?, etag: String?
    ) -> Representation {
        var fields = headers
        if let etag, let index = fields.firstIndex(where: { $0.name == "etag" }) { fields[index].value = etag }
        let notModified = ResponseHead(status: 304, headers: fields, contentLength: nil)
        if let coding { fields.append(("content-encoding", coding)) }
        let ok = ResponseHead(status: 200, headers: fields, contentLength: body.readableBytes)
        return Representation(ok: ok, notModified: notModified, body: body)
    }

    /// What is sent of an asset answer's headers: all but framing, and `Vary` where the file lies packed, too.
    static func fields(_ headers: [HeaderField], about file: AssetFile?) -> [(name: String, value: String)] {
        let fields = headers.filter { !ResponseHead.isFraming($0.name) }.map { (name: $0.name, value: $0.value) }
        return file.map { !$0.packed.isEmpty } ?? false ? varying(fields) : fields
    }

    /// Adds `Accept-Encoding` to what the answer varies by.
    private static func varying(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        var headers = headers
        guard let index = headers.firstIndex(where: { $0.name == "vary" }) else {
            return headers + [("vary", "Accept-Encoding")]
        }
        let names = headers[index].value.split(separator: ",").map { $0.trimmedOfBlanks.lowercased() }
        if !names.contains("*"), !names.contains("accept-encoding") { headers[index].value += ", Accept-Encoding" }
        return headers
    }
}
