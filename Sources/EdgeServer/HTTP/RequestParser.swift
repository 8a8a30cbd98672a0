import NIOCore
import NIOHTTP1

/// Takes requests off a stream of bytes (RFC 9112), strictly: what another server could read in another way is refused.
///
/// It is asked for one part after the other, so requests that a client sends ahead wait as bytes. What it has seen of an
/// incomplete line is not looked at again, and nothing incomplete grows beyond the limits.
struct RequestParser {
    private enum State {
        case requestLine
        case fields
        case content(left: Int)
        case chunks(ChunkedBody)
        case end(trailers: HTTPHeaders?)
        case failed(HTTPSyntaxError)
    }

    /// The longest name of a registered method has 17 bytes.
    private static let longestMethod = 32

    private let limits: HTTPLimits
    private var state = State.requestLine
    private var searched = 0
    private var skippedEmptyLine = false
    private var line = RequestStartLine(method: .GET, target: "", version: .http1_1)
    private var section: FieldSection
    private var lastFieldCount = 8
    /// Of the head that came last, until it is taken.
    private var summary = RequestSummary()

    init(limits: HTTPLimits) {
        self.limits = limits
        section = FieldSection(limits: RequestParser.fieldLimits(limits), used: 0, expected: 0)
    }

    /// What the head that came last says to the server itself; to be called once.
    mutating func takeSummary() -> RequestSummary {
        var taken = RequestSummary()
        swap(&taken, &summary)
        return taken
    }

    /// Whether a head is under way.
    var isWithinHead: Bool { if case .fields = state { true } else { false } }

    /// The next part; `nil` until more bytes have come in.
    ///
    /// - Throws: `HTTPSyntaxError`, from then on every time.
    mutating func next(_ buffer: inout ByteBuffer) throws -> HTTPServerRequestPart? {
        do {
            return try part(&buffer)
        } catch {
            state = .failed(error as? HTTPSyntaxError ?? .malformed)
            throw error
        }
    }

    /// The client has closed its side, and `next` has taken what it could.
    ///
    /// - Throws: if that is in the middle of a request.
    func finish(_ buffer: ByteBuffer) throws {
        if case .requestLine = state, buffer.readableBytes == 0 { return }
        throw HTTPSyntaxError.incomplete
    }

    private mutating func part(_ buffer: inout ByteBuffer) throws -> HTTPServerRequestPart? {
        switch state {
        case .requestLine, .fields:
            guard try readHead(&buffer) else { return nil }
            return .head(finishHead())
        case .content(let left):
            guard let bytes = buffer.readSlice(length: min(left, buffer.readableBytes)), bytes.readableBytes > 0 else {
                return nil
            }
            state = bytes.readableBytes == left ? .end(trailers: nil) : .content(left: left - bytes.readableBytes)
            return .body(bytes)
        case .chunks(var chunks):
            // The state must not hold a second reference while the chunks change.
            state = .end(trailers: nil)
            guard let part = try chunks.next(&buffer) else {
                state = .chunks(chunks)
                return nil
            }
            switch part {
            case .bytes(let bytes):
                state = .chunks(chunks)
                return .body(bytes)
            case .end(let trailers):
                state = .requestLine
                return .end(trailers)
            }
        case .end(let trailers):
            state = .requestLine
            return .end(trailers)
        case .failed(let error):
            throw error
        }
    }

    // MARK: The head

    private mutating func readHead(_ buffer: inout ByteBuffer) throws -> Bool {
        var isComplete = false
        let consumed = try buffer.withUnsafeReadableBytes { bytes in
            var cursor = LineCursor(bytes, searched: searched)
            if case .requestLine = state, try !readRequestLine(&cursor) {
                searched = cursor.searched
                return cursor.position
            }
            isComplete = try section.read(&cursor)
            searched = cursor.searched
            return cursor.position
        }
        buffer.moveReaderIndex(forwardBy: consumed)
        return isComplete
    }

    private mutating func readRequestLine(_ cursor: inout LineCursor) throws -> Bool {
        while let bytes = try cursor.next() {
            if bytes.isEmpty {
                // RFC 9112 §2.2: one is forgiven, for clients that send one behind their content.
                guard !skippedEmptyLine else { throw HTTPSyntaxError.malformed }
                skippedEmptyLine = true
                continue
            }
            line = try RequestStartLine(bytes, longestMethod: RequestParser.longestMethod, longestTarget: limits.target)
            section = FieldSection(
                limits: RequestParser.fieldLimits(limits), used: bytes.count + 2, expected: lastFieldCount)
            state = .fields
            return true
        }
        try checkBegin(cursor.rest)
        return false
    }

    /// Refuses the first line as early as it can be told, so that whoever speaks something else gets an answer.
    private func checkBegin(_ bytes: UnsafeRawBufferPointer) throws {
        guard let first = bytes.first else { return }
        guard FieldBytes.isToken(first) || first == 0x0D else { throw HTTPSyntaxError.malformed }
        guard bytes.count > RequestParser.longestMethod else { return }
        guard bytes[...RequestParser.longestMethod].contains(0x20) else { throw HTTPSyntaxError.methodTooLong }
        // Two spaces, the version, and the CR behind it.
        guard bytes.count <= RequestParser.longestMethod + limits.target + 11 else {
            throw HTTPSyntaxError.targetTooLong
        }
    }

    private mutating func finishHead() -> HTTPRequestHead {
        let fields = section.fields
        let notable = section.notable
        // The memory goes along with the head; a copy here would be a copy of everything.
        section = FieldSection(limits: RequestParser.fieldLimits(limits), used: 0, expected: 0)
        lastFieldCount = max(4, min(fields.count, 32))
        skippedEmptyLine = false
        summary = RequestSummary()
        for place in fields.indices where place >= 64 || notable >> UInt64(place) & 1 == 1 {
            summary.note(fields[place].0, fields[place].1)
        }
        if summary.hasBadFraming(line.version) {
            // Its end cannot be told. Whoever gets the head refuses it; nothing behind it is read.
            state = .failed(.contradictoryLength)
        } else if summary.isChunked {
            state = .chunks(ChunkedBody(limits: RequestParser.fieldLimits(limits)))
        } else if let length = summary.contentLength, length > 0 {
            state = .content(left: length)
        } else {
            state = .end(trailers: nil)
        }
        return HTTPRequestHead(
            version: line.version, method: line.method, uri: line.target, headers: HTTPHeaders(fields))
    }

    private static func fieldLimits(_ limits: HTTPLimits) -> FieldLimits {
        FieldLimits(size: limits.headerList, count: limits.headerCount)
    }
}
