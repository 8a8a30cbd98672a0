import Foundation
import HTTPTypes
import Testing
import Workers
import WorkersTesting

@Suite struct ConditionalVectors {
    static let file = VectorFile("conditional.json")

    @Test(.enabled(if: file.exists, file.missing), arguments: file.cases)
    func `a condition is decided as the vector says`(vector: VectorCase) async throws {
        let result: JSON
        do {
            result = try await run(vector)
        } catch {
            result = .failure(error)
        }
        // The absence of fields was seen while the response was there.
        let expected = JSON.object((vector.then.members ?? []).filter { $0.name != "absentHeaders" })
        let problems = VectorMatch(earlier: [], whole: []).verdict(result, expected)
        #expect(problems.isEmpty, "\(vector.id): \(problems)")
    }

    private func run(_ vector: VectorCase) async throws -> JSON {
        let store = MemoryR2Store()
        let bucket = LocalR2Bucket(store: store, limits: R2Limits(), now: { 0 }, makeToken: { "token" })
        if let given = vector.given["object"], given != .null {
            // With the etag of the vector, which is no hash of anything.
            let staged = try await store.stage(BodyStream(chunks: [Array("content".utf8)], length: 7), hashing: nil)
            let object = R2Object(
                key: "key", version: "version", size: 7, etag: given["etag"]?.string ?? "",
                uploaded: Self.seconds(given["uploaded"]?.string ?? "") ?? 0)
            let segment = try #require(staged.segment)
            try await store.write { try $0.save(R2Record(object: object, segments: [segment])) }
        }
        switch vector.when["op"]?.string {
        case "evaluate":
            let condition =
                try vector.when["onlyIf"].map { Self.condition($0) }
                ?? R2Conditional(Self.headers(vector.when["headers"] ?? .null))
            // A put asks the condition for an object that is there and for one that is not.
            let stored = try await bucket.put("key", "new", options: R2PutOptions(onlyIf: condition))
            return .object([.init("passes", .bool(stored != nil))])
        case "serve": return try await serve(vector, from: bucket)
        case let other: throw WorkersError(.error, "The operation \(other ?? "none") is not known.")
        }
    }

    private func serve(_ vector: VectorCase, from bucket: LocalR2Bucket) async throws -> JSON {
        let when = vector.when
        let method = HTTPRequest.Method(when["method"]?.string ?? "GET") ?? .get
        let request = Request(
            method, RequestURL(authority: "files.test", path: "/key"), headers: Self.headers(when["headers"] ?? .null))
        let response = try await bucket.serve(request, key: "key")
        for name in vector.then["absentHeaders"]?.array ?? [] {
            let field = try #require(name.string.flatMap { HTTPField.Name($0) })
            #expect(response.headers[field] == nil)
        }
        let fields = response.headers.map { JSON.Member($0.name.rawName, .string($0.value)) }
        return .object([
            .init("status", .integer(response.status.code)), .init("headers", .object(fields)),
            .init("hasBody", .bool(!response.body.isNull)),
        ])
    }

    // MARK: Values of both files

    static func headers(_ fields: JSON) -> Headers {
        var headers: Headers = [:]
        for member in fields.members ?? [] {
            if let name = HTTPField.Name(member.name) { headers[name] = member.value.string }
        }
        return headers
    }

    static func condition(_ json: JSON) -> R2Conditional {
        R2Conditional(
            etagMatches: json["etagMatches"]?.string.map { R2ETag($0) },
            etagDoesNotMatch: json["etagDoesNotMatch"]?.string.map { R2ETag($0) },
            uploadedBefore: json["uploadedBefore"]?.string.flatMap { seconds($0) },
            uploadedAfter: json["uploadedAfter"]?.string.flatMap { seconds($0) },
            secondsGranularity: json["secondsGranularity"]?.bool ?? false)
    }

    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    static func seconds(_ text: String) -> Double? { try? style.parse(text).timeIntervalSince1970 }
    static func text(_ seconds: Double) -> String { Date(timeIntervalSince1970: seconds).formatted(style) }
}
