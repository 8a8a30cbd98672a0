import Testing
import Workers
import WorkersTesting

/// Buckets as things that are made, listed and removed.
@Suite struct R2BucketsTests {
    @Test(arguments: R2Implementation.allCases)
    func `a bucket is made once`(implementation: R2Implementation) async throws {
        try await implementation.withBuckets { buckets, _ in
            let made = try await buckets.create("files", location: "WEUR", storageClass: .infrequentAccess)
            #expect(made.created == 1_770_000_000)
            #expect(try await buckets.info("files") == made)
            #expect(try await buckets.info("other") == nil)
            await #expect(throws: R2Failure.bucketConflict) { try await buckets.create("files") }
            let isNew = try await buckets.ensure("files")
            #expect(!isNew)
            // As a configuration may name it.
            #expect(try await buckets.ensure("FILES_preview"))
        }
    }

    @Test(arguments: [
        "ab", String(repeating: "a", count: 64), "Files", "my.files", "my_files", "-files", "files-", "f\u{E9}es", "",
    ])
    func `a name that no bucket can have is refused`(name: String) async throws {
        await #expect(throws: R2Failure.invalidBucketName) { try await LocalR2Buckets.inMemory().create(name) }
    }

    @Test(arguments: R2Implementation.allCases)
    func `buckets are listed by name, page by page`(implementation: R2Implementation) async throws {
        try await implementation.withBuckets { buckets, clock in
            for name in ["logs-2", "alpha", "logs-10", "logs-1"] {
                try await buckets.create(name)
                clock.advance(by: 1)
            }
            let all = try await buckets.list()
            #expect(all.buckets.map(\.name) == ["alpha", "logs-1", "logs-10", "logs-2"])
            #expect(all.buckets.map(\.created) == [1_770_000_001, 1_770_000_003, 1_770_000_002, 1_770_000_000])
            let first = try await buckets.list(prefix: "logs-", limit: 2)
            #expect(first.buckets.map(\.name) == ["logs-1", "logs-10"] && first.isTruncated)
            let second = try await buckets.list(prefix: "logs-", startAfter: "logs-10", limit: 2)
            #expect(second.buckets.map(\.name) == ["logs-2"] && !second.isTruncated)
            await #expect(throws: R2Failure.invalidMaxKeys) { try await buckets.list(limit: 0) }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `only an empty bucket can be removed, and then nothing of it is left`(
        implementation: R2Implementation
    ) async throws {
        try await implementation.withBuckets { buckets, _ in
            await #expect(throws: R2Failure.noSuchBucket) { try await buckets.delete("files") }
            try await buckets.create("files")
            let bucket = buckets.existing("files")
            try await bucket.setLifecycle([])
            let rule = R2CORSConfiguration.Rule(origins: ["*"], methods: ["GET"])
            try await bucket.setCORS(R2CORSConfiguration([rule]))
            _ = try await bucket.begin("half", options: R2MultipartOptions())
            try await bucket.put("key", "value")
            await #expect(throws: R2Failure.bucketNotEmpty) { try await buckets.delete("files") }
            try await bucket.delete("key")
            try await buckets.delete("files")

            await #expect(throws: R2Failure.noSuchBucket) { _ = try await bucket.record("key") }
            await #expect(throws: R2Failure.noSuchBucket) {
                _ = try await bucket.store("key", "value", options: R2PutOptions(), seal: { nil })
            }
            await #expect(throws: R2Failure.noSuchBucket) {
                _ = try await bucket.fetch("key", options: R2GetOptions())
            }
            try await buckets.create("files")
            #expect(try await bucket.cors() == nil)
            #expect(try await bucket.lifecycle() == [.initial])
            #expect(try await bucket.uploads(R2UploadQuery()).uploads.isEmpty)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `what a binding writes to exists from then on`(implementation: R2Implementation) async throws {
        try await implementation.withBuckets { buckets, _ in
            let bound = buckets.bound("files")
            #expect(try await bound.head("key") == nil)
            #expect(try await buckets.list().buckets.isEmpty)
            try await bound.put("key", "value")
            #expect(try await buckets.list().buckets.map(\.name) == ["files"])
            #expect(try await buckets.existing("files").get("key")?.text() == "value")
        }
    }
}
