import Crypto

/// Takes the content out of a body that is sent in `aws-chunked` form, piece by piece as it comes in.
///
/// ```
/// 400;chunk-signature=…\r\n<1024 bytes>\r\n0;chunk-signature=…\r\nx-amz-checksum-crc32:…\r\nx-amz-trailer-signature:…\r\n\r\n
/// ```
/// Content is handed on before the signature over its chunk has been checked: it may be kept only once `finish` returns.
public struct ChunkedPayload: Sendable {
    private enum State {
        case size
        case content(left: Int)
        case contentEnd
        case trailers
        case end
    }

    /// Bytes of the line in front of a chunk, and of a trailer.
    private static let longestLine = 1024
    private static let mostTrailers = 16

    private var signatures: ChunkSignatures?
    private let hasTrailers: Bool
    private let expected: Int?
    private var state = State.size
    private var line: [UInt8] = []
    private var hash = SHA256()
    private var signature = ""
    private var signedTrailers = ""
    private var trailerSignature: String?
    private var count = 0
    /// The fields behind the last chunk, names in lower case.
    public private(set) var trailers: [(name: String, value: String)] = []

    /// - Parameters:
    ///   - signatures: `nil` for chunks without them.
    ///   - decodedLength: bytes of the content, as `x-amz-decoded-content-length` says.
    public init(signatures: ChunkSignatures?, hasTrailers: Bool, decodedLength: Int?) {
        self.signatures = signatures
        self.hasTrailers = hasTrailers
        expected = decodedLength
    }

    /// - Returns: the content that these bytes bring.
    /// - Throws: `S3Error`; then nothing more is understood.
    public mutating func take(_ bytes: [UInt8]) throws(S3Error) -> [UInt8] {
        var content: [UInt8] = []
        var place = 0
        while place < bytes.count {
            switch state {
            case .content(let left):
                let end = min(bytes.count, place + left)
                let part = bytes[place..<end]
                content += part
                if signatures != nil { hash.update(data: Array(part)) }
                state = end - place == left ? .contentEnd : .content(left: left - (end - place))
                place = end
            case .end: throw .malformedChunk("there are bytes behind the end")
            case .size, .contentEnd, .trailers:
                guard let end = bytes[place...].firstIndex(of: 0x0A) else {
                    line += bytes[place...]
                    guard line.count <= ChunkedPayload.longestLine else { throw .malformedChunk("a line is too long") }
                    return content
                }
                line += bytes[place..<end]
                place = end + 1
                guard line.count <= ChunkedPayload.longestLine + 1 else { throw .malformedChunk("a line is too long") }
                guard line.popLast() == 0x0D else { throw .malformedChunk("a line does not end with CR LF") }
                let text = line
                line = []
                try read(text)
            }
        }
        return content
    }

    /// The body has ended.
    ///
    /// - Throws: `S3Error` unless everything has come and every signature was right.
    public func finish() throws(S3Error) {
        guard case .end = state else { throw .incompleteBody }
        if let expected, expected != count { throw .incompleteBody }
    }

    private mutating func read(_ line: [UInt8]) throws(S3Error) {
        switch state {
        case .size: try readSize(line)
        case .contentEnd:
            guard line.isEmpty else { throw .malformedChunk("a chunk is longer than it says") }
            try checkChunk()
            state = .size
        case .trailers: try readTrailer(line)
        case .content, .end: break
        }
    }

    private mutating func readSize(_ line: [UInt8]) throws(S3Error) {
        let semicolon = line.firstIndex(of: UInt8(ascii: ";")) ?? line.count
        var size = 0
        // 5 GiB has nine digits.
        guard (1...12).contains(semicolon) else { throw .malformedChunk("a chunk has no size") }
        for byte in line[..<semicolon] {
            guard let digit = ChunkedPayload.digit(byte) else {
                throw .malformedChunk("a size is no hexadecimal number")
            }
            size = size << 4 | digit
        }
        if signatures != nil {
            let extensions = String(decoding: line[semicolon...], as: UTF8.self)
            let name = ";chunk-signature="
            guard extensions.utf8.starts(with: name.utf8) else { throw .malformedChunk("a chunk has no signature") }
            signature = String(extensions.utf8.dropFirst(name.utf8.count)) ?? ""
            hash = SHA256()
        }
        count += size
        if let expected, count > expected {
            throw .malformedChunk("there is more than x-amz-decoded-content-length says")
        }
        guard size == 0 else {
            state = .content(left: size)
            return
        }
        try checkChunk()
        // Without trailers an empty line ends the body, which is read as the end of an empty list of them.
        state = .trailers
    }

    private mutating func checkChunk() throws(S3Error) {
        guard var chain = signatures else { return }
        let isRight = chain.isNext(signature, hash: SignedText.hexadecimal(hash.finalize()))
        signatures = chain
        guard isRight else { throw .signatureDoesNotMatch }
    }

    private mutating func readTrailer(_ line: [UInt8]) throws(S3Error) {
        guard !line.isEmpty else {
            try checkTrailers()
            state = .end
            return
        }
        guard hasTrailers else { throw .malformedChunk("there are trailers that were not announced") }
        guard trailers.count < ChunkedPayload.mostTrailers, let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            throw .malformedChunk("a trailer is no field")
        }
        let name = SignedText.folded(String(decoding: line[..<colon], as: UTF8.self)).lowercased()
        let value = SignedText.folded(String(decoding: line[(colon + 1)...], as: UTF8.self))
        if name == "x-amz-trailer-signature" {
            trailerSignature = value
        } else {
            signedTrailers += "\(name):\(value)\n"
            trailers.append((name, value))
        }
    }

    private mutating func checkTrailers() throws(S3Error) {
        guard var chain = signatures, hasTrailers else { return }
        guard let signature = trailerSignature, chain.isTrailer(signature, trailers: signedTrailers) else {
            throw .signatureDoesNotMatch
        }
        signatures = chain
    }

    private static func digit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte - 0x30)
        case 0x41...0x46: Int(byte - 0x37)
        case 0x61...0x66: Int(byte - 0x57)
        default: nil
        }
    }
}
