import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import EdgeServer

/// What a parser made of some bytes, however they were cut.
private struct Reading: Equatable {
    /// Heads, whole bodies and ends.
    var parts: [String] = []
    var failed = false

    mutating func add(_ head: String, _ fields: HTTPHeaders) {
        parts.append(head + fields.map { "|\($0.name): \($0.value)" }.joined())
    }

    mutating func add(_ bytes: ByteBuffer) {
        let text = bytes.readableBytesView.map { String($0, radix: 16) }.joined(separator: " ") + " "
        // A body comes in as many parts as there were reads.
        if let last = parts.last, last.hasPrefix("body ") {
            parts[parts.count - 1] = last + text
        } else {
            parts.append("body " + text)
        }
    }

    mutating func end(_ trailers: HTTPHeaders?) { add("end", trailers ?? [:]) }
}

@Suite struct HTTPCodecFuzzTests {
    private static let requests = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /x?y HTTP/1.0\r\nConnection: keep-alive\r\n\r\nHEAD /z HTTP/1.1\r\nhost: b:80\r\nX:\r\n\r\n",
        "\r\nPOST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0A\r\n0123456789\r\n0\r\n"
            + "T: 1\r\n\r\nGET /q HTTP/1.1\r\nHost: a\r\n\r\n",
        "OPTIONS http://a/x HTTP/1.1\r\nHost: a\r\nUpgrade-Insecure-Requests: 1\r\nAccept: é\t, \u{10FE80}\r\n\r\n",
        "DELETE /\(String(repeating: "a", count: 70)) HTTP/1.1\r\nHost: a\r\n\(String(repeating: "X: 1\r\n", count: 9))\r\n",
    ]

    private static let responses = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.0 200 OK\r\n\r\nhello",
        "HTTP/1.1 299\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nT: 1\r\n\r\n"
            + "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\nHTTP/1.1 999 \r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nanything",
    ]

    private static let tokens = [
        "\r\n", "\r\n\r\n", "\n", "\r", "GET", "POST", " ", "/", " HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", "Host: a\r\n",
        ":",
        "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "5", "0\r\n\r\n", ";x", "\t",
        ",",
    ]

    private static var limits: HTTPLimits {
        var limits = HTTPLimits()
        limits.target = 64
        limits.headerList = 512
        limits.headerCount = 10
        return limits
    }

    // MARK: Requests

    @Test func `requests read the same however their bytes are cut, and stay within the limits`() {
        var fuzzer = Fuzzer()
        var cuts = Mutation(seed: 1)
        let failure = fuzzer.run(HTTPCodecFuzzTests.requests, tokens: HTTPCodecFuzzTests.tokens) { input in
            let whole = request([input])
            return whole.isWithinLimits && request(pieces(of: input, &cuts)).reading == whole.reading
                && request(input.map { [$0] }).reading == whole.reading
        }
        #expect(failure == nil)
    }

    private func request(_ pieces: [[UInt8]]) -> (reading: Reading, isWithinLimits: Bool) {
        let limits = HTTPCodecFuzzTests.limits
        var parser = RequestParser(limits: limits)
        var buffer = ByteBuffer()
        var reading = Reading()
        var isWithinLimits = true
        do {
            for piece in pieces {
                buffer.discardReadBytes()
                buffer.writeBytes(piece)
                while let part = try parser.next(&buffer) {
                    switch part {
                    case .head(let head):
                        reading.add("\(head.method) \(head.uri) \(head.version)", head.headers)
                        let size = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count }
                        isWithinLimits =
                            isWithinLimits && head.uri.utf8.count <= limits.target && size <= limits.headerList
                            && head.headers.count <= limits.headerCount
                    case .body(let bytes): reading.add(bytes)
                    case .end(let trailers):
                        reading.end(trailers)
                        isWithinLimits = isWithinLimits && (trailers?.count ?? 0) <= limits.headerCount
                    }
                }
                // Nothing incomplete is kept beyond the limits: neither a head nor a line of a chunk.
                isWithinLimits = isWithinLimits && buffer.readableBytes <= limits.headerList + limits.target
            }
            try parser.finish(buffer)
        } catch {
            reading.failed = true
        }
        return (reading, isWithinLimits)
    }

    private func pieces(of input: [UInt8], _ random: inout Mutation) -> [[UInt8]] {
        var rest = input[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let count = Int.random(in: 1...min(rest.count, 40), using: &random)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    @Test func `a head that is taken is taken by another parser, too, and says the same`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(HTTPCodecFuzzTests.requests, tokens: HTTPCodecFuzzTests.tokens) { input in
            guard let ours = firstHead(input), !isOursAlone(ours) else { return true }
            let channel = EmbeddedChannel(handler: ByteToMessageHandler(HTTPRequestDecoder()))
            defer { _ = try? channel.finish() }
            // What follows the head may be broken.
            _ = try? channel.writeInbound(ByteBuffer(bytes: input))
            guard case .head(let theirs)? = try? channel.readInbound(as: HTTPServerRequestPart.self) else {
                return false
            }
            return theirs.method == ours.method && theirs.uri == ours.uri && theirs.version == ours.version
                && theirs.headers.map(\.name) == ours.headers.map(\.name)
                // It leaves tabs behind a value.
                && theirs.headers.map { $0.value.trimmingCharacters(in: .whitespaces) } == ours.headers.map(\.value)
        }
        #expect(failure == nil)
    }

    @Test func `what is noted while a head is read is what its fields say`() {
        var fuzzer = Fuzzer()
        let names = [
            "Host: a", "Range: bytes=0-1", "Pragma: no-cache", "Expect: 100-continue", "Upgrade: x", "If-Range: x",
            "If-Match: *", "Connection: close", "If-None-Match: *", "Authorization: x", "Cache-Control: no-cache",
            "Content-Length: 1", "Sec-Fetch-Mode: navigate", "Accept-Encoding: br", "Transfer-Encoding: chunked",
            "If-Modified-Since: x", "If-Unmodified-Since: x", "X-Forwarded-For: b",
        ]
        let all = names.map { $0 + "\r\n" }
        let many = "GET / HTTP/1.1\r\n" + String(repeating: "X: 1\r\n", count: 70) + all.joined() + "\r\n"
        let each = all.map { "GET / HTTP/1.1\r\n\($0)\r\n" }
        let failure = fuzzer.run(each + [many], tokens: all) { input in
            var parser = RequestParser(limits: HTTPLimits())
            var buffer = ByteBuffer(bytes: input)
            guard case .head(let head)? = try? parser.next(&buffer) else { return true }
            return "\(parser.takeSummary())" == "\(RequestSummary(head.headers))"
        }
        #expect(failure == nil)
    }

    /// The first head, if the server would answer it.
    private func firstHead(_ input: [UInt8]) -> HTTPRequestHead? {
        var parser = RequestParser(limits: HTTPLimits())
        var buffer = ByteBuffer(bytes: input)
        guard case .head(let head)? = try? parser.next(&buffer),
            ServerProblem(head: head, summary: parser.takeSummary(), limits: HTTPLimits()) == nil
        else { return nil }
        return head
    }

    /// The reasons for which the other parser may differ.
    private func isOursAlone(_ head: HTTPRequestHead) -> Bool {
        // It knows a list of methods, where any token is one (RFC 9110 §9.1).
        if case .RAW = head.method { return true }
        // It replaces bytes that are no UTF-8.
        return head.headers.contains { $0.value.utf8.contains { $0 >= 0x80 } }
    }

    // MARK: Responses

    @Test func `responses read the same however their bytes are cut`() {
        var fuzzer = Fuzzer()
        var cuts = Mutation(seed: 2)
        let failure = fuzzer.run(HTTPCodecFuzzTests.responses, tokens: HTTPCodecFuzzTests.tokens) { input in
            let whole = response([input])
            return response(pieces(of: input, &cuts)) == whole && response(input.map { [$0] }) == whole
        }
        #expect(failure == nil)
    }

    private func response(_ pieces: [[UInt8]]) -> Reading {
        var parser = ResponseParser(limits: FieldLimits(size: 512, count: 10))
        for method in [HTTPMethod.GET, .GET, .HEAD, .GET] { parser.expect(method) }
        var buffer = ByteBuffer()
        var reading = Reading()
        do {
            for piece in pieces {
                buffer.discardReadBytes()
                buffer.writeBytes(piece)
                while let part = try parser.next(&buffer) { reading.add(part) }
            }
            if let end = try parser.finish(buffer) { reading.add(end) }
        } catch {
            reading.failed = true
        }
        return reading
    }

    @Test func `a response that is taken is taken by another parser, too, and says the same`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(HTTPCodecFuzzTests.responses, tokens: HTTPCodecFuzzTests.tokens) { input in
            var parser = ResponseParser(limits: FieldLimits(size: 65_536, count: 200))
            parser.expect(.GET)
            var buffer = ByteBuffer(bytes: input)
            guard case .head(let ours)? = try? parser.next(&buffer) else { return true }
            // It replaces bytes that are no UTF-8, as in requests.
            if input.contains(where: { $0 >= 0x80 }) { return true }
            // It takes a length once; the same one twice is one length (RFC 9110 §8.6).
            if ours.headers["content-length"].count > 1 { return true }
            let decoder = HTTPResponseDecoder(informationalResponseStrategy: .forward)
            let channel = EmbeddedChannel(handler: ByteToMessageHandler(decoder))
            defer { _ = try? channel.finish() }
            _ = try? channel.writeOutbound(
                HTTPClientRequestPart.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")))
            _ = try? channel.writeInbound(ByteBuffer(bytes: input))
            guard case .head(let theirs)? = try? channel.readInbound(as: HTTPClientResponsePart.self) else {
                return false
            }
            return theirs.status.code == ours.status.code && theirs.version == ours.version
                && theirs.headers.map(\.name) == ours.headers.map(\.name)
                && theirs.headers.map { $0.value.trimmingCharacters(in: .whitespaces) } == ours.headers.map(\.value)
        }
        #expect(failure == nil)
    }

    // MARK: Fields

    @Test func `every value of a field is sent as it came`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["é", "\u{10FE80}\u{10FEFF}\u{10FE7F}\u{10FFFF}", "\u{F780}a\u{FFFD}"]) { input in
            let text = input.withUnsafeBytes { FieldText.text($0) }
            return Array(text.utf8).withUnsafeBufferPointer { FieldText.bytes($0) } == input
        }
        #expect(failure == nil)
    }

    @Test func `what says whether a host is one has no way to crash`() {
        var fuzzer = Fuzzer()
        let failure = fuzzer.run(["a.example:80", "[::1]:8080", "a,b", ":80"]) { input in
            let text = String(decoding: input, as: UTF8.self)
            return !HostField.isValid(text)
                || !text.utf8.contains { $0 <= 0x20 || $0 >= 0x7F || $0 == 0x40 || $0 == 0x2F }
        }
        #expect(failure == nil)
    }
}

extension Reading {
    fileprivate mutating func add(_ part: HTTPClientResponsePart) {
        switch part {
        case .head(let head): add("\(head.version) \(head.status)", head.headers)
        case .body(let bytes): add(bytes)
        case .end(let trailers): end(trailers)
        }
    }
}
