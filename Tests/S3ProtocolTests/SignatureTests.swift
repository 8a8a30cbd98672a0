import Testing

@testable import S3Protocol

/// The examples of the Amazon S3 API Reference, "Examples: Signature calculations" and "Authenticating requests: using query
/// parameters".
@Suite struct SignatureTests {
    private static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    private static let credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    private static let time = "20130524T000000Z"
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    /// Seconds since 1970.
    private static let now = 1_369_353_600.0

    private static func request(
        _ method: String = "GET", _ path: String, _ query: String? = nil, payload: String = empty,
        _ fields: [(name: String, value: String)] = []
    ) -> SignedRequest {
        let own = [("host", "examplebucket.s3.amazonaws.com"), ("X-Amz-Date", time), ("x-amz-content-sha256", payload)]
        return SignedRequest(method: method, path: path, query: query, fields: own + fields)
    }

    private static func authorization(_ signed: String, _ signature: String) -> (name: String, value: String) {
        (
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=\(credential), SignedHeaders=\(signed),Signature=\(signature)"
        )
    }

    private static let examples: [(SignedRequest, String)] = [
        (
            request("GET", "/test.txt", nil, [("Range", "bytes=0-9")]),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        (
            request(
                "PUT", "/test%24file.text",
                payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
                [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        (
            request("GET", "/", "lifecycle"), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        (
            request("GET", "/", "max-keys=2&prefix=J"),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ]

    @Test("the published examples have the published signatures", arguments: examples)
    func published(request: SignedRequest, signature: String) throws {
        let names = request.fields.map { $0.name.lowercased() }.sorted()
        var signed = request
        signed.fields.append(Self.authorization(names.joined(separator: ";"), signature))
        let claim = try #require(try SignatureClaim(signed))
        #expect(claim.accessKeyID == "AKIAIOSFODNN7EXAMPLE")
        let payload = request.fields.first { $0.name == "x-amz-content-sha256" }?.value
        _ = try claim.verify(signed, secret: Self.secret, payload: payload, now: Self.now)
        #expect(throws: S3Error.signatureDoesNotMatch) {
            _ = try claim.verify(signed, secret: Self.secret + "x", payload: payload, now: Self.now)
        }
        for change in ["/other", request.path + "/"] {
            var other = signed
            other.path = change
            #expect(throws: S3Error.signatureDoesNotMatch) {
                _ = try claim.verify(other, secret: Self.secret, payload: payload, now: Self.now)
            }
        }
    }

    @Test("a signature is good for a quarter of an hour", arguments: [-901.0, -900, 0, 900, 901])
    func skew(seconds: Double) throws {
        var (request, signature) = Self.examples[3]
        request.fields.append(Self.authorization("host;x-amz-content-sha256;x-amz-date", signature))
        let claim = try #require(try SignatureClaim(request))
        let verdict = Result { () throws(S3Error) in
            _ = try claim.verify(request, secret: Self.secret, payload: Self.empty, now: Self.now + seconds)
        }
        if abs(seconds) > 900 {
            #expect(throws: S3Error.skewed) { try verdict.get() }
        } else {
            try verdict.get()
        }
    }

    private static func presigned(
        _ changes: [String: String] = [:], signature: String
    ) -> SignedRequest {
        let parameters = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"),
            ("X-Amz-Date", time), ("X-Amz-Expires", "86400"), ("X-Amz-SignedHeaders", "host"),
            ("X-Amz-Signature", signature),
        ]
        let query = parameters.map { "\($0.0)=\(changes[$0.0] ?? $0.1)" }.joined(separator: "&")
        return SignedRequest(
            method: "GET", path: "/test.txt", query: query, fields: [("Host", "examplebucket.s3.amazonaws.com")])
    }

    private static let presignature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"

    @Test func `a presigned URL holds until its time is over`() throws {
        let request = Self.presigned(signature: Self.presignature)
        let claim = try #require(try SignatureClaim(request))
        for age in [-900.0, 0, 86_400] {
            _ = try claim.verify(request, secret: Self.secret, payload: nil, now: Self.now + age)
        }
        #expect(throws: S3Error.expired) {
            _ = try claim.verify(request, secret: Self.secret, payload: nil, now: Self.now + 86_401)
        }
        var other = request
        other.method = "PUT"
        #expect(throws: S3Error.signatureDoesNotMatch) {
            _ = try claim.verify(other, secret: Self.secret, payload: nil, now: Self.now)
        }
    }

    @Test(
        "a presigned URL that cannot be read is refused with the reason",
        arguments: [
            ("X-Amz-Expires", "0", "InvalidArgument"), ("X-Amz-Expires", "604801", "InvalidArgument"),
            ("X-Amz-Expires", "x", "InvalidArgument"), ("X-Amz-Algorithm", "AWS4-X", "InvalidArgument"),
            ("X-Amz-Date", "yesterday", "AuthorizationHeaderMalformed"),
            ("X-Amz-Date", "20130525T000000Z", "AuthorizationHeaderMalformed"),
            ("X-Amz-Credential", "A%2F20130524%2Fus-east-1%2Fs3", "AuthorizationHeaderMalformed"),
            ("X-Amz-Credential", "A%2F20130524%2Feu-west-1%2Fs3%2Faws4_request", "InvalidRegionName"),
            ("X-Amz-Credential", "A%2F20130524%2Fauto%2Fsqs%2Faws4_request", "AuthorizationHeaderMalformed"),
            ("X-Amz-SignedHeaders", "range", "AuthorizationHeaderMalformed"),
        ])
    func unreadable(name: String, value: String, code: String) {
        let error = #expect(throws: S3Error.self) {
            _ = try SignatureClaim(Self.presigned([name: value], signature: Self.presignature))
        }
        #expect(error?.code == code)
    }

    @Test func `a request without a signature claims nothing`() throws {
        #expect(try SignatureClaim(Self.request("GET", "/")) == nil)
    }

    @Test(
        "times are read and written as signatures have them",
        arguments: [
            ("19700101T000000Z", 0), ("20000229T235959Z", 951_868_799), ("20130524T000000Z", 1_369_353_600),
            ("20991231T120000Z", 4_102_401_600),
        ])
    func times(text: String, seconds: Int) {
        #expect(SignatureTime(text)?.seconds == seconds)
        #expect(SignatureTime(seconds: seconds).text == text)
    }

    @Test(
        "what is no time is none",
        arguments: ["", "20130524", "20130524T000000", "20131324T000000Z", "20130524 000000Z", "2013-5-24T00:00Z"])
    func noTime(text: String) { #expect(SignatureTime(text) == nil) }
}
