import Testing
import Workers
import WorkersTesting

@Suite struct R2EncryptionTests {
    private let key = R2EncryptionKey.hex("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F")

    @Test(arguments: R2Implementation.allCases)
    func `encrypted content comes back whole and in part`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            for size in [0, 1, 65_535, 65_536, 65_537, 200_000] {
                let bytes = R2Content.bytes(size)
                let stored = try #require(try await bucket.put("key", bytes, options: R2PutOptions(ssecKey: key)))
                let plain = try #require(try await bucket.put("plain", bytes))
                #expect(stored.size == size && stored.etag == plain.etag && stored.checksums == plain.checksums)
                #expect(stored.ssecKeyMd5 == "b4ffcb23737cec315a4a4d1aa2a620ce")
                #expect(try await bucket.head("key") == stored)
                let whole = try await bucket.get("key", options: R2GetOptions(ssecKey: key))
                #expect(try await whole?.body?.bytes() == bytes)
                for range in [0..<1, 65_535..<65_536, 65_536..<65_537, 1000..<150_000, 199_999..<200_000]
                where range.upperBound <= size {
                    let wanted = R2Range(offset: range.lowerBound, length: range.count)
                    let part = try await bucket.get("key", options: R2GetOptions(range: wanted, ssecKey: key))
                    #expect(try await part?.body?.bytes() == Array(bytes[range]))
                }
            }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `nothing is read with another key, without one, or with one too many`(
        implementation: R2Implementation
    ) async throws {
        try await implementation.withBucket { bucket, _ in
            let stored = try await bucket.put("key", "value", options: R2PutOptions(ssecKey: key))
            try await bucket.put("plain", "value")
            let other = R2EncryptionKey.bytes(R2Content.bytes(32))
            await #expect(throws: R2Failure.encryptionKeyWrong) {
                _ = try await bucket.fetch("key", options: R2GetOptions(ssecKey: other))
            }
            await #expect(throws: R2Failure.encryptionKeyMissing) {
                _ = try await bucket.fetch("key", options: R2GetOptions())
            }
            await #expect(throws: R2Failure.encryptionKeyMissing) {
                _ = try await bucket.fetch("plain", options: R2GetOptions(ssecKey: key))
            }
            let error = await #expect(throws: WorkersError.self) { try await bucket.get("key") }
            #expect(error?.code == 10003)
            #expect(throws: R2Failure.encryptionKeyWrong) { try stored?.checkKey(other) }
            try stored?.checkKey(key)
            let short = R2EncryptionKey.bytes([1, 2, 3])
            let refused = await #expect(throws: WorkersError.self) {
                try await bucket.put("key", "value", options: R2PutOptions(ssecKey: short))
            }
            #expect(refused?.name == .typeError)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `parts are encrypted with the key of their upload`(implementation: R2Implementation) async throws {
        var limits = R2Limits()
        limits.minPartBytes = 1
        try await implementation.withBucket(limits: limits) { bucket, _ in
            let upload = try await bucket.createMultipartUpload("key", options: R2MultipartOptions(ssecKey: key))
            let parts = [R2Content.bytes(100_000), R2Content.bytes(100_000, seed: 7), R2Content.bytes(10, seed: 8)]
            var stored: [R2UploadedPart] = []
            for (index, bytes) in parts.enumerated() {
                let body = Body(bytes: bytes)
                stored.append(try await upload.uploadPart(index + 1, body, options: R2PartOptions(ssecKey: key)))
            }
            await #expect(throws: WorkersError.self) { try await upload.uploadPart(4, "no key") }
            let object = try await upload.complete(stored)
            #expect(object.size == 200_010 && object.ssecKeyMd5 != nil)
            #expect(try await bucket.record("key")?.partSizes == [100_000, 100_000, 10])
            let all = parts.flatMap(\.self)
            for range in [0..<200_010, 99_990..<100_010, 199_999..<200_005, 70_000..<180_000] {
                let wanted = R2Range(offset: range.lowerBound, length: range.count)
                let part = try await bucket.get("key", options: R2GetOptions(range: wanted, ssecKey: key))
                #expect(try await part?.body?.bytes() == Array(all[range]))
            }
        }
    }

    @Test func `neither the content nor the key reaches the disk`() async throws {
        try await R2Folder.with { folder in
            let secret = R2Content.bytes(32, seed: 3)
            let text = String(repeating: "a telling phrase ", count: 20)
            try await folder.open { state in
                let options = R2PutOptions(ssecKey: .bytes(secret))
                try await state.bucket("files").put("key", text, options: options)
            }
            for bytes in try folder.contents() {
                #expect(!bytes.contains(Array("telling".utf8)))
                #expect(!bytes.contains(secret))
            }
        }
    }

    @Test func `a key says nothing of itself`() {
        #expect("\(key)" == "an SSE-C key")
        #expect(String(reflecting: R2PutOptions(ssecKey: key)).contains("000102") == false)
    }
}
