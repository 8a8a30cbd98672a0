import Testing
import Workers
import WorkersTesting

/// What every implementation keeps beyond the vectors.
@Suite struct R2ContractTests {
    @Test(arguments: R2Implementation.allCases)
    func `keys are bytes: what looks alike is not the same key`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let keys = ["caf\u{E9}", "cafe\u{301}", "zero\u{0}byte", "zero", "a b", "~"]
            for key in keys { try await bucket.put(key, "value of \(key)") }
            for key in keys { #expect(try await bucket.get(key)?.text() == "value of \(key)") }
            // By bytes: `a b`, then those with c, `~`, `z…`; a prefix comes before what it begins.
            let listed = try await bucket.list().objects.map { Array($0.key.utf8) }
            let expected = keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(listed == expected)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `an empty key is no name`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            await #expect(
                throws: WorkersError(.error, "put: The specified object name is not valid. (10020)", code: 10020)
            ) {
                try await bucket.put("", "value")
            }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a long stream comes back as it was, whole and in part`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let bytes = R2Content.bytes(3_000_000)
            let stored = try await bucket.put("long", Body(stream: R2Content.stream(bytes, chunk: 70_001)))
            #expect(stored?.size == bytes.count)
            #expect(try await bucket.get("long")?.bytes() == bytes)
            for range in [0..<1, 262_143..<262_145, 1_000_000..<2_500_000, 2_999_999..<3_000_000] {
                let part = try await bucket.get("long", range: R2Range(offset: range.lowerBound, length: range.count))
                #expect(part?.range == R2Object.Delivered(offset: range.lowerBound, length: range.count))
                #expect(try await part?.bytes() == Array(bytes[range]))
            }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `what is stored comes back with all that is known about it`(implementation: R2Implementation) async throws {
        try await implementation.withBucket(now: 1_800_000_000.123_9) { bucket, _ in
            let http = R2HTTPMetadata(
                contentType: "text/plain", contentLanguage: "sv", contentDisposition: "inline", contentEncoding: "gzip",
                cacheControl: "no-store", cacheExpiry: 1_900_000_000.5)
            let options = R2PutOptions(
                httpMetadata: http, customMetadata: ["": "empty", "smile": "\u{1F600}\n\""],
                sha1: "850bf1071c5e3d8c24235676f8816ae0cbe2f14f", storageClass: .infrequentAccess)
            let put = try await bucket.put("key", "ledger", options: options)
            let head = try #require(try await bucket.head("key"))
            #expect(put == head)
            #expect(head.httpMetadata == http)
            #expect(head.customMetadata == options.customMetadata)
            #expect(head.checksums.sha1?.count == 20)
            #expect(head.checksums.sha256 == nil)
            #expect(head.storageClass == .infrequentAccess)
            // To the millisecond, never ahead of the clock.
            #expect(head.uploaded == 1_800_000_000.123)
        }
    }

    // MARK: Writes that fail

    @Test(arguments: R2Implementation.allCases)
    func `a stream that breaks its word stores nothing`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            try await bucket.put("key", "old")
            let short = BodyStream(chunks: [[1, 2, 3]], length: 4)
            await #expect(throws: WorkersError.self) { try await bucket.put("key", Body(stream: short)) }
            let long = BodyStream(chunks: [[1, 2, 3], [4, 5]], length: 4)
            await #expect(throws: WorkersError.self) { try await bucket.put("key", Body(stream: long)) }
            struct Broken: Error {}
            let broken = BodyStream(length: 4) { throw Broken() }
            await #expect(throws: Broken.self) { try await bucket.put("key", Body(stream: broken)) }
            #expect(try await bucket.get("key")?.text() == "old")
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a put that is refused tells whoever produces the content`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let (writer, stream) = BodyStream.pipe(length: 100)
            let options = R2PutOptions(onlyIf: R2Conditional(etagMatches: "none"))
            let stored = try await bucket.put("key", Body(stream: stream), options: options)
            #expect(stored == nil)
            #expect(writer.isCancelled)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a body can be stored once`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let body: Body = "once"
            try await bucket.put("first", body)
            await #expect(throws: WorkersError.self) { try await bucket.put("second", body) }
            #expect(try await bucket.head("second") == nil)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `more than a thousand keys are not deleted at once`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            try await bucket.put("key-1", "stays")
            await #expect(throws: WorkersError.self) { try await bucket.delete((0...1000).map { "key-\($0)" }) }
            #expect(try await bucket.head("key-1") != nil)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `writes to one key may be limited to one a second`(implementation: R2Implementation) async throws {
        var limits = R2Limits()
        limits.minWriteInterval = 1
        try await implementation.withBucket(limits: limits) { bucket, clock in
            try await bucket.put("key", "first")
            let error = await #expect(throws: WorkersError.self) { try await bucket.put("key", "too soon") }
            #expect(error?.code == 10058)
            try await bucket.put("other", "free")
            clock.advance(by: 1)
            try await bucket.put("key", "second")
            #expect(try await bucket.get("key")?.text() == "second")
        }
    }

    // MARK: At the same time

    @Test(arguments: R2Implementation.allCases)
    func `of many puts to one key one is whole at the end`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        let bytes = R2Content.bytes(100_000 + number, seed: UInt8(number))
                        try await bucket.put("key", Body(stream: R2Content.stream(bytes, chunk: 9_000)))
                        let read = try #require(try await bucket.get("key"))
                        let content = try await read.bytes()
                        #expect(content == R2Content.bytes(content.count, seed: UInt8(content.count - 100_000)))
                        #expect(content.count == read.size)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `of many that create one object one succeeds`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let created = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        let options = R2PutOptions(onlyIf: R2Conditional(etagDoesNotMatch: "*"))
                        return try await bucket.put("key", "number \(number)", options: options) != nil
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(created == 1)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a body that is being read keeps its bytes`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let old = R2Content.bytes(1_000_000, seed: 1)
            try await bucket.put("key", old)
            let begun = try #require(try await bucket.get("key"))
            let unread = try #require(try await bucket.get("key", range: R2Range(suffix: 500_000)))
            let stream = try begun.body.stream()
            var read = try await stream.next() ?? []
            try await bucket.put("key", R2Content.bytes(1_000_000, seed: 2))
            try await bucket.delete("key")
            while let chunk = try await stream.next() { read += chunk }
            #expect(read == old)
            #expect(try await unread.bytes() == Array(old.suffix(500_000)))
            #expect(try await bucket.head("key") == nil)
        }
    }

    @Test func `memory keeps the bytes of objects and parts, and no others`() async throws {
        let store = MemoryR2Store()
        var limits = R2Limits()
        limits.minPartBytes = 1
        let clock = TestClock()
        let bucket = LocalR2Bucket(store: store, limits: limits, now: clock.read) { String(store.blobCount) }
        try await bucket.put("a", "first")
        try await bucket.put("a", "second")
        try await bucket.put("b", "third", options: R2PutOptions(onlyIf: R2Conditional(etagMatches: "none")))
        await #expect(throws: WorkersError.self) {
            try await bucket.put("b", "third", options: R2PutOptions(md5: .bytes([UInt8](repeating: 0, count: 16))))
        }
        #expect(store.blobCount == 1)
        let upload = try await bucket.createMultipartUpload("a")
        try await upload.uploadPart(1, "replaced")
        let part = try await upload.uploadPart(1, "taken")
        try await upload.uploadPart(2, "not taken")
        #expect(store.blobCount == 3)
        try await upload.complete([part])
        #expect(store.blobCount == 1)
        try await bucket.delete("a")
        #expect(store.blobCount == 0)
    }

    // MARK: Lists

    @Test(arguments: R2Implementation.allCases)
    func `pages together are the bucket`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let keys = (0..<25).flatMap { ["day/\($0)/a", "day/\($0)/b", "top-\($0)"] }.sorted()
            for key in keys {
                try await bucket.put(key, "", options: R2PutOptions(customMetadata: ["key": key]))
            }
            for limit in [1, 2, 7, 1000] {
                var seen: [String] = []
                var options = R2ListOptions(limit: limit)
                repeat {
                    let page = try await bucket.list(options)
                    seen += page.objects.map(\.key)
                    options.cursor = page.cursor
                } while options.cursor != nil
                #expect(seen == keys)
            }
            var folded: [String] = []
            var options = R2ListOptions(prefix: "day/", delimiter: "/", limit: 4)
            repeat {
                let page = try await bucket.list(options)
                #expect(page.objects.isEmpty)
                folded += page.delimitedPrefixes
                options.cursor = page.cursor
            } while options.cursor != nil
            #expect(folded == (0..<25).map { "day/\($0)/" }.sorted())
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a page with metadata is shorter and says so`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            for number in 0..<120 { try await bucket.put("key-\(number)", "") }
            let page = try await bucket.list(R2ListOptions(include: [.customMetadata]))
            #expect(page.objects.count == 100)
            #expect(page.truncated)
            let rest = try await bucket.list(R2ListOptions(cursor: page.cursor, include: [.customMetadata]))
            #expect(rest.objects.count == 20)
            #expect(rest.cursor == nil)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `the later of cursor and startAfter counts`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            for key in ["a", "b", "c", "d"] { try await bucket.put(key, "") }
            let page = try await bucket.list(R2ListOptions(limit: 1))
            let after = R2ListOptions(startAfter: "c", cursor: page.cursor)
            #expect(try await bucket.list(after).objects.map(\.key) == ["d"])
            let before = R2ListOptions(startAfter: "", cursor: page.cursor)
            #expect(try await bucket.list(before).objects.map(\.key) == ["b", "c", "d"])
            await #expect(throws: WorkersError.self) { try await bucket.list(R2ListOptions(cursor: "no cursor!")) }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `HTTP metadata that was not listed cannot be written`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let metadata = R2HTTPMetadata(contentType: "text/css", cacheExpiry: 1_804_136_767)
            try await bucket.put("key", "", options: R2PutOptions(httpMetadata: metadata))
            let bare = try #require(try await bucket.list().objects.first)
            var headers: Headers = [.contentType: "text/html", .server: "kept"]
            do {
                try bare.writeHTTPMetadata(to: &headers)
                Issue.record("it was written")
            } catch let error as WorkersError {
                #expect(error.name == .typeError)
            }
            let full = try #require(try await bucket.list(R2ListOptions(include: [.httpMetadata])).objects.first)
            try full.writeHTTPMetadata(to: &headers)
            let expected: Headers = [
                .contentType: "text/css", .server: "kept", .expires: "Thu, 04 Mar 2027 05:06:07 GMT",
            ]
            #expect(headers == expected)
        }
    }

    // MARK: Lifecycle

    @Test(arguments: R2Implementation.allCases)
    func `an upload that nobody finishes is discarded after seven days`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, clock in
            let upload = try await bucket.createMultipartUpload("key")
            let part = try await upload.uploadPart(1, "part")
            clock.advance(by: 7 * 86_400 - 1)
            #expect(try await bucket.applyLifecycle() == R2LifecycleReport())
            clock.advance(by: 1)
            #expect(try await bucket.applyLifecycle() == R2LifecycleReport(abortedUploads: 1))
            let error = await #expect(throws: WorkersError.self) { try await upload.complete([part]) }
            #expect(error?.code == 10024)
            // Its end is known for a month; then it is an id like any other.
            clock.advance(by: 30 * 86_400)
            try await bucket.applyLifecycle()
            let later = await #expect(throws: WorkersError.self) { try await upload.complete([part]) }
            #expect(later?.code == 10001)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `rules delete and move objects as they age`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, clock in
            try await bucket.setLifecycle([
                R2LifecycleRule(id: "logs", prefix: "logs/", deletesObjects: .after(seconds: 100)),
                R2LifecycleRule(id: "old", movesToInfrequentAccess: .after(seconds: 50)),
                R2LifecycleRule(id: "off", isEnabled: false, deletesObjects: .after(seconds: 0)),
            ])
            #expect(try await bucket.lifecycle().map(\.id) == ["logs", "old", "off"])
            for number in 0..<600 { try await bucket.put("logs/\(number)", "line") }
            try await bucket.put("page", "text")
            clock.advance(by: 60)
            try await bucket.put("young", "text")
            #expect(try await bucket.applyLifecycle() == R2LifecycleReport(movedObjects: 601))
            let moved = try #require(try await bucket.head("page"))
            #expect(moved.storageClass == .infrequentAccess)
            #expect(try await bucket.get("page")?.text() == "text")
            clock.advance(by: 40)
            #expect(try await bucket.applyLifecycle() == R2LifecycleReport(deletedObjects: 600))
            #expect(try await bucket.list().objects.map(\.key) == ["page", "young"])
        }
    }
}

/// Bodies for tests.
enum R2Content {
    /// Bytes that are different at every place and for every seed.
    static func bytes(_ count: Int, seed: UInt8 = 0) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, end in
            var value = UInt32(seed) &* 2_654_435_761 | 1
            for index in 0..<count {
                value ^= value << 13
                value ^= value >> 17
                value ^= value << 5
                buffer[index] = UInt8(truncatingIfNeeded: value)
            }
            end = count
        }
    }

    static func stream(_ bytes: [UInt8], chunk: Int) -> BodyStream {
        let starts = stride(from: 0, to: bytes.count, by: chunk)
        return BodyStream(
            chunks: starts.map { Array(bytes[$0..<min($0 + chunk, bytes.count)]) }, length: bytes.count)
    }
}
