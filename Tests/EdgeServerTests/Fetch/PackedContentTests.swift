import HTTPTypes
import Testing
import Workers

@testable import EdgeServer

@Suite struct PackedContentTests {
    private let text = Array(String(repeating: "Lilies float on quiet water. ", count: 3000).utf8)

    private func unpack(_ bytes: [UInt8], _ codings: [PackedContent.Coding], pieces: Int) async throws -> [UInt8] {
        let chunks = stride(from: 0, to: bytes.count, by: pieces).map {
            Array(bytes[$0..<min($0 + pieces, bytes.count)])
        }
        return try await Body(stream: PackedContent.unpacked(BodyStream(chunks: chunks), codings)).bytes()
    }

    @Test(arguments: [1, 7, 1000, 1_000_000])
    func `content comes out whole, however it is cut`(pieces: Int) async throws {
        #expect(try await unpack(Pack.bytes(text, "gzip"), [.gzip], pieces: pieces) == text)
        #expect(try await unpack(Pack.bytes(text, "deflate"), [.deflate], pieces: pieces) == text)
        #expect(try await unpack(Pack.bytes(text, "raw"), [.deflate], pieces: pieces) == text)
        #expect(try await unpack(Pack.bytes(text, "br"), [.brotli], pieces: pieces) == text)
    }

    @Test func `members of one gzip file follow each other, and padding behind them is nothing`() async throws {
        let two = Pack.bytes(Array("one ".utf8), "gzip") + Pack.bytes(Array("two".utf8), "gzip")
        #expect(try await unpack(two, [.gzip], pieces: 1000) == Array("one two".utf8))
        #expect(try await unpack(two + [0, 0, 0], [.gzip], pieces: 5) == Array("one two".utf8))
        let empty = Pack.bytes([], "gzip") + Pack.bytes(Array("end".utf8), "gzip")
        #expect(try await unpack(empty, [.gzip], pieces: 1000) == Array("end".utf8))
    }

    @Test func `no content at all is complete`() async throws {
        #expect(try await unpack([], [.gzip], pieces: 1).isEmpty)
        #expect(try await unpack([], [.brotli], pieces: 1).isEmpty)
    }

    @Test(arguments: [PackedContent.Coding.gzip, .deflate, .brotli])
    func `content that breaks off, or is something else, is an error`(coding: PackedContent.Coding) async throws {
        let name =
            switch coding {
            case .gzip: "gzip"
            case .deflate: "deflate"
            case .brotli: "br"
            }
        let packed = Pack.bytes(text, name)
        await #expect(throws: PackedContent.malformed) { try await unpack(packed.dropLast(9), [coding], pieces: 100) }
        let other = [UInt8](repeating: 0xFF, count: 300)
        await #expect(throws: PackedContent.malformed) { try await unpack(other, [coding], pieces: 100) }
    }

    @Test func `pieces are small, however much comes out`() async throws {
        let packed = Pack.bytes([UInt8](repeating: 0, count: 10_000_000), "gzip")
        let stream = try PackedContent.unpacked(BodyStream(chunks: [packed]), [.gzip])
        var total = 0
        while let piece = try await stream.next() {
            #expect(piece.count <= PackedContent.piece)
            total += piece.count
        }
        #expect(total == 10_000_000)
    }

    @Test func `codings are known by name, and one that is unknown leaves the content as it is`() {
        func codings(_ value: String) -> [PackedContent.Coding]? {
            PackedContent.codings(of: [.contentEncoding: value])
        }
        #expect(codings("gzip") == [.gzip])
        #expect(codings("GZIP, br") == [.gzip, .brotli])
        #expect(codings("identity") == nil)
        #expect(codings("gzip, zstd") == nil)
        #expect(codings("gzip,gzip,gzip,gzip,gzip") == nil)
        #expect(PackedContent.codings(of: [:]) == nil)
    }
}
