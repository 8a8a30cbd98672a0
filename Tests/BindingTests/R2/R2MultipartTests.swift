import Testing
import Workers

/// Uploads in parts, beyond the vectors.
@Suite struct R2MultipartTests {
    private static var limits: R2Limits {
        var limits = R2Limits()
        limits.minPartBytes = 1000
        return limits
    }

    @Test(arguments: R2Implementation.allCases)
    func `parts become one object that can be read across their borders`(implementation: R2Implementation) async throws
    {
        try await implementation.withBucket(limits: Self.limits) { bucket, _ in
            let bytes = R2Content.bytes(450_000)
            let upload = try await bucket.createMultipartUpload("key")
            var parts: [R2UploadedPart] = []
            // The order in which they come does not matter.
            for number in [3, 1, 2] {
                let part = Array(bytes[(number - 1) * 150_000..<number * 150_000])
                parts.append(try await upload.uploadPart(number, Body(stream: R2Content.stream(part, chunk: 40_000))))
            }
            let object = try await upload.complete(parts)
            #expect(object.size == bytes.count)
            #expect(try await bucket.get("key")?.bytes() == bytes)
            for range in [149_999..<150_001, 100_000..<400_000, 299_000..<300_000, 449_999..<450_000] {
                let part = try await bucket.get("key", range: R2Range(offset: range.lowerBound, length: range.count))
                #expect(try await part?.bytes() == Array(bytes[range]))
            }
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `parts may come at the same time, and be equal`(implementation: R2Implementation) async throws {
        try await implementation.withBucket(limits: Self.limits) { bucket, _ in
            let upload = try await bucket.createMultipartUpload("key")
            let parts = try await withThrowingTaskGroup(of: R2UploadedPart.self) { group in
                for number in 1...20 {
                    group.addTask { try await upload.uploadPart(number, Body(bytes: R2Content.bytes(1000, seed: 7))) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(parts.map(\.etag)).count == 20)
            let object = try await upload.complete(parts)
            #expect(object.size == 20_000)
            #expect(object.etag.hasSuffix("-20"))
            let expected = Array(repeatElement(R2Content.bytes(1000, seed: 7), count: 20).joined())
            #expect(try await bucket.get("key")?.bytes() == expected)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a list that names a part twice is refused and the upload goes on`(
        implementation: R2Implementation
    ) async throws {
        try await implementation.withBucket(limits: Self.limits) { bucket, _ in
            let upload = try await bucket.createMultipartUpload("key")
            let part = try await upload.uploadPart(1, "part")
            let error = await #expect(throws: WorkersError.self) { try await upload.complete([part, part]) }
            #expect(error?.code == 10001)
            #expect(try await upload.complete([part]).size == 4)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `parts that together are too large make no object`(implementation: R2Implementation) async throws {
        var limits = Self.limits
        limits.maxObjectBytes = 2500
        try await implementation.withBucket(limits: limits) { bucket, _ in
            let upload = try await bucket.createMultipartUpload("key")
            var parts: [R2UploadedPart] = []
            for number in 1...3 {
                parts.append(try await upload.uploadPart(number, Body(bytes: R2Content.bytes(1000))))
            }
            let all = parts
            let error = await #expect(throws: WorkersError.self) { try await upload.complete(all) }
            #expect(error?.code == 100_100)
            let part = await #expect(throws: WorkersError.self) {
                try await upload.uploadPart(4, Body(bytes: R2Content.bytes(2501)))
            }
            #expect(
                part?.message == "uploadPart: Your proposed upload exceeds the maximum allowed object size. (100100)")
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `a part of unknown length is refused`(implementation: R2Implementation) async throws {
        try await implementation.withBucket { bucket, _ in
            let upload = try await bucket.createMultipartUpload("key")
            let error = await #expect(throws: WorkersError.self) {
                try await upload.uploadPart(1, Body(stream: BodyStream(chunks: [[1]])))
            }
            #expect(error?.name == .typeError)
        }
    }

    @Test(arguments: R2Implementation.allCases)
    func `an upload that is aborted while a part comes in takes no part`(implementation: R2Implementation) async throws
    {
        try await implementation.withBucket(limits: Self.limits) { bucket, _ in
            let upload = try await bucket.createMultipartUpload("key")
            // A write returns when the reader has taken it, so the part has been begun by then.
            let (writer, stream) = BodyStream.pipe(length: 2000, capacity: 1)
            let part = Task { try await upload.uploadPart(1, Body(stream: stream)) }
            try await writer.write(R2Content.bytes(1000))
            try await upload.abort()
            try await writer.write(R2Content.bytes(1000))
            writer.finish()
            let error = await #expect(throws: WorkersError.self) { try await part.value }
            #expect(error?.code == 10024)
        }
    }
}
