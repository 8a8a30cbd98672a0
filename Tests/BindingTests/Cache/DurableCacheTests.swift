import EdgeEmulator
import Foundation
import Testing
import Workers
import WorkersTesting

/// What only a cache on disk can get wrong.
@Suite struct DurableCacheTests {
    private let clock = TestClock()

    private func open(_ folder: StateFolder, total: Int = 8 << 20) async throws -> DurableCaches {
        try await DurableCaches(folder, limits: .init(total: total, inline: 1000), now: clock.read)
    }

    private func response(_ size: Int) -> Response {
        Response(.ok, headers: [.cacheControl: "max-age=600"], body: Body(bytes: [UInt8](repeating: 5, count: size)))
    }

    private func files(_ folder: StateFolder) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path + "/cache").sorted()
    }

    @Test func `what was stored is there after a restart, with its age`() async throws {
        try await withCacheState { folder in
            var caches = try await open(folder)
            try await caches.default.put("https://a.test/small", response(10))
            try await caches.open("n").put("https://a.test/large", response(5000))
            caches.close()
            clock.advance(by: 30)
            caches = try await open(folder)
            #expect(try await caches.default.match("https://a.test/small")?.bytes().count == 10)
            let large = try #require(try await caches.open("n").match("https://a.test/large"))
            #expect(try await large.bytes() == [UInt8](repeating: 5, count: 5000))
            #expect(large.headers[.age] == "30")
            caches.close()
            clock.advance(by: 570)
            caches = try await open(folder)
            #expect(try await caches.default.match("https://a.test/small") == nil)
            caches.close()
        }
    }

    @Test func `replaced, deleted, expired and evicted bodies leave no file`() async throws {
        try await withCacheState { folder in
            let caches = try await open(folder, total: 50_000)
            let cache = caches.default
            try await cache.put("https://a.test/1", response(5000))
            try await cache.put("https://a.test/1", response(6000))
            #expect(try files(folder).count == 1)
            #expect(try await cache.delete("https://a.test/1"))
            #expect(try files(folder) == [])
            for number in 0..<20 { try await cache.put("https://a.test/\(number)", response(9000)) }
            #expect(try files(folder).count == 5)
            clock.advance(by: 600)
            try await cache.put("https://a.test/new", response(10))
            #expect(try files(folder) == [])
            caches.close()
        }
    }

    @Test func `files without an entry are swept away at the start`() async throws {
        try await withCacheState { folder in
            var caches = try await open(folder)
            try await caches.default.put("https://a.test/1", response(5000))
            caches.close()
            let kept = try files(folder)
            try Data(count: 10).write(to: URL(filePath: folder.path + "/cache/4711"))
            caches = try await open(folder)
            #expect(try files(folder) == kept)
            // A number that has been seen is not used again.
            try await caches.default.put("https://a.test/2", response(5000))
            #expect(try files(folder).contains("4712"))
            caches.close()
        }
    }

    @Test("an entry whose file is not what it was is a miss, and gone", arguments: [0, 17, nil])
    func brokenFile(length: Int?) async throws {
        try await withCacheState { folder in
            let caches = try await open(folder)
            try await caches.default.put("https://a.test/1", response(5000))
            let path = folder.path + "/cache/" + (try #require(try files(folder).first))
            if let length {
                try Data(count: length).write(to: URL(filePath: path))
            } else {
                try FileManager.default.removeItem(atPath: path)
            }
            #expect(try await caches.default.match("https://a.test/1") == nil)
            #expect(try await caches.default.delete("https://a.test/1") == false)
            #expect(try files(folder) == [])
            caches.close()
        }
    }

    @Test func `an answer that is being read outlives its entry`() async throws {
        try await withCacheState { folder in
            let caches = try await open(folder)
            try await caches.default.put("https://a.test/1", response(1_000_000))
            let found = try #require(try await caches.default.match("https://a.test/1"))
            let stream = try found.body.stream()
            let first = try #require(try await stream.next())
            #expect(try await caches.removeAll() == 1)
            var size = first.count
            while let chunk = try await stream.next() { size += chunk.count }
            #expect(size == 1_000_000)
            caches.close()
        }
    }

    @Test func `the order of use survives a restart as far as it was written`() async throws {
        try await withCacheState { folder in
            var caches = try await open(folder, total: 30_000)
            for name in ["a", "b"] { try await caches.default.put("https://a.test/\(name)", response(9000)) }
            #expect(try await caches.default.match("https://a.test/a") != nil)
            try await caches.default.put("https://a.test/c", response(9000))
            caches.close()
            caches = try await open(folder, total: 30_000)
            try await caches.default.put("https://a.test/d", response(9000))
            #expect(try await caches.default.match("https://a.test/b") == nil)
            for name in ["a", "c", "d"] {
                #expect(try await caches.default.match("https://a.test/\(name)") != nil, "\(name)")
            }
            caches.close()
        }
    }

    @Test func `a closed cache fails with a sentence`() async throws {
        try await withCacheState { folder in
            let caches = try await open(folder)
            caches.close()
            await #expect(throws: StateFailure.self) { try await caches.default.put("https://a.test/", response(5000)) }
            await #expect(throws: StateFailure.self) { try await caches.default.match("https://a.test/") }
        }
    }
}
