import NIOCore
import NIOHTTP1

/// Takes responses off a stream of bytes (RFC 9112), as strictly as `RequestParser` takes requests: a response that could end
/// in two places would poison a cache.
///
/// It has to know which request each response answers, because `HEAD` and `CONNECT` change what follows a head. Bytes that
/// answer no request are an error.
struct ResponseParser {
    private enum State {
        case statusLine
        case fields
        case content(left: Int)
        case chunks(ChunkedBody)
        case untilClose
        case end
        /// Behind 101 and behind an opened tunnel comes something else than HTTP, which stays where it is.
        case tunnel
        case failed(HTTPSyntaxError)
    }

    private let limits: FieldLimits
    private var state = State.statusLine
    private var searched = 0
    private var expected = CircularBuffer<HTTPMethod>(initialCapacity: 2)
    private var version = HTTPVersion.http1_1
    private var status = HTTPResponseStatus.ok
    private var section: FieldSection
    /// Whether the connection is something else behind the response that came last.
    private(set) var isTunnel = false

    /// - Parameter limits: of a head; trailers have as much again.
    init(limits: FieldLimits) {
        self.limits = limits
        section = FieldSection(limits: limits, used: 0, expected: 0)
    }

    /// A request was sent; its response follows those of the earlier ones.
    mutating func expect(_ method: HTTPMethod) { expected.append(method) }

    /// Whether everything that was expected has come.
    var isIdle: Bool { if case .statusLine = state { expected.isEmpty } else { false } }

    /// The next part; `nil` until more bytes have come in. Interim responses are heads without an end.
    ///
    /// - Throws: `HTTPSyntaxError`, from then on every time.
    mutating func next(_ buffer: inout ByteBuffer) throws -> HTTPClientResponsePart? {
        do {
            return try part(&buffer)
        } catch {
            state = .failed(error as? HTTPSyntaxError ?? .malformed)
            throw error
        }
    }

    /// The server has closed its side, and `next` has taken what it could.
    ///
    /// - Returns: the end of a body that ends this way.
    /// - Throws: `HTTPSyntaxError.incomplete` within a response.
    mutating func finish(_ buffer: ByteBuffer) throws -> HTTPClientResponsePart? {
        switch state {
        case .untilClose:
            state = .statusLine
            return .end(nil)
        case .statusLine where buffer.readableBytes == 0: return nil
        case .tunnel: return nil
        case .failed(let error): throw error
        case .statusLine, .fields, .content, .chunks, .end:
            state = .failed(.incomplete)
            throw HTTPSyntaxError.incomplete
        }
    }

    private mutating func part(_ buffer: inout ByteBuffer) throws -> HTTPClientResponsePart? {
        switch state {
        case .statusLine, .fields:
            guard try readHead(&buffer) else { return nil }
            return .head(try finishHead())
        case .content(let left):
            guard let bytes = buffer.readSlice(length: min(left, buffer.readableBytes)), bytes.readableBytes > 0 else {
                return nil
            }
            state = bytes.readableBytes == left ? .end : .content(left: left - bytes.readableBytes)
            return .body(bytes)
        case .chunks(var chunks):
            // The state must not hold a second reference while the chunks change.
            state = .end
            guard let part = try chunks.next(&buffer) else {
                state = .chunks(chunks)
                return nil
            }
            switch part {
            case .bytes(let bytes):
                state = .chunks(chunks)
                return .body(bytes)
            case .end(let trailers):
                state = .statusLine
                return .end(trailers)
            }
        case .untilClose:
            guard buffer.readableBytes > 0 else { return nil }
            return buffer.readSlice(length: buffer.readableBytes).map { .body($0) }
        case .end:
            state = isTunnel ? .tunnel : .statusLine
            return .end(nil)
        case .tunnel: return nil
        case .failed(let error): throw error
        }
    }

    private mutating func readHead(_ buffer: inout ByteBuffer) throws -> Bool {
        guard !expected.isEmpty || buffer.readableBytes == 0 else { throw HTTPSyntaxError.malformed }
        var isComplete = false
        let consumed = try buffer.withUnsafeReadableBytes { bytes in
            var cursor = LineCursor(bytes, searched: searched)
            if case .statusLine = state { try readStatusLine(&cursor) }
            if case .fields = state { isComplete = try section.read(&cursor) }
            searched = cursor.searched
            return cursor.position
        }
        buffer.moveReaderIndex(forwardBy: consumed)
        return isComplete
    }

    private mutating func readStatusLine(_ cursor: inout LineCursor) throws {
        guard let bytes = try cursor.next() else {
            guard cursor.rest.count <= limits.size else { throw HTTPSyntaxError.fieldsTooLarge }
            guard ResponseStatusLine.canBegin(with: cursor.rest) else { throw HTTPSyntaxError.malformed }
            return
        }
        guard bytes.count <= limits.size else { throw HTTPSyntaxError.fieldsTooLarge }
        let line = try ResponseStatusLine(bytes)
        version = line.version
        status = line.status
        section = FieldSection(limits: limits, used: bytes.count + 2, expected: 8)
        state = .fields
    }

    private mutating func finishHead() throws -> HTTPResponseHead {
        let fields = section.fields
        section = FieldSection(limits: limits, used: 0, expected: 0)
        let head = HTTPResponseHead(version: version, status: status, headers: HTTPHeaders(fields))
        let isInterim = status.code < 200 && status.code != 101
        guard let method = isInterim ? expected.first : expected.popFirst() else { throw HTTPSyntaxError.malformed }
        guard let framing = try? ResponseFraming(of: head, to: method) else {
            throw HTTPSyntaxError.contradictoryLength
        }
        if isInterim {
            state = .statusLine
        } else if method == .CONNECT, (200..<300).contains(status.code) {
            // RFC 9112 §6.3: whatever such a head says about a body.
            isTunnel = true
            state = .end
        } else {
            isTunnel = status.code == 101
            switch framing.body {
            case .none, .length(0): state = .end
            case .length(let length): state = .content(left: length)
            case .chunked: state = .chunks(ChunkedBody(limits: limits))
            case .untilClose: state = .untilClose
            }
        }
        return head
    }
}
