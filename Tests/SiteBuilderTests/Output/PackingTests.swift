import Glibc
import Testing

@testable import SiteBuilder

@Suite struct PackingTests {
    private let script = Array(String(repeating: "export const answer = 42; // the same again\n", count: 200).utf8)

    private func item(_ bytes: [UInt8], text: Bool = true) -> Packer.Item {
        Packer.Item(bytes: bytes, hash: ContentDigest(of: bytes), text: text)
    }

    /// Bytes without a pattern, the same in every run.
    private func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    @Test func `both variants unpack to the file`() async throws {
        let variants = try await Packer(cache: nil).pack([item(script)])
        let brotli = try #require(variants[0].brotli)
        let gzip = try #require(variants[0].gzip)
        #expect(Brotli.decompress(brotli.bytes, size: script.count) == script)
        #expect(Gzip.decompress(gzip.bytes, size: script.count) == script)
        #expect(brotli.bytes.count < gzip.bytes.count)
        #expect(brotli.hash == ContentDigest(of: brotli.bytes))
    }

    @Test("empty and large contents survive", arguments: [0, 1, 70_000, 5_000_000])
    func sizes(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 300) }
        // A five-megabyte file needs a window beyond the usual one.
        if count < 1_000_000 {
            #expect(Brotli.decompress(try #require(Brotli.compress(bytes, text: false)), size: count) == bytes)
        } else {
            #expect(Brotli.window(for: count) == 23)
        }
        #expect(Gzip.decompress(try #require(Gzip.compress(bytes)), size: count) == bytes)
    }

    @Test func `the gzip header tells nothing but the format`() throws {
        let packed = try #require(Gzip.compress(script))
        // RFC 1952: magic, deflate, no flags, no time, slowest algorithm, Unix.
        #expect(Array(packed.prefix(10)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3])
    }

    @Test func `the window never leaves what browsers read`() {
        #expect(Brotli.window(for: 0) == 16)
        #expect(Brotli.window(for: 65_520) == 16)
        #expect(Brotli.window(for: 65_521) == 17)
        #expect(Brotli.window(for: 1 << 30) == 24)
    }

    @Test func `what does not shrink gets no variant`() async throws {
        let variants = try await Packer(cache: nil).pack([item(noise(4000), text: false), item(Array("short".utf8))])
        #expect(variants == [PackedVariants(), PackedVariants()])
    }

    @Test(
        "a variant must be worth a second file",
        arguments: [
            (1000, 1100, true), (1036, 1100, true), (1037, 1100, false), (95_000, 100_000, true),
            (95_001, 100_000, false),
        ])
    func worth(packed: Int, raw: Int, is expected: Bool) {
        #expect(Packer.isWorthwhile(packed: packed, raw: raw) == expected)
    }

    @Test func `results come in the order of the files and progress reaches the end`() async throws {
        let files = (1...20).map { Array(String(repeating: "line \($0)\n", count: 40 * $0).utf8) }
        let log = Log<Int>()
        let variants = try await Packer(cache: nil).pack(files.map { item($0) }) { done, _ in log.add(done) }
        for (file, variant) in zip(files, variants) {
            #expect(Brotli.decompress(try #require(variant.brotli).bytes, size: file.count) == file)
        }
        #expect(log.values.last == 20)
    }

    @Test func `a cancelled build stops packing`() async {
        let script = script
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await Packer(cache: nil).pack([item(script)])
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

@Suite struct PackingCacheTests {
    private let content = ContentDigest(of: "content")
    private let packed = Array("packed".utf8)

    private func filled(_ scratch: ScratchFolder) -> PackingCache {
        let cache = PackingCache(folder: scratch["cache"])
        cache.store(.packed(packed, ContentDigest(of: packed)), content, encoder: "br-1")
        return cache
    }

    @Test func `gives back what was stored, for the same content and encoder`() throws {
        let scratch = try ScratchFolder()
        let cache = filled(scratch)
        #expect(cache.entry(content, encoder: "br-1") == .packed(packed, ContentDigest(of: packed)))
        #expect(cache.entry(content, encoder: "br-2") == nil)
        #expect(cache.entry(ContentDigest(of: "other"), encoder: "br-1") == nil)
    }

    @Test func `remembers what was not worth packing`() throws {
        let scratch = try ScratchFolder()
        let cache = filled(scratch)
        cache.store(.useless, content, encoder: "gz-1")
        #expect(cache.entry(content, encoder: "gz-1") == .useless)
    }

    @Test("a damaged entry counts as absent", arguments: ["cut", "grown", "flipped", "emptied", "header"])
    func damaged(how: String) throws {
        let scratch = try ScratchFolder()
        let cache = filled(scratch)
        let name = try #require(try Files.list(scratch["cache"]).first?.name)
        var bytes = try Files.read(scratch["cache/\(name)"])
        switch how {
        case "cut": bytes.removeLast()
        case "grown": bytes.append(0)
        case "flipped": bytes[bytes.count - 2] ^= 1
        case "emptied": bytes = []
        default: bytes[0] ^= 1
        }
        try Files.write(bytes, to: scratch["cache/\(name)"])
        #expect(cache.entry(content, encoder: "br-1") == nil)
    }

    @Test func `pruning keeps what was used last`() throws {
        let scratch = try ScratchFolder()
        let cache = PackingCache(folder: scratch["cache"])
        let body = [UInt8](repeating: 7, count: 956)
        let contents = (0..<8).map { ContentDigest(of: "content \($0)") }
        for content in contents { cache.store(.packed(body, ContentDigest(of: body)), content, encoder: "br") }
        // Set by hand: a tick of the file system's clock is longer than eight stores.
        for (second, content) in contents.enumerated() {
            let path = scratch["cache/\(content.hex).br"]
            let times = [timespec(tv_sec: second, tv_nsec: 0), timespec(tv_sec: second, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
        }
        // Each entry has 1,000 bytes with its header.
        cache.prune(limit: 8000)
        #expect(try Files.list(scratch["cache"]).count == 8)
        _ = cache.entry(contents[0], encoder: "br")
        cache.prune(limit: 7999)
        #expect(try Files.list(scratch["cache"]).count == 5)
        #expect(cache.entry(contents[0], encoder: "br") != nil)
    }

    @Test func `a folder that cannot be made is no reason to stop`() async throws {
        let scratch = try ScratchFolder()
        try scratch.write("file", "")
        let cache = PackingCache(folder: scratch["file/cache"])
        let bytes = Array(String(repeating: "again ", count: 100).utf8)
        let variants = try await Packer(cache: cache).pack([
            .init(bytes: bytes, hash: ContentDigest(of: bytes), text: true)
        ])
        #expect(variants[0].brotli != nil)
    }

    @Test func `the second time nothing is packed`() async throws {
        let scratch = try ScratchFolder()
        let packer = Packer(cache: PackingCache(folder: scratch["cache"]))
        let bytes = Array(String(repeating: "again ", count: 100).utf8)
        let item = Packer.Item(bytes: bytes, hash: ContentDigest(of: bytes), text: true)
        let first = try await packer.pack([item])
        // An entry that only the cache can have given.
        let marked = Array("from the cache".utf8)
        let encoder = Packer.Coding.brotli.encoder + "-t"
        PackingCache(folder: scratch["cache"]).store(
            .packed(marked, ContentDigest(of: marked)), item.hash, encoder: encoder)
        let second = try await packer.pack([item])
        #expect(second[0].gzip == first[0].gzip)
        #expect(second[0].brotli?.bytes == marked)
    }
}
