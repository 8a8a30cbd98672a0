import Foundation
import Testing
import Workers

@Suite struct R2Vectors {
    static let file = VectorFile("r2.json")

    @Test(
        .enabled(if: file.exists, file.missing),
        arguments: R2Implementation.allCases, file.cases)
    func `the binding answers as the vector says`(implementation: R2Implementation, vector: VectorCase) async throws {
        var limits = R2Limits()
        let given = vector.given["limits"]
        limits.maxObjectBytes = given?["maxObjectBytes"]?.integer ?? limits.maxObjectBytes
        limits.minPartBytes = given?["minPartBytes"]?.integer ?? limits.minPartBytes
        limits.maxCustomMetadataBytes = given?["maxCustomMetadataBytes"]?.integer ?? limits.maxCustomMetadataBytes
        try await implementation.withBucket(limits: limits, now: vector.given["now"]?.number) { bucket, clock in
            for entry in vector.given["objects"]?.array ?? [] {
                let options = R2PutOptions(
                    httpMetadata: try R2VectorRunner.httpMetadata(entry),
                    customMetadata: R2VectorRunner.texts(entry["customMetadata"]))
                let value = Body(bytes: VectorValue.bytes(entry["value"] ?? .null) ?? [])
                try await bucket.put(entry["key"]?.string ?? "", value, options: options)
            }
            var runner = R2VectorRunner(bucket: bucket, clock: clock)
            for (step, expected) in vector.steps {
                let match = VectorMatch(earlier: runner.results)
                let actual = await runner.run(step)
                if expected != .null || actual["error"] != nil {
                    let problems = match.verdict(actual, expected == .null ? .object([]) : expected)
                    #expect(problems.isEmpty, "\(vector.id), step \(runner.results.count - 1): \(problems)")
                }
            }
        }
    }
}

/// Runs the steps of a case against a bucket and keeps what they gave.
private struct R2VectorRunner {
    let bucket: LocalR2Bucket
    let clock: any R2TestClock
    var results: [JSON] = []
    private var uploads: [Int: any R2MultipartUpload] = [:]

    init(bucket: LocalR2Bucket, clock: any R2TestClock) {
        self.bucket = bucket
        self.clock = clock
    }

    mutating func run(_ step: JSON) async -> JSON {
        var result: JSON
        do {
            result = try await perform(step)
        } catch {
            result = .failure(error)
        }
        results.append(result)
        return result
    }

    private mutating func perform(_ step: JSON) async throws -> JSON {
        let key = VectorValue.text(step["key"]) ?? ""
        let options = step["options"]
        switch step["op"]?.string {
        case "advance":
            clock.advance(by: step["seconds"]?.number ?? 0)
            return Self.ok
        case "head": return .object([.init("object", Self.json(try await bucket.head(key)))])
        case "get": return try await get(key, options)
        case "put":
            let stored = try await bucket.put(key, Self.body(step["value"]), options: try Self.putOptions(options))
            return .object([.init("object", Self.json(stored))])
        case "delete":
            let keys = step["keys"].flatMap { VectorValue.list($0) } ?? []
            try await bucket.delete(keys.map { VectorValue.text($0) ?? "" })
            return Self.ok
        case "list": return try await list(options)
        case "createMultipartUpload":
            let upload = try await bucket.createMultipartUpload(
                key,
                options: R2MultipartOptions(
                    httpMetadata: try Self.httpMetadata(options ?? .null),
                    customMetadata: Self.texts(options?["customMetadata"])))
            return keep(upload)
        case "resumeMultipartUpload":
            return keep(bucket.resumeMultipartUpload(key, uploadID: resolved(step["uploadId"])?.string ?? ""))
        case "uploadPart":
            let part = try await upload(step).uploadPart(
                step["partNumber"]?.integer ?? 0, Self.body(step["value"]) ?? .empty)
            return .object([.init("partNumber", .integer(part.partNumber)), .init("etag", .string(part.etag))])
        case "completeMultipartUpload":
            let parts = (step["parts"]?.array ?? []).compactMap(resolved).map {
                R2UploadedPart(partNumber: $0["partNumber"]?.integer ?? 0, etag: $0["etag"]?.string ?? "")
            }
            return .object([.init("object", Self.json(try await upload(step).complete(parts)))])
        case "abortMultipartUpload":
            try await upload(step).abort()
            return Self.ok
        default: throw WorkersError(.error, "The step \(step.text) is not known.")
        }
    }

    private func get(_ key: String, _ options: JSON?) async throws -> JSON {
        var get = R2GetOptions()
        if let range = options?["range"] {
            get.range = R2Range(
                offset: range["offset"]?.integer, length: range["length"]?.integer, suffix: range["suffix"]?.integer)
        }
        if let field = options?["rangeHeader"]?.string { get.range = R2Range([.range: field]) }
        get.onlyIf = try R2VectorRunner.condition(options ?? .null)
        let found = try await bucket.get(key, options: get)
        var members: [JSON.Member] = [.init("object", Self.json(found?.object))]
        let text = try await found?.body?.text()
        if found != nil { members.append(.init("body", text.map { .string($0) } ?? .null)) }
        return .object(members)
    }

    private func list(_ options: JSON?) async throws -> JSON {
        let include = (options?["include"]?.array ?? []).compactMap(\.string)
        let page = try await bucket.list(
            R2ListOptions(
                prefix: options?["prefix"]?.string ?? "", delimiter: options?["delimiter"]?.string ?? "",
                startAfter: options?["startAfter"]?.string, cursor: resolved(options?["cursor"])?.string,
                limit: options?["limit"]?.integer ?? 1000, include: include.map { R2ListOptions.Include($0) }))
        return .object([
            .init("keys", .array(page.objects.map { .string($0.key) })),
            .init("objects", .array(page.objects.map { Self.json($0) })),
            .init("delimitedPrefixes", .array(page.delimitedPrefixes.map { .string($0) })),
            .init("truncated", .bool(page.truncated)), .init("cursor", page.cursor.map { .string($0) } ?? .null),
        ])
    }

    // MARK: Steps before

    private mutating func keep(_ upload: any R2MultipartUpload) -> JSON {
        uploads[results.count] = upload
        return .object([.init("key", .string(upload.key)), .init("uploadId", .string(upload.uploadID))])
    }

    private func upload(_ step: JSON) throws -> any R2MultipartUpload {
        guard let index = step["upload"]?["fromStep"]?.integer, let upload = uploads[index] else {
            throw WorkersError(.error, "The step \(step.text) names no upload.")
        }
        return upload
    }

    private func resolved(_ value: JSON?) -> JSON? {
        guard let index = value?["fromStep"]?.integer, results.indices.contains(index) else { return value }
        guard let field = value?["field"]?.string else { return results[index] }
        return results[index][field]
    }

    // MARK: Values

    private static let ok = JSON.object([.init("ok", .bool(true))])

    private static func body(_ value: JSON?) -> Body? {
        guard let value, value != .null else { return nil }
        if let stream = VectorValue.stream(value) { return Body(stream: stream) }
        return Body(bytes: VectorValue.bytes(value) ?? [])
    }

    private static func putOptions(_ options: JSON?) throws -> R2PutOptions {
        guard let options else { return R2PutOptions() }
        return R2PutOptions(
            httpMetadata: try httpMetadata(options), customMetadata: texts(options["customMetadata"]),
            md5: digest(options["md5"]), sha1: digest(options["sha1"]), sha256: digest(options["sha256"]),
            sha384: digest(options["sha384"]), sha512: digest(options["sha512"]), onlyIf: try condition(options),
            storageClass: options["storageClass"]?.string.flatMap { R2StorageClass(rawValue: $0) } ?? .standard)
    }

    private static func digest(_ value: JSON?) -> R2Digest? {
        guard let value else { return nil }
        if value["base64"] != nil { return VectorValue.bytes(value).map { .bytes($0) } }
        return VectorValue.text(value).map { .hex($0) }
    }

    static func texts(_ value: JSON?) -> [String: String] {
        var texts: [String: String] = [:]
        for member in value?.members ?? [] { texts[member.name] = VectorValue.text(member.value) }
        return texts
    }

    static func httpMetadata(_ options: JSON) throws -> R2HTTPMetadata {
        if let fields = options["httpMetadataHeaders"] { return R2HTTPMetadata(ConditionalVectors.headers(fields)) }
        let given = options["httpMetadata"]
        return R2HTTPMetadata(
            contentType: given?["contentType"]?.string, contentLanguage: given?["contentLanguage"]?.string,
            contentDisposition: given?["contentDisposition"]?.string,
            contentEncoding: given?["contentEncoding"]?.string, cacheControl: given?["cacheControl"]?.string,
            cacheExpiry: given?["cacheExpiry"]?.string.flatMap { ConditionalVectors.seconds($0) })
    }

    static func condition(_ options: JSON) throws -> R2Conditional? {
        if let fields = options["onlyIfHeaders"] { return try R2Conditional(ConditionalVectors.headers(fields)) }
        return options["onlyIf"].map { ConditionalVectors.condition($0) }
    }

    // MARK: Results

    private static func json(_ object: R2Object?) -> JSON {
        guard let object else { return .null }
        var members: [JSON.Member] = [
            .init("key", .string(object.key)), .init("version", .string(object.version)),
            .init("size", .integer(object.size)), .init("etag", .string(object.etag)),
            .init("httpEtag", .string(object.httpETag)), .init("checksums", object.checksums.json),
            .init("storageClass", .string(object.storageClass.rawValue)),
            .init("httpMetadata", json(object.httpMetadata)),
            .init("customMetadata", .object(object.customMetadata.map { .init($0.key, .string($0.value)) })),
        ]
        if let range = object.range {
            let json = JSON.object([.init("offset", .integer(range.offset)), .init("length", .integer(range.length))])
            members.append(.init("range", json))
        }
        return .object(members)
    }

    private static func json(_ metadata: R2HTTPMetadata) -> JSON {
        let texts = [
            ("contentType", metadata.contentType), ("contentLanguage", metadata.contentLanguage),
            ("contentDisposition", metadata.contentDisposition), ("contentEncoding", metadata.contentEncoding),
            ("cacheControl", metadata.cacheControl),
            ("cacheExpiry", metadata.cacheExpiry.map { ConditionalVectors.text($0) }),
        ]
        return .object(texts.compactMap { name, text in text.map { .init(name, .string($0)) } })
    }
}
