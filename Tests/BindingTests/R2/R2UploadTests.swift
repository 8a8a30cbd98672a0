import Testing
import Workers
import WorkersTesting

/// What the S3 interface needs of uploads, conditions and removals.
@Suite struct R2UploadTests {
    private struct Refused: Error {}

    private static var limits: R2Limits {
        var limits = R2Limits()
        limits.minPartBytes = 1
        return limits
    }

    private func with(
        _ implementation: R2Implementation, _ body: (LocalR2Bucket, any R2TestClock) async throws -> Void
    ) async throws {
        try await implementation.withBuckets(limits: Self.limits) { buckets, clock in
            try await buckets.create("files")
            try await body(buckets.existing("files"), clock)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `open uploads are listed by key and age, folded and in pages`(implementation: R2Implementation) async throws {
        try await with(implementation) { bucket, clock in
            var ids: [String: [String]] = [:]
            for key in ["b", "a/2", "a/1", "b", "c", "b"] {
                ids[key, default: []].append(try await bucket.begin(key, options: R2MultipartOptions()).id)
                clock.advance(by: 1)
            }
            try await bucket.abort(try #require(ids["c"]?.first), key: "c")
            var query = R2UploadQuery()
            #expect(try await bucket.uploads(query).uploads.map(\.key.text) == ["a/1", "a/2", "b", "b", "b"])
            query.delimiter = "/"
            query.limit = 2
            let first = try await bucket.uploads(query)
            #expect(first.prefixes == ["a/"] && first.uploads.map(\.id) == Array(ids["b", default: []].prefix(1)))
            #expect(first.isTruncated && first.nextKeyMarker == "b")
            query.keyMarker = try #require(first.nextKeyMarker)
            query.uploadIDMarker = try #require(first.nextUploadIDMarker)
            let second = try await bucket.uploads(query)
            #expect(second.prefixes.isEmpty && second.uploads.map(\.id) == Array(ids["b", default: []].dropFirst()))
            #expect(!second.isTruncated && second.nextKeyMarker == nil)
            query = R2UploadQuery()
            query.prefix = "a/"
            query.keyMarker = "a/1"
            #expect(try await bucket.uploads(query).uploads.map(\.key.text) == ["a/2"])
            query = R2UploadQuery()
            (query.delimiter, query.limit) = ("/", 1)
            let folded = try await bucket.uploads(query)
            #expect(folded.prefixes == ["a/"] && folded.isTruncated)
            query.keyMarker = try #require(folded.nextKeyMarker)
            #expect(try await bucket.uploads(query).uploads.map(\.key.text) == ["b"])
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `parts are listed in pages`(implementation: R2Implementation) async throws {
        try await with(implementation) { bucket, _ in
            let upload = try await bucket.begin("key", options: R2MultipartOptions())
            for number in [3, 1, 7] {
                _ = try await bucket.storePart(
                    number, of: upload.id, key: "key", "part", options: R2PartOptions(), seal: { nil })
            }
            let first = try await bucket.parts(of: upload.id, key: "key", limit: 2)
            #expect(first.parts.map(\.number) == [1, 3] && first.isTruncated)
            let second = try await bucket.parts(of: upload.id, key: "key", after: 3, limit: 2)
            #expect(second.parts.map(\.number) == [7] && !second.isTruncated)
            #expect(second.parts.first?.size == 4)
            await #expect(throws: R2Failure.noSuchUpload) { _ = try await bucket.parts(of: "none", key: "key") }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a completion whose condition fails ends the upload`(implementation: R2Implementation) async throws {
        try await with(implementation) { bucket, _ in
            try await bucket.put("key", "old")
            let upload = try await bucket.begin("key", options: R2MultipartOptions())
            let part = try await bucket.storePart(
                1, of: upload.id, key: "key", "new", options: R2PartOptions(), seal: { nil })
            let parts = [R2UploadedPart(partNumber: 1, etag: part.etag)]
            await #expect(throws: R2Failure.preconditionFailed) {
                _ = try await bucket.complete(
                    upload.id, key: "key", parts, onlyIf: R2Conditional(etagDoesNotMatch: "*"))
            }
            await #expect(throws: R2Failure.noSuchUpload) {
                _ = try await bucket.complete(upload.id, key: "key", parts)
            }
            #expect(try await bucket.get("key")?.text() == "old")
        }
    }

    /// The value is zlib's, over the two parts' values.
    @Test(arguments: R2Implementation.allCases)
    func `the checksum of an upload is made of those of its parts`(implementation: R2Implementation) async throws {
        try await with(implementation) { bucket, _ in
            let form = R2ObjectChecksum.Form(.crc32, .composite)
            let upload = try await bucket.begin("key", options: R2MultipartOptions(), checksum: form)
            #expect(try await bucket.upload(upload.id, key: "key").checksum == form)
            var parts: [R2UploadedPart] = []
            // Their numbers, not their order, say how they are joined.
            for (number, text) in [(2, "world"), (1, "hello, ")] {
                let bytes = R2ObjectChecksum.digest(.crc32, Array(text.utf8))
                let part = try await bucket.storePart(
                    number, of: upload.id, key: "key", Body(text: text), options: R2PartOptions(),
                    seal: { R2ObjectChecksum(.crc32, bytes: bytes) })
                #expect(part.checksum?.bytes == bytes)
                parts.append(R2UploadedPart(partNumber: number, etag: Hexadecimal.text(part.md5)))
            }
            let wrong = try #require(R2ObjectChecksum(.crc32, .composite, bytes: [1, 2, 3, 4]))
            let failure = await #expect(throws: R2Failure.self) {
                _ = try await bucket.complete(upload.id, key: "key", parts, checksum: wrong)
            }
            #expect(failure?.code == 10037)
            let object = try await bucket.complete(upload.id, key: "key", parts)
            #expect(object.checksum?.kind == .composite)
            #expect(Hexadecimal.text(object.checksum?.bytes ?? []) == "0606ec24")
            #expect(try await bucket.head("key") == object)
            #expect(try await bucket.record("key")?.partSizes == [7, 5])
            #expect(try await bucket.get("key")?.text() == "hello, world")
        }
    }

    @Test(arguments: R2ObjectChecksum.Algorithm.allCases)
    func `cyclic checks of parts make the check of the whole`(algorithm: R2ObjectChecksum.Algorithm) throws {
        // The check value of each: of “123456789”.
        let known = [
            R2ObjectChecksum.Algorithm.crc32: "cbf43926", .crc32c: "e3069283", .crc64nvme: "ae8b14860a799888",
        ]
        let digits = Array("123456789".utf8)
        let parts = [digits[..<4], digits[4..<4], digits[4...]].map { part in
            (R2ObjectChecksum(algorithm, bytes: R2ObjectChecksum.digest(algorithm, Array(part))), part.count)
        }
        let joined = R2ObjectChecksum.joined(.init(algorithm, .fullObject), parts)
        guard let known = known[algorithm] else {
            #expect(joined == nil)
            return
        }
        #expect(Hexadecimal.text(R2ObjectChecksum.digest(algorithm, digits)) == known)
        #expect(joined.map { Hexadecimal.text($0.bytes) } == known)
        #expect(R2ObjectChecksum(stored: joined?.stored ?? "") == joined)
    }

    @Test(arguments: R2Implementation.allCases)
    func `a put that its seal refuses stores nothing`(implementation: R2Implementation) async throws {
        try await with(implementation) { bucket, _ in
            await #expect(throws: Refused.self) {
                _ = try await bucket.store("key", "value", options: R2PutOptions(), seal: { throw Refused() })
            }
            let found = try await bucket.head("key")
            #expect(found == nil)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `each key of a removal has its own outcome`(implementation: R2Implementation) async throws {
        try await with(implementation) { bucket, _ in
            for key in ["a", "b", "c"] { try await bucket.put(key, "value") }
            let etag = try #require(try await bucket.head("b")?.etag)
            let outcome = try await bucket.remove([
                R2Removal("a", onlyIf: R2Conditional(etagMatches: "other")),
                R2Removal("b", onlyIf: R2Conditional(etagMatches: R2ETag(etag))),
                R2Removal("c"), R2Removal("none"), R2Removal(""),
                R2Removal("none", onlyIf: R2Conditional(etagMatches: "*")),
            ])
            #expect(outcome == [.preconditionFailed, nil, nil, nil, .invalidObjectName, .preconditionFailed])
            #expect(try await bucket.list().objects.map(\.key) == ["a"])
            await #expect(throws: R2Failure.self) {
                _ = try await bucket.remove((0...1000).map { R2Removal("key-\($0)") })
            }
        }
    }
}
