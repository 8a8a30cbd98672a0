import Testing

@testable import S3Protocol

@Suite struct OperationTests {
    private static func operation(_ request: String, isCopy: Bool = false) throws(S3Error) -> S3Operation {
        let parts = request.split(separator: " ")
        let pieces = parts[1].split(separator: "?", maxSplits: 1)
        let address = try S3Address(host: "127.0.0.1:8789", path: String(pieces[0]))
        return try S3Operation(
            method: String(parts[0]), hasBucket: address.bucket != nil, hasKey: address.key != nil, isCopy: isCopy,
            parameters: S3Parameters(pieces.count > 1 ? String(pieces[1]) : nil))
    }

    @Test(
        "what a request asks for",
        arguments: [
            ("GET /", .listBuckets), ("PUT /b", .createBucket), ("PUT /b/", .createBucket), ("HEAD /b", .headBucket),
            ("DELETE /b", .deleteBucket), ("GET /b", .listObjects), ("GET /b?list-type=2", .listObjectsV2),
            ("GET /b?uploads", .listMultipartUploads), ("POST /b?delete", .deleteObjects),
            ("GET /b?location", .getBucketLocation), ("PUT /b?cors=", .putBucketCORS),
            ("DELETE /b?lifecycle", .deleteBucketLifecycle), ("GET /b?acl", .getUnused(.acl)),
            ("GET /b?object-lock", .getUnused(.objectLock)), ("GET /b/k", .getObject), ("HEAD /b/k", .headObject),
            ("PUT /b/k", .putObject), ("DELETE /b/k", .deleteObject), ("POST /b/k?uploads", .createMultipartUpload),
            ("PUT /b/k?partNumber=7&uploadId=u", .uploadPart(upload: "u", number: 7)),
            ("POST /b/k?uploadId=u", .completeMultipartUpload(upload: "u")),
            ("DELETE /b/k?uploadId=u", .abortMultipartUpload(upload: "u")),
            ("GET /b/k?uploadId=u", .listParts(upload: "u")), ("GET /b//", .getObject),
        ] as [(String, S3Operation)])
    func asks(request: String, expected: S3Operation) throws {
        #expect(try Self.operation(request) == expected)
    }

    @Test func `a copy is a put with a source`() throws {
        #expect(try Self.operation("PUT /b/k", isCopy: true) == .copyObject)
        let part = try Self.operation("PUT /b/k?partNumber=1&uploadId=u", isCopy: true)
        #expect(part == .uploadPartCopy(upload: "u", number: 1))
    }

    @Test(
        "what is not there",
        arguments: [
            ("GET /b?policy", 501), ("GET /b?versions", 501), ("PUT /b?acl", 501), ("PUT /b?encryption", 501),
            ("GET /b/k?versionId=1", 501), ("GET /b/k?acl", 501), ("PUT /b/k?tagging", 501), ("POST /b", 501),
            ("POST /b/k", 501), ("GET /b/k?attributes", 501), ("PATCH /b/k", 405), ("PUT /", 405),
            ("POST /b?cors", 405), ("PUT /b/k?partNumber=0&uploadId=u", 400), ("PUT /b/k?uploadId=u", 400),
            ("GET /b?list-type=3", 400), ("GET /b/%ff", 400), ("GET /b/%4", 400),
        ])
    func refuses(request: String, status: Int) {
        #expect { try Self.operation(request) } throws: { ($0 as? S3Error)?.status == status }
    }

    @Test(
        "which object a URL names",
        arguments: [
            ("localhost:8789", "/b/k", "b", "k"), ("127.0.0.1", "/b/a%2Fb//../c", "b", "a/b//../c"),
            ("b.localhost:8789", "/k", "b", "k"), ("b.s3.localhost", "/x/y", "b", "x/y"),
            ("B.LOCALHOST", "/", "b", nil),
            ("s3.localhost", "/b/k+1", "b", "k+1"), ("localhost", "/b", "b", nil), ("localhost", "/", nil, nil),
            ("[::1]:1", "/b/%E6%97%A5", "b", "日"),
        ] as [(String, String, String?, String?)])
    func address(host: String, path: String, bucket: String?, key: String?) throws {
        let address = try S3Address(host: host, path: path)
        #expect(address.bucket == bucket)
        #expect(address.key == key)
    }

    @Test(
        "ranges of copies",
        arguments: [
            ("bytes=0-9", 0..<10), ("bytes=5-5", 5..<6), ("bytes=5-4", nil), ("bytes=5-", nil), ("bytes=-5", nil),
            ("0-5", nil), ("bytes=0-1,3-4", nil), ("bytes=0-9223372036854775807", nil), ("bytes=+1-2", nil),
        ] as [(String, Range<Int>?)])
    func ranges(field: String, expected: Range<Int>?) {
        #expect((try? S3CopySource.range(field)) == expected)
    }

    @Test func `sources of copies`() throws {
        #expect(try S3CopySource("/b/a%20b").key == "a b")
        #expect(try S3CopySource("b/a/b").bucket == "b")
        for field in ["", "b", "/b/", "b/k?versionId=1", "/b/%zz"] {
            #expect(throws: S3Error.self) { try S3CopySource(field) }
        }
    }
}
