import Crypto
import Testing

@testable import S3Protocol

/// Bodies in `aws-chunked` form; the signed one is the example of the Amazon S3 API Reference, "Transferring payload in
/// multiple chunks".
@Suite struct ChunkedPayloadTests {
    private static let key = SigningKey(
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        scope: SignatureScope(day: "20130524", region: "us-east-1"))
    private static let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"

    private static var signatures: ChunkSignatures {
        ChunkSignatures(key: key, time: "20130524T000000Z", seed: seed)
    }

    private static let published: [(size: Int, signature: String)] = [
        (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ]

    private static func body(_ chunks: [(size: Int, signature: String)]) -> [UInt8] {
        var body: [UInt8] = []
        for chunk in chunks {
            body += "\(String(chunk.size, radix: 16));chunk-signature=\(chunk.signature)\r\n".utf8
            body += [UInt8](repeating: UInt8(ascii: "a"), count: chunk.size)
            body += "\r\n".utf8
        }
        return body
    }

    private static func read(
        _ body: [UInt8], piece: Int = .max, signed: Bool = false, hasTrailers: Bool = false, length: Int? = nil
    ) throws -> (content: [UInt8], payload: ChunkedPayload) {
        var payload = ChunkedPayload(
            signatures: signed ? signatures : nil, hasTrailers: hasTrailers, decodedLength: length)
        var content: [UInt8] = []
        var place = 0
        while place < body.count {
            let end = piece < body.count - place ? place + piece : body.count
            content += try payload.take(Array(body[place..<end]))
            place = end
        }
        try payload.finish()
        return (content, payload)
    }

    @Test("the published chunks have the published signatures, however they come", arguments: [Int.max, 4096, 7, 1])
    func published(piece: Int) throws {
        let content = try Self.read(Self.body(Self.published), piece: piece, signed: true, length: 66_560).content
        #expect(content == [UInt8](repeating: UInt8(ascii: "a"), count: 66_560))
    }

    @Test func `a chunk that is changed, left out, repeated or exchanged is refused`() {
        let (first, second, last) = (Self.published[0], Self.published[1], Self.published[2])
        var changed = Self.body(Self.published)
        changed[200] = UInt8(ascii: "b")
        let bodies = [
            changed, Self.body([first, last]), Self.body([second, first, last]),
            Self.body([first, first, second, last]),
        ]
        for body in bodies {
            #expect(throws: S3Error.signatureDoesNotMatch) { _ = try Self.read(body, signed: true) }
        }
    }

    @Test("chunks without signatures bring their trailers", arguments: [Int.max, 1])
    func trailers(piece: Int) throws {
        let body = "5\r\nhello\r\n6\r\n world\r\n0\r\nX-Amz-Checksum-CRC32: DUoRhQ==\r\n\r\n"
        let read = try Self.read(Array(body.utf8), piece: piece, hasTrailers: true, length: 11)
        #expect(String(decoding: read.content, as: UTF8.self) == "hello world")
        #expect(read.payload.trailers.map(\.name) == ["x-amz-checksum-crc32"])
        #expect(read.payload.trailers.map(\.value) == ["DUoRhQ=="])
    }

    @Test func `trailers are signed, too, where chunks are`() throws {
        var chain = Self.signatures
        func hash(_ text: String) -> String {
            SHA256.hash(data: Array(text.utf8)).map { $0 < 16 ? "0\(String($0, radix: 16))" : String($0, radix: 16) }
                .joined()
        }
        let first = chain.next(hash: hash("hello"))
        let last = chain.next(hash: hash(""))
        let lines = "x-amz-checksum-crc32:NhCmhg==\n"
        let signature = Self.key.signature(
            of: "AWS4-HMAC-SHA256-TRAILER\n20130524T000000Z\n\(Self.key.scope.text)\n\(last)\n\(hash(lines))")
        let head = "5;chunk-signature=\(first)\r\nhello\r\n0;chunk-signature=\(last)\r\n"
        let right = head + "x-amz-checksum-crc32:NhCmhg==\r\nx-amz-trailer-signature:\(signature)\r\n\r\n"
        let content = try Self.read(Array(right.utf8), signed: true, hasTrailers: true).content
        #expect(content == Array("hello".utf8))
        for wrong in [
            head + "\r\n", head + "x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:\(signature)\r\n\r\n",
        ] {
            #expect(throws: S3Error.signatureDoesNotMatch) {
                _ = try Self.read(Array(wrong.utf8), signed: true, hasTrailers: true)
            }
        }
    }

    @Test(
        "what is no chunked body, or not all of it, is refused",
        arguments: [
            ("", "IncompleteBody"), ("5\r\nhel", "IncompleteBody"), ("5\r\nhello\r\n", "IncompleteBody"),
            ("5\r\nhello\r\n0\r\n", "IncompleteBody"), ("4\r\nhell\r\n0\r\n\r\n", "IncompleteBody"),
            ("5\nhello\r\n0\r\n\r\n", "InvalidRequest"), ("5\r\nhello!\r\n0\r\n\r\n", "InvalidRequest"),
            ("x\r\n", "InvalidRequest"), ("-5\r\nhello\r\n", "InvalidRequest"), ("\r\n", "InvalidRequest"),
            ("fffffffffffff\r\n", "InvalidRequest"), ("6\r\nhello!\r\n0\r\n\r\n", "InvalidRequest"),
            ("5\r\nhello\r\n0\r\nx-a: 1\r\n\r\n", "InvalidRequest"),
            ("5\r\nhello\r\n0\r\n\r\nmore", "InvalidRequest"),
            (String(repeating: "0", count: 2000), "InvalidRequest"),
        ])
    func refused(body: String, code: String) {
        for piece in [Int.max, 1] {
            let error = #expect(throws: S3Error.self) { _ = try Self.read(Array(body.utf8), piece: piece, length: 5) }
            #expect(error?.code == code)
        }
    }

    @Test(
        "the form of a body follows from its field",
        arguments: [
            (nil, PayloadForm.unsigned), ("UNSIGNED-PAYLOAD", .unsigned),
            ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", .unsignedChunks),
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", .signedChunks(hasTrailers: false)),
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", .signedChunks(hasTrailers: true)),
            (String(repeating: "Aa", count: 32), .hashed(String(repeating: "aa", count: 32))),
        ])
    func forms(field: String?, form: PayloadForm) throws { #expect(try PayloadForm(field) == form) }

    @Test("another form is not known", arguments: ["", "abc", String(repeating: "g", count: 64)])
    func unknownForm(field: String) { #expect(throws: S3Error.self) { _ = try PayloadForm(field) } }
}
