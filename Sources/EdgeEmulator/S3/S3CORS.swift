import HTTPTypes
import S3Protocol
import Workers

/// What scripts of other sites may do with a bucket (Fetch Standard, "CORS protocol"; R2 documentation, "Configure CORS").
struct S3CORS: Sendable {
    let buckets: LocalR2Buckets

    /// Answers a preflight. It is not signed, and says nothing of what is in the bucket.
    func preflight(_ request: Request, bucket: String?) async throws -> Response {
        guard let origin = request.headers[.origin], let method = request.headers[.requestedMethod] else {
            throw S3Error(
                "BadRequest", 400, "A preflight needs Origin and Access-Control-Request-Method.")
        }
        let asked = request.headers[.requestedHeaders] ?? ""
        let names = asked.utf8.split(separator: 0x2C).map { item in
            String(decoding: item.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self)
        }.filter { !$0.isEmpty }
        guard let bucket, let configuration = try await configuration(of: bucket),
            let answer = configuration.answer(origin: origin, method: method, headers: names)
        else {
            throw S3Error(
                "AccessForbidden", 403, "CORSResponse: no rule of the bucket allows \(method) from \(origin).")
        }
        var fields: Headers = [.allowsMethods: answer.methods.joined(separator: ", ")]
        fields[.allowsHeaders] = answer.headers.isEmpty ? nil : answer.headers.joined(separator: ", ")
        fields[.corsMaxAge] = answer.maxAge.map { String($0) }
        S3CORS.write(answer, to: &fields)
        return Response(.noContent, headers: fields)
    }

    /// Adds what a browser needs to show the response to the script that asked.
    func apply(to response: inout Response, of request: Request, bucket: String?) async {
        guard let origin = request.headers[.origin], let bucket else { return }
        // A store that fails has been told of by the response itself.
        guard let configuration = try? await configuration(of: bucket) else { return }
        let method = request.method.rawValue
        guard let answer = configuration.answer(origin: origin, method: method) else { return }
        S3CORS.write(answer, to: &response.headers)
    }

    private func configuration(of bucket: String) async throws -> R2CORSConfiguration? {
        do {
            return try await buckets.existing(bucket).cors()
        } catch let failure as R2Failure where failure == .noSuchBucket {
            return nil
        }
    }

    private static func write(_ answer: R2CORSConfiguration.Answer, to fields: inout Headers) {
        fields[.allowsOrigin] = answer.origin
        if answer.origin != "*" { fields[.allowsCredentials] = "true" }
        if !answer.exposedHeaders.isEmpty { fields[.exposesHeaders] = answer.exposedHeaders.joined(separator: ", ") }
        fields[.vary] = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"
    }
}

extension HTTPField.Name {
    fileprivate static let requestedMethod = s3("access-control-request-method")
    fileprivate static let requestedHeaders = s3("access-control-request-headers")
    fileprivate static let allowsMethods = s3("access-control-allow-methods")
    fileprivate static let allowsHeaders = s3("access-control-allow-headers")
    fileprivate static let allowsOrigin = s3("access-control-allow-origin")
    fileprivate static let allowsCredentials = s3("access-control-allow-credentials")
    fileprivate static let exposesHeaders = s3("access-control-expose-headers")
    fileprivate static let corsMaxAge = s3("access-control-max-age")
}
