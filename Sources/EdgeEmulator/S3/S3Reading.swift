import HTTPTypes
import S3Protocol
import Workers

/// Reads objects: `GetObject`, `HeadObject`.
struct S3Reading: Sendable {
    /// How often a part of an object is looked for again when the object is replaced meanwhile.
    private static let attempts = 10

    private static let overrides: [(parameter: String, name: HTTPField.Name)] = [
        ("response-cache-control", .cacheControl), ("response-content-disposition", .contentDisposition),
        ("response-content-encoding", .contentEncoding), ("response-content-language", .contentLanguage),
        ("response-content-type", .contentType), ("response-expires", .expires),
    ]

    let buckets: LocalR2Buckets

    func answer(_ call: S3Call) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        let condition = try S3Conditions.read(call.fields)
        let key = try S3EncryptionFields.request.read(call.fields)
        let part = try S3Reading.partNumber(call.request.query["partNumber"])
        let bucket = buckets.existing(call.bucket)
        if call.isHead || part != nil {
            for _ in 1...S3Reading.attempts {
                guard let record = try await bucket.record(call.key) else { throw R2Failure.noSuchKey }
                if let response = try await answer(call, record, bucket, condition, key, part) { return response }
            }
            throw S3Error("InternalError", 500, "The object is replaced faster than it can be read.")
        }
        let range = R2Range(call.fields)
        let options = R2GetOptions(range: range, onlyIf: condition, ssecKey: key)
        guard let found = try await bucket.fetch(call.key, options: options) else { throw R2Failure.noSuchKey }
        guard let body = found.body else { return try S3Reading.refusal(condition, found.object) }
        let delivered = found.object.range ?? .init(offset: 0, length: found.object.size)
        guard range == nil || delivered.length > 0 else {
            body.cancel()
            throw R2Failure.invalidRange
        }
        let bytes = range == nil ? nil : delivered.offset..<(delivered.offset + delivered.length)
        var response = try await response(call, found.object, bytes, bucket)
        response.body = body
        return response
    }

    /// A look at an object, or one of the parts it was uploaded in.
    ///
    /// - Returns: `nil` when another version has taken its place.
    private func answer(
        _ call: S3Call, _ record: R2Record, _ bucket: LocalR2Bucket, _ condition: R2Conditional?,
        _ key: R2EncryptionKey?, _ part: Int?
    ) async throws -> Response? {
        let object = record.object
        try object.checkKey(key)
        if let condition, !condition.holds(for: object) { return try S3Reading.refusal(condition, object) }
        let range = try S3Reading.range(call, record, part)
        var response = try await response(call, object, range, bucket)
        if part != nil, let sizes = record.partSizes { response.headers[.partsCount] = String(sizes.count) }
        if call.isHead {
            // The length is that of the content which a GET would bring.
            response.headers[.contentLength] = String(range?.count ?? object.size)
            return response
        }
        let wanted = range.map { R2Range(offset: $0.lowerBound, length: $0.count) }
        if range?.isEmpty == true { return response }
        let options = R2GetOptions(
            range: wanted, onlyIf: R2Conditional(etagMatches: .strong(object.etag)), ssecKey: key)
        guard let found = try await bucket.fetch(call.key, options: options) else { throw R2Failure.noSuchKey }
        guard let body = found.body, found.object.version == object.version else {
            found.body?.cancel()
            return nil
        }
        response.body = body
        return response
    }

    private static func range(_ call: S3Call, _ record: R2Record, _ part: Int?) throws -> Range<Int>? {
        let size = record.object.size
        guard let part else {
            guard let range = R2Range(call.fields) else { return nil }
            let bytes = try range.resolved(in: size)
            guard !bytes.isEmpty else { throw R2Failure.invalidRange }
            return bytes
        }
        if call.fields[.range] != nil {
            throw S3Error("InvalidRequest", 400, "A request has Range or partNumber, not both.")
        }
        let sizes = record.partSizes ?? [size]
        guard part <= sizes.count else {
            throw S3Error("InvalidPartNumber", 416, "The object has \(sizes.count) parts; there is no part \(part).")
        }
        let start = sizes[..<(part - 1)].reduce(0, +)
        return start..<(start + sizes[part - 1])
    }

    private func response(
        _ call: S3Call, _ object: R2Object, _ range: Range<Int>?, _ bucket: LocalR2Bucket
    ) async throws -> Response {
        let isWhole = range == nil || range?.count == object.size
        let mode = call.fields[.checksumMode]?.lowercased()
        var fields = S3ObjectFields.fields(of: object, showsChecksum: isWhole && mode == "enabled")
        fields[.expiration] = S3ObjectFields.expiration(of: object, under: try await bucket.lifecycle())
        for (parameter, name) in S3Reading.overrides {
            guard let value = call.request.query[parameter] else { continue }
            fields[name] = value
        }
        guard let range else { return Response(.ok, headers: fields) }
        if !range.isEmpty {
            fields[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.size)"
        }
        return Response(.partialContent, headers: fields)
    }

    /// 304 where the client has what it asks for, 412 where it has not (RFC 9110 §13.2.2).
    private static func refusal(_ condition: R2Conditional?, _ object: R2Object) throws -> Response {
        if let condition, condition.unchanged(object) {
            return Response(.notModified, headers: S3ObjectFields.validators(of: object))
        }
        throw R2Failure.preconditionFailed
    }

    private static func partNumber(_ text: String?) throws(S3Error) -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), (1...10_000).contains(number) else {
            throw S3Error("InvalidArgument", 400, "partNumber is a number from 1 to 10000.")
        }
        return number
    }
}
