import Testing

@testable import S3Protocol

@Suite struct S3FuzzTests {
    /// What a body gives, or the code of its refusal.
    private static func outcome(_ body: [UInt8], piece: Int) -> String {
        var payload = ChunkedPayload(signatures: nil, hasTrailers: true, decodedLength: nil)
        var content: [UInt8] = []
        do throws(S3Error) {
            var place = 0
            while place < body.count {
                let end = min(body.count, place + piece)
                content += try payload.take(Array(body[place..<end]))
                place = end
            }
            try payload.finish()
        } catch {
            return error.code
        }
        let trailers = payload.trailers.map { "\($0.name):\($0.value)" }.joined(separator: ";")
        return "\(content) \(trailers)"
    }

    @Test func `a body in chunks says the same in whatever pieces it comes`() {
        var fuzzer = Fuzzer()
        let examples = [
            "5\r\nhello\r\n0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n", "a;x=y\r\n0123456789\r\n0\r\n\r\n",
        ]
        let failure = fuzzer.run(examples, tokens: ["\r\n", "0\r\n", "\r\n\r\n", ";", ":", "ffffff", "1\r\na\r\n"]) {
            input in
            let whole = Self.outcome(input, piece: max(1, input.count))
            return whole == Self.outcome(input, piece: 1) && whole == Self.outcome(input, piece: 7)
        }
        #expect(failure == nil)
    }

    @Test func `a claim that can be read names its signature, and none is proven by accident`() {
        var fuzzer = Fuzzer()
        let credential = "A%2F20130524%2Fauto%2Fs3%2Faws4_request"
        let examples = [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\(credential)&X-Amz-Date=20130524T000000Z"
                + "&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00",
            "AWS4-HMAC-SHA256 Credential=A/20130524/auto/s3/aws4_request, SignedHeaders=host, Signature=00",
        ]
        let tokens = ["&", "=", "%", "%2F", "/", ";", ",", " ", "X-Amz-Signature=", "Signature=", "20130524T000000Z"]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            let text = String(decoding: input, as: UTF8.self)
            let requests = [
                SignedRequest(method: "GET", path: "/" + text, query: text, fields: [("Host", "a")]),
                SignedRequest(
                    method: "GET", path: "/", query: nil,
                    fields: [("Host", "a"), ("x-amz-date", "20130524T000000Z"), ("Authorization", text)]),
            ]
            return requests.allSatisfy { request in
                guard let claim = try? SignatureClaim(request) else { return true }
                let key = try? claim.verify(request, secret: "s", payload: nil, now: 1_369_353_600)
                return key == nil && claim.signedFields.contains("host") && !claim.accessKeyID.isEmpty
            }
        }
        #expect(failure == nil)
    }
}
