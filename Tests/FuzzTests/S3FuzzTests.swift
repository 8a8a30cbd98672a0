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

@Suite struct S3DocumentFuzzTests {
    @Test func `a document that can be read says the same when it is written and read again`() {
        var fuzzer = Fuzzer()
        let examples = [
            "<?xml version=\"1.0\"?><Delete xmlns='x'><Object><Key>a&amp;&#65;</Key></Object><Quiet>true</Quiet></Delete>",
            "<a><!-- b --><c d=\"e\"/><![CDATA[f]]></a>",
        ]
        let tokens = [
            "<", ">", "/>", "</", "<!--", "-->", "<![CDATA[", "]]>", "&", ";", "&#x41;", "<!DOCTYPE", "'", "\"",
        ]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            guard let root = try? XMLReader.parse(input) else { return true }
            let written = XMLWriter.document("R", namespace: nil) { Self.write(root, &$0) }
            guard let again = try? XMLReader.parse(written) else { return false }
            return again.children == [root]
        }
        #expect(failure == nil)
    }

    /// An element has its text in front of its children here.
    private static func write(_ element: XMLElement, _ writer: inout XMLWriter) {
        writer.element(element.name) { writer in
            writer.raw(element.text)
            for child in element.children { write(child, &writer) }
        }
    }

    @Test func `requests are understood or refused, and never name more than they say`() {
        var fuzzer = Fuzzer()
        let examples = ["/b/k?partNumber=1&uploadId=u", "/b?list-type=2&prefix=a%2F&max-keys=5", "/b/a%2Fb//../c", "/"]
        let tokens = ["?", "&", "=", "%", "%2F", "/", "..", "uploads", "acl", "max-keys=", "uploadId="]
        let failure = fuzzer.run(examples, tokens: tokens) { input in
            let text = "/" + String(decoding: input, as: UTF8.self)
            let path = String(decoding: text.utf8.prefix { $0 != 0x3F }, as: UTF8.self)
            let query = S3Parameters(String(decoding: text.utf8.dropFirst(path.utf8.count + 1), as: UTF8.self))
            _ = try? S3ListQuery(query)
            _ = try? S3CopySource(text)
            _ = try? S3CopySource.range(text)
            let decoded = S3MetadataValue.decoded(text)
            guard S3MetadataValue.decoded(S3MetadataValue.encoded(decoded)) == decoded else { return false }
            guard let address = try? S3Address(host: "localhost", path: path) else { return true }
            for method in ["GET", "PUT", "POST", "DELETE", "HEAD"] {
                _ = try? S3Operation(
                    method: method, hasBucket: address.bucket != nil, hasKey: address.key != nil, isCopy: false,
                    parameters: query)
            }
            let length = (address.bucket?.utf8.count ?? 0) + (address.key?.utf8.count ?? 0)
            return length <= path.utf8.count
        }
        #expect(failure == nil)
    }
}
