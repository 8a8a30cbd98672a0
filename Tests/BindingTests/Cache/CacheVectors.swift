import Foundation
import HTTPTypes
import Testing
import Workers
import WorkersTesting

private let file = VectorFile("cache-api.json")

@Suite struct CacheVectors {
    @Test(.enabled(if: file.exists, file.missing), arguments: file.cases, CacheImplementation.allCases)
    func cache(_ vector: VectorCase, _ implementation: CacheImplementation) async throws {
        let start = try vector.given["now"]?.string.map { try Date($0, strategy: .iso8601).timeIntervalSince1970 }
        let clock = TestClock(now: start ?? 1_700_000_000)
        try await implementation.with(
            clock: clock, isDisabled: vector.given["disabled"] == .bool(true),
            defaultsByStatus: vector.given["defaultTtlByStatus"] == .bool(true)
        ) { caches, _ in
            for (index, (step, expected)) in vector.steps.enumerated() {
                let result: JSON
                do {
                    result = try await CacheStep(step: step, caches: caches, clock: clock).run()
                } catch {
                    result = .failure(error)
                }
                let differences = VectorMatch(earlier: [], whole: ["body"]).verdict(result, CacheStep.plain(expected))
                #expect(differences == [], "step \(index): \(step.text)")
            }
        }
    }
}

/// One step of a case.
private struct CacheStep {
    let step: JSON
    let caches: any CacheStorage
    let clock: TestClock

    func run() async throws -> JSON {
        let options = CacheQueryOptions(ignoreMethod: step["options"]?["ignoreMethod"] == .bool(true))
        switch step["op"]?.string {
        case "advance":
            clock.advance(by: step["seconds"]?.number ?? 0)
            return .null
        case "open":
            _ = try await caches.open(VectorValue.text(step["cache"]) ?? "")
            return ok
        case "put":
            let response = response(step["response"] ?? .null)
            if let url = step["request"]?.string {
                try await cache().put(url, response)
            } else {
                try await cache().put(request(), response)
            }
            return ok
        case "match":
            let found =
                if let url = step["request"]?.string { try await cache().match(url, options: options) } else {
                    try await cache().match(request(), options: options)
                }
            return .object([.init("response", try await shown(found))])
        case "delete":
            let deleted =
                if let url = step["request"]?.string { try await cache().delete(url, options: options) } else {
                    try await cache().delete(request(), options: options)
                }
            return .object([.init("deleted", .bool(deleted))])
        default:
            throw WorkersError(.error, "unknown step \(step.text)")
        }
    }

    private var ok: JSON { .object([.init("ok", .bool(true))]) }

    private func cache() async throws -> any Cache {
        guard let name = VectorValue.text(step["cache"]) else { return caches.default }
        return try await caches.open(name)
    }

    private func request() throws -> Request {
        let given = try #require(step["request"])
        let url = try #require(URLComponents(string: given["url"]?.string ?? ""))
        let host = url.percentEncodedHost ?? ""
        let authority = url.port.map { "\(host):\($0)" } ?? host
        var request = Request(
            HTTPRequest.Method(rawValue: given["method"]?.string ?? "GET") ?? .get,
            RequestURL(
                scheme: url.scheme ?? "", authority: authority, path: url.percentEncodedPath,
                query: url.percentEncodedQuery))
        request.headers = headers(given["headers"])
        if let cf = given["cf"] { request.cf = cf }
        return request
    }

    private func response(_ given: JSON) -> Response {
        switch given["kind"]?.string {
        case "error": return Response(HTTPResponse.Status(code: 0))
        case "websocket": return Response(.switchingProtocols)
        default: break
        }
        let body: Body =
            if let value = given["body"], let stream = VectorValue.stream(value) {
                Body(stream: stream)
            } else if let value = given["body"], let bytes = VectorValue.bytes(value) { Body(bytes: bytes) } else {
                .empty
            }
        return Response(
            HTTPResponse.Status(code: given["status"]?.integer ?? 200), headers: headers(given["headers"]), body: body)
    }

    private func headers(_ given: JSON?) -> Headers {
        var headers = Headers()
        for member in given?.members ?? [] {
            if let name = HTTPField.Name(member.name), let value = member.value.string { headers[name] = value }
        }
        return headers
    }

    private func shown(_ response: Response?) async throws -> JSON {
        guard let response else { return .null }
        let bytes = try await response.bytes()
        let headers = response.headers.map { JSON.Member($0.name.canonicalName, .string($0.value)) }
        var members: [JSON.Member] = [
            .init("status", .integer(response.status.code)), .init("headers", .object(headers)),
            .init("hasBody", .bool(!response.body.isNull)), .init("body", CacheStep.bytes(bytes)),
        ]
        if let multipart = multipart(response, bytes) { members.append(.init("multipart", multipart)) }
        // Absent headers are expected as members that are not there.
        members.append(.init("absent", .object(headers)))
        return .object(members)
    }

    /// The parts of a `multipart/byteranges` body, for one that is formed exactly as specified.
    private func multipart(_ response: Response, _ bytes: [UInt8]) -> JSON? {
        let prefix = "multipart/byteranges; boundary="
        guard let type = response.headers[.contentType], type.hasPrefix(prefix) else { return nil }
        let boundary = type.dropFirst(prefix.count)
        let text = String(decoding: bytes, as: UTF8.self)
        guard response.headers[.contentLength] == String(bytes.count), text.hasSuffix("\r\n--\(boundary)--") else {
            return nil
        }
        // CR LF is one character.
        let pieces = text.dropLast(boundary.count + 5).components(separatedBy: "--\(boundary)\r\n").dropFirst()
        var contentType: JSON = .null
        var parts: [JSON] = []
        for (index, piece) in pieces.enumerated() {
            let halves = piece.components(separatedBy: "\r\n\r\n")
            guard halves.count == 2 else { return nil }
            let lines = halves[0].components(separatedBy: "\r\n")
            guard lines.count == 2, lines[0].hasPrefix("Content-Type: "), lines[1].hasPrefix("Content-Range: ") else {
                return nil
            }
            contentType = .string(String(lines[0].dropFirst(14)))
            let body = index < pieces.count - 1 ? String(halves[1].dropLast(1)) : halves[1]
            parts.append(
                .object([
                    .init("contentRange", .string(String(lines[1].dropFirst(15)))), .init("body", .string(body)),
                ]))
        }
        return .object([.init("contentType", contentType), .init("parts", .array(parts))])
    }

    /// Bytes as they are compared: base64, whatever form the vector writes them in.
    private static func bytes(_ bytes: [UInt8]) -> JSON { .string(Data(bytes).base64EncodedString()) }

    /// An expectation in which bodies are base64 and absent headers are members that must not be there.
    static func plain(_ expected: JSON) -> JSON {
        guard let response = expected["response"], case .object(let members) = response else { return expected }
        let changed = members.map { member in
            switch member.name {
            case "body": return JSON.Member("body", VectorValue.bytes(member.value).map(bytes) ?? .null)
            case "absentHeaders":
                let names = (member.value.array ?? []).compactMap(\.string)
                return JSON.Member("absent", .object(names.map { JSON.Member($0, .null) }))
            default: return member
            }
        }
        return .object([.init("response", .object(changed))])
    }
}
