import CBrotli
import CZlib
import HTTPTypes
import Synchronization
import Workers

/// Unpacks content as it is read: a chunk of packed bytes is asked for when the one before has been used up, and what comes
/// out is handed on in pieces, so that a small response which unpacks to a huge one never lies in memory.
enum PackedContent {
    enum Coding: Sendable {
        case gzip
        case deflate
        case brotli
    }

    /// Bytes of one piece.
    static let piece = 64 * 1024
    /// Packing something this many times is no optimisation.
    private static let most = 4

    /// The codings in which content was packed, in the order in which that happened.
    ///
    /// - Returns: `nil` when there are none, or one that is unknown here: the content then stays as it is.
    static func codings(of headers: Headers) -> [Coding]? {
        var codings: [Coding] = []
        for value in headers[values: .contentEncoding] {
            for name in value.split(separator: ",") {
                switch name.filter({ $0 != " " && $0 != "\t" }).lowercased() {
                case "gzip", "x-gzip": codings.append(.gzip)
                case "deflate": codings.append(.deflate)
                case "br": codings.append(.brotli)
                case "identity", "": break
                default: return nil
                }
            }
        }
        return codings.isEmpty || codings.count > most ? nil : codings
    }

    static func unpacked(_ stream: BodyStream, _ codings: [Coding]) throws -> BodyStream {
        codings.reversed().reduce(stream) { stream, coding in unpacked(stream, coding) }
    }

    private static func unpacked(_ stream: BodyStream, _ coding: Coding) -> BodyStream {
        let unpacking = Unpacking(coding)
        return BodyStream(onCancel: { stream.cancel() }) {
            do {
                while true {
                    if let piece = try unpacking.piece() { return piece }
                    guard let chunk = try await stream.next() else {
                        try unpacking.finish()
                        return nil
                    }
                    unpacking.add(chunk)
                }
            } catch {
                stream.cancel()
                throw error
            }
        }
    }

    /// Room for what `count` packed bytes may become; what does not fit follows in the next piece.
    static func room(for count: Int) -> Int { min(piece, max(4096, count * 4)) }

    static let malformed = WorkersError(.typeError, "The response's content is not what its Content-Encoding says.")
}

/// One unpacker and what it has not used yet.
private final class Unpacking: Sendable {
    private struct State {
        var unpacker: any Unpacker
        var input: [UInt8] = []
        var used = 0
        var hasBegun = false
    }

    private let state: Mutex<State>

    init(_ coding: PackedContent.Coding) {
        switch coding {
        case .gzip: state = Mutex(State(unpacker: Inflater(windowBits: 47)))
        case .deflate: state = Mutex(State(unpacker: Inflater(windowBits: nil)))
        case .brotli: state = Mutex(State(unpacker: BrotliUnpacker()))
        }
    }

    func add(_ chunk: [UInt8]) {
        state.withLock { state in
            state.input = chunk
            state.used = 0
            if !chunk.isEmpty { state.hasBegun = true }
        }
    }

    /// - Returns: `nil` when more input is needed.
    func piece() throws -> [UInt8]? {
        try state.withLock { state in
            guard state.hasBegun else { return nil }
            while true {
                let (output, used) = try state.unpacker.unpack(state.input[state.used...])
                state.used += used
                if !output.isEmpty { return output }
                // One frame has ended and the next one begins, unless nothing is left to go on with.
                if used == 0 || state.used == state.input.count { return nil }
            }
        }
    }

    /// - Throws: when the content breaks off in the middle. No content at all is complete.
    func finish() throws {
        try state.withLock { state in
            if state.hasBegun, !state.unpacker.isComplete { throw PackedContent.malformed }
        }
    }
}

private protocol Unpacker: AnyObject {
    var isComplete: Bool { get }
    /// Uses input until a piece is full or the input is used up.
    func unpack(_ input: ArraySlice<UInt8>) throws -> (output: [UInt8], used: Int)
}

/// gzip and zlib frames, and the bare deflate stream that some servers call "deflate".
private final class Inflater: Unpacker {
    private var stream = z_stream()
    private var windowBits: Int32?
    private var isStarted = false
    private(set) var isComplete = false

    init(windowBits: Int32?) { self.windowBits = windowBits }

    deinit { if isStarted { inflateEnd(&stream) } }

    func unpack(_ input: ArraySlice<UInt8>) throws -> (output: [UInt8], used: Int) {
        if input.isEmpty, !isStarted { return ([], 0) }
        try start(input.first ?? 0)
        if isComplete {
            // RFC 1952 §2.2: a file is one member after another. Anything else behind the end is padding.
            guard input.first == 0x1F, inflateReset(&stream) == Z_OK else { return ([], input.count) }
            isComplete = false
        }
        var used = 0
        var status = Z_OK
        let room = PackedContent.room(for: input.count)
        let output = input.withUnsafeBufferPointer { bytes in
            [UInt8](unsafeUninitializedCapacity: room) { space, count in
                stream.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
                stream.avail_in = UInt32(bytes.count)
                stream.next_out = space.baseAddress
                stream.avail_out = UInt32(room)
                status = inflate(&stream, Z_NO_FLUSH)
                used = bytes.count - Int(stream.avail_in)
                count = room - Int(stream.avail_out)
            }
        }
        switch status {
        case Z_STREAM_END: isComplete = true
        // Neither input nor room for output was left: not an error.
        case Z_OK, Z_BUF_ERROR: break
        default: throw PackedContent.malformed
        }
        return (output, used)
    }

    private func start(_ first: UInt8) throws {
        guard !isStarted else { return }
        // The low half of a zlib header's first byte is 8 (RFC 1950 §2.2); the bare stream has none.
        let bits = windowBits ?? (first & 0x0F == 8 ? 47 : -15)
        guard lilypad_inflate_init(&stream, bits) == Z_OK else { throw PackedContent.malformed }
        isStarted = true
    }
}

private final class BrotliUnpacker: Unpacker {
    private let decoder = BrotliDecoderCreateInstance(nil, nil, nil)

    deinit { BrotliDecoderDestroyInstance(decoder) }

    var isComplete: Bool { BrotliDecoderIsFinished(decoder) != 0 }

    func unpack(_ input: ArraySlice<UInt8>) throws -> (output: [UInt8], used: Int) {
        if isComplete { return ([], input.count) }
        var used = 0
        var failed = false
        let room = PackedContent.room(for: input.count)
        let output = input.withUnsafeBufferPointer { bytes in
            [UInt8](unsafeUninitializedCapacity: room) { space, count in
                var available = bytes.count
                var next = bytes.baseAddress
                var left = room
                var target = space.baseAddress
                let result = BrotliDecoderDecompressStream(decoder, &available, &next, &left, &target, nil)
                failed = result == BROTLI_DECODER_RESULT_ERROR
                used = bytes.count - available
                count = room - left
            }
        }
        if failed { throw PackedContent.malformed }
        return (output, used)
    }
}
