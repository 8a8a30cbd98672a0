import Testing
import Workers
import WorkersTesting

@Suite struct R2CopyTests {
    private let source = R2Place(bucket: "one", key: "old")

    private func with(
        _ implementation: R2Implementation, _ body: (LocalR2Buckets, any R2TestClock) async throws -> Void
    ) async throws {
        try await implementation.withBuckets { buckets, clock in
            try await buckets.create("one")
            try await buckets.create("two")
            let options = R2PutOptions(
                httpMetadata: R2HTTPMetadata(contentType: "text/plain", cacheControl: "no-store"),
                customMetadata: ["a": "1", "b": "2"], storageClass: .infrequentAccess)
            _ = try await buckets.existing("one").store(
                "old", "0123456789", options: options,
                seal: { R2ObjectChecksum(.crc32, bytes: [0xA6, 0x84, 0xC7, 0xC6]) })
            try await body(buckets, clock)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a copy in another bucket outlives its source`(implementation: R2Implementation) async throws {
        try await with(implementation) { buckets, clock in
            clock.advance(by: 5)
            let target = R2Place(bucket: "two", key: "new")
            let copy = try await buckets.copy(source, to: target, options: R2CopyOptions())
            let old = try #require(try await buckets.existing("one").head("old"))
            #expect(copy.key == "new" && copy.etag == old.etag && copy.version != old.version)
            #expect(copy.uploaded == old.uploaded + 5)
            #expect(copy.customMetadata == ["a": "1", "b": "2"] && copy.storageClass == .infrequentAccess)
            #expect(copy.checksum == old.checksum && copy.checksum != nil)
            try await buckets.existing("one").delete("old")
            #expect(try await buckets.existing("two").get("new")?.text() == "0123456789")
            #expect(try await buckets.existing("two").head("new") == copy)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `metadata is replaced or merged as asked`(implementation: R2Implementation) async throws {
        try await with(implementation) { buckets, _ in
            var options = R2CopyOptions()
            options.storageClass = .standard
            let http = R2HTTPMetadata(contentType: "text/css")
            options.metadata = .merge(http, ["b": "3", "c": "4"])
            // Onto itself.
            let merged = try await buckets.copy(source, to: source, options: options)
            #expect(merged.httpMetadata == R2HTTPMetadata(contentType: "text/css", cacheControl: "no-store"))
            #expect(merged.customMetadata == ["a": "1", "b": "3", "c": "4"] && merged.storageClass == .standard)
            options.metadata = .replace(http, ["d": "5"])
            let replaced = try await buckets.copy(source, to: source, options: options)
            #expect(replaced.httpMetadata == http && replaced.customMetadata == ["d": "5"])
            #expect(try await buckets.existing("one").get("old")?.text() == "0123456789")
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `conditions on either side stop a copy`(implementation: R2Implementation) async throws {
        try await with(implementation) { buckets, _ in
            let target = R2Place(bucket: "two", key: "new")
            var options = R2CopyOptions()
            options.sourceOnlyIf = R2Conditional(etagMatches: "other")
            await #expect(throws: R2Failure.preconditionFailed) {
                _ = try await buckets.copy(source, to: target, options: options)
            }
            options.sourceOnlyIf = R2Conditional(etagMatches: "*")
            options.onlyIf = R2Conditional(etagDoesNotMatch: "*")
            _ = try await buckets.copy(source, to: target, options: options)
            await #expect(throws: R2Failure.preconditionFailed) {
                _ = try await buckets.copy(source, to: target, options: options)
            }
            for missing in [R2Place(bucket: "one", key: "none"), R2Place(bucket: "three", key: "old")] {
                let failure = missing.bucket == "one" ? R2Failure.noSuchKey : .noSuchBucket
                await #expect(throws: failure) {
                    _ = try await buckets.copy(missing, to: target, options: R2CopyOptions())
                }
            }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `an encrypted object is copied to another key, or to none`(implementation: R2Implementation) async throws {
        try await with(implementation) { buckets, _ in
            let bucket = buckets.existing("one")
            let (first, second) = (
                R2EncryptionKey.bytes(R2Content.bytes(32)), R2EncryptionKey.bytes(R2Content.bytes(32, seed: 9))
            )
            try await bucket.put("secret", "hidden text", options: R2PutOptions(ssecKey: first))
            let from = R2Place(bucket: "one", key: "secret")
            await #expect(throws: R2Failure.encryptionKeyMissing) {
                _ = try await buckets.copy(from, to: source, options: R2CopyOptions())
            }
            var options = R2CopyOptions()
            (options.sourceKey, options.ssecKey) = (first, second)
            let copy = try await buckets.copy(from, to: R2Place(bucket: "two", key: "secret"), options: options)
            #expect(copy.ssecKeyMd5 != nil)
            let read = try await buckets.existing("two").fetch("secret", options: R2GetOptions(ssecKey: second))
            #expect(try await read?.body?.text() == "hidden text")
            (options.sourceKey, options.ssecKey) = (first, nil)
            let plain = try await buckets.copy(from, to: R2Place(bucket: "two", key: "plain"), options: options)
            #expect(plain.ssecKeyMd5 == nil)
            #expect(try await buckets.existing("two").get("plain")?.text() == "hidden text")
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a range becomes a part`(implementation: R2Implementation) async throws {
        try await with(implementation) { buckets, _ in
            let bucket = buckets.existing("two")
            let upload = try await bucket.begin("joined", options: R2MultipartOptions())
            let target = R2Place(bucket: "two", key: "joined")
            let part = try await buckets.copyPart(
                source, range: 2..<5, to: target, uploadID: upload.id, number: 1, options: R2CopyOptions())
            #expect(part.size == 3)
            await #expect(throws: R2Failure.invalidRange) {
                _ = try await buckets.copyPart(
                    source, range: 5..<11, to: target, uploadID: upload.id, number: 2, options: R2CopyOptions())
            }
            _ = try await bucket.complete(
                upload.id, key: "joined", [R2UploadedPart(partNumber: 1, etag: part.etag)])
            #expect(try await bucket.get("joined")?.text() == "234")
        }
    }
}
