import NIOCore
import NIOHTTP1

/// Takes chunks apart (RFC 9112 §7.1). Extensions are ignored, and bounded: they cost the receiver and carry nothing.
struct ChunkedBody {
    enum Part {
        case bytes(ByteBuffer)
        case end(trailers: HTTPHeaders?)
    }

    private enum State {
        case size
        case data(left: Int)
        case dataEnd
        case trailers
    }

    /// Bytes of the line with a chunk's size, and of all extensions of one body.
    private static let longestLine = 256
    private static let mostExtensions = 4096

    private var state = State.size
    private var searched = 0
    private var extensions = 0
    private var trailers: FieldSection

    init(limits: FieldLimits) {
        trailers = FieldSection(limits: limits, used: 0, expected: 0)
    }

    /// The next part; `nil` until more bytes have come in.
    mutating func next(_ buffer: inout ByteBuffer) throws -> Part? {
        while true {
            switch state {
            case .size:
                guard try readSize(&buffer) else { return nil }
            case .data(let left):
                guard let part = buffer.readSlice(length: min(left, buffer.readableBytes)), part.readableBytes > 0
                else {
                    return nil
                }
                state = part.readableBytes == left ? .dataEnd : .data(left: left - part.readableBytes)
                return .bytes(part)
            case .dataEnd:
                guard let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return nil }
                guard first == 0x0D else { throw HTTPSyntaxError.malformed }
                guard buffer.readableBytes >= 2 else { return nil }
                guard buffer.readInteger(as: UInt16.self) == 0x0D0A else { throw HTTPSyntaxError.malformed }
                state = .size
            case .trailers:
                guard try readTrailers(&buffer) else { return nil }
                state = .size
                return .end(trailers: trailers.fields.isEmpty ? nil : HTTPHeaders(trailers.fields))
            }
        }
    }

    private mutating func readSize(_ buffer: inout ByteBuffer) throws -> Bool {
        let (consumed, size) = try buffer.withUnsafeReadableBytes { bytes -> (Int, Int?) in
            var cursor = LineCursor(bytes, searched: searched)
            let line = try cursor.next()
            searched = cursor.searched
            // An incomplete line may have its CR already.
            guard (line?.count ?? cursor.rest.count - 1) <= ChunkedBody.longestLine else { throw HTTPSyntaxError.malformed }
            return (cursor.position, try line.map { try chunkSize($0) })
        }
        buffer.moveReaderIndex(forwardBy: consumed)
        guard let size else { return false }
        state = size == 0 ? .trailers : .data(left: size)
        return true
    }

    /// Hexadecimal digits and nothing else, no sign and no more than a number needs; an extension may follow.
    private mutating func chunkSize(_ line: UnsafeRawBufferPointer) throws -> Int {
        var size = 0
        var digits = 0
        while digits < line.count, let digit = ChunkedBody.digit(line[digits]) {
            guard size <= Int.max >> 4, digits < 16 else { throw HTTPSyntaxError.malformed }
            size = size << 4 | digit
            digits += 1
        }
        guard digits > 0 else { throw HTTPSyntaxError.malformed }
        if digits == line.count { return size }
        extensions += line.count - digits
        guard line[digits] == 0x3B, extensions <= ChunkedBody.mostExtensions,
            FieldBytes.content(of: UnsafeRawBufferPointer(rebasing: line[digits...])) != .forbidden
        else { throw HTTPSyntaxError.malformed }
        return size
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }

    private mutating func readTrailers(_ buffer: inout ByteBuffer) throws -> Bool {
        var isComplete = false
        let consumed = try buffer.withUnsafeReadableBytes { bytes in
            var cursor = LineCursor(bytes, searched: searched)
            isComplete = try trailers.read(&cursor)
            searched = cursor.searched
            return cursor.position
        }
        buffer.moveReaderIndex(forwardBy: consumed)
        // RFC 9110 §6.5.1: what frames or routes a message is known before its content or never.
        for (name, _) in trailers.fields
        where name.isField("content-length") || name.isField("transfer-encoding") || name.isField("host") {
            throw HTTPSyntaxError.malformed
        }
        return isComplete
    }
}
