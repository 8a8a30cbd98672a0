import HTTPTypes
import Testing
import Workers

/// A bucket that answers HTTP requests, beyond the vectors.
@Suite struct R2ServingTests {
    /// Ten bytes, written on 10 April 2026 12:30:15.600.
    private func ask(
        _ method: HTTPRequest.Method = .get, _ headers: Headers = [:], value: String = "0123456789",
        metadata: R2HTTPMetadata = R2HTTPMetadata(), key: String = "key"
    ) async throws -> Response {
        try await R2Implementation.memory.withBucket(now: 1_775_824_215.6) { bucket, _ in
            try await bucket.put("key", value, options: R2PutOptions(httpMetadata: metadata))
            let url = RequestURL(authority: "files.test", path: "/" + key)
            return try await bucket.serve(Request(method, url, headers: headers), key: key)
        }
    }

    private let etag = "\"781e5e245d69b566979b86e28d23f2c7\""

    @Test func `an object is served with what is known about it`() async throws {
        let metadata = R2HTTPMetadata(contentType: "text/plain", cacheControl: "max-age=60")
        let response = try await ask(metadata: metadata)
        #expect(response.status == .ok)
        let expected: [HTTPField.Name: String] = [
            .contentType: "text/plain", .cacheControl: "max-age=60", .contentLength: "10", .acceptRanges: "bytes",
            .eTag: etag, .lastModified: "Fri, 10 Apr 2026 12:30:15 GMT",
        ]
        for (name, value) in expected { #expect(response.headers[name] == value) }
        #expect(try await response.text() == "0123456789")
        #expect(try await ask().headers[.contentType] == "application/octet-stream")
    }

    @Test func `HEAD has the same headers and no body`() async throws {
        let response = try await ask(.head, [.range: "bytes=0-1"])
        #expect(response.status == .ok)
        #expect(response.headers[.contentLength] == "10")
        #expect(response.body.isNull)
    }

    @Test func `other methods and other keys are refused`() async throws {
        #expect(try await ask(.post).status == .unauthorized)
        #expect(try await ask(key: "other").status == .notFound)
        #expect(try await ask(key: "").status == .notFound)
        #expect(try await ask(key: String(repeating: "k", count: 1025)).status == .notFound)
    }

    @Test(arguments: [
        ("bytes=2-4", "234", "bytes 2-4/10"), ("bytes=7-", "789", "bytes 7-9/10"), ("bytes=-2", "89", "bytes 8-9/10"),
        ("Bytes=0-99", "0123456789", "bytes 0-9/10"), ("bytes=-99", "0123456789", "bytes 0-9/10"),
    ])
    func `one range is a part of the object`(range: String, body: String, content: String) async throws {
        let response = try await ask(.get, [.range: range])
        #expect(response.status == .partialContent)
        #expect(response.headers[.contentRange] == content)
        #expect(response.headers[.contentLength] == String(body.utf8.count))
        #expect(try await response.text() == body)
    }

    @Test(arguments: ["bytes=4-2", "bytes=", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes", "bytes=1-2-3"])
    func `a range that means nothing here is refused`(range: String) async throws {
        let response = try await ask(.get, [.range: range])
        #expect(response.status == .badRequest)
        #expect(response.body.isNull)
    }

    @Test(arguments: ["bytes=10-", "bytes=10-12", "bytes=99999999999999999999-", "bytes=-0"])
    func `a range outside the object says how long the object is`(range: String) async throws {
        let response = try await ask(.get, [.range: range])
        #expect(response.status == .rangeNotSatisfiable)
        #expect(response.headers[.contentRange] == "bytes */10")
    }

    @Test func `no range fits an empty object`() async throws {
        #expect(try await ask(value: "").status == .ok)
        for range in ["bytes=0-", "bytes=0-5", "bytes=-5"] {
            #expect(try await ask(.get, [.range: range], value: "").status == .rangeNotSatisfiable)
        }
    }

    @Test func `a part of another version is worth nothing, so the whole is sent`() async throws {
        func status(_ ifRange: String) async throws -> HTTPResponse.Status {
            try await ask(.get, [.range: "bytes=0-1", .ifRange: ifRange]).status
        }
        #expect(try await status(etag) == .partialContent)
        #expect(try await status("W/" + etag) == .ok)
        #expect(try await status("\"other\"") == .ok)
        #expect(try await status("Fri, 10 Apr 2026 12:30:15 GMT") == .partialContent)
        #expect(try await status("Fri, 10 Apr 2026 12:30:16 GMT") == .ok)
    }

    @Test func `conditions that cannot be read are refused, dates that are none are not there`() async throws {
        #expect(try await ask(.get, [.ifMatch: "no quotes"]).status == .badRequest)
        #expect(try await ask(.get, [.ifModifiedSince: "yesterday"]).status == .ok)
    }
}
