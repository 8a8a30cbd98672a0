import NIOCore

/// A reply of a Redis server (RESP2, "Redis serialization protocol specification").
enum RESPReply: Sendable, Equatable {
    case text(String)
    case error(String)
    case integer(Int)
    case bytes([UInt8])
    /// There is no such key.
    case null
}

/// What the other side sent is not RESP2, or a reply that this client never asks for (an array).
struct RESPFailure: Error {
    let first: UInt8
}

/// Takes replies off the front of a buffer.
struct RESPDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = RESPReply

    mutating func decode(buffer: inout ByteBuffer) throws -> RESPReply? {
        guard let end = buffer.readableBytesView.firstIndex(of: 0x0D), buffer.writerIndex > end + 1 else { return nil }
        let start = buffer.readerIndex
        let length = end - start - 1
        guard let kind = buffer.getInteger(at: start, as: UInt8.self),
            let line = buffer.getSlice(at: start + 1, length: length)
        else { return nil }
        if kind == 0x24 { return try bulk(&buffer, count: number(line), after: end + 2) }
        buffer.moveReaderIndex(to: end + 2)
        switch kind {
        case 0x2B: return .text(String(buffer: line))
        case 0x2D: return .error(String(buffer: line))
        case 0x3A: return .integer(number(line))
        default: throw RESPFailure(first: kind)
        }
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> RESPReply? {
        try decode(buffer: &buffer)
    }

    private func bulk(_ buffer: inout ByteBuffer, count: Int, after start: Int) throws -> RESPReply? {
        if count < 0 {
            buffer.moveReaderIndex(to: start)
            return .null
        }
        guard buffer.writerIndex >= start + count + 2, let bytes = buffer.getBytes(at: start, length: count) else {
            return nil
        }
        buffer.moveReaderIndex(to: start + count + 2)
        return .bytes(bytes)
    }

    private func number(_ line: ByteBuffer) -> Int {
        var value = 0
        var sign = 1
        for byte in line.readableBytesView {
            if byte == 0x2D { sign = -1 } else { value = value * 10 + Int(byte &- 0x30) }
        }
        return sign * value
    }
}

extension ByteBuffer {
    /// Appends a command: an array of byte strings.
    mutating func writeCommand(_ words: [[UInt8]]) {
        writeStaticString("*")
        writeString(String(words.count))
        writeStaticString("\r\n")
        for word in words {
            writeStaticString("$")
            writeString(String(word.count))
            writeStaticString("\r\n")
            writeBytes(word)
            writeStaticString("\r\n")
        }
    }
}
