import HTTPTypes
import Workers

/// Buckets themselves: `/r2/buckets`. What is in them is read and written over S3.
struct R2BucketCalls: Sendable {
    private let buckets: LocalR2Buckets

    init(_ buckets: LocalR2Buckets) { self.buckets = buckets }

    func answer(_ route: RESTRoute, _ request: Request) async throws -> RESTAnswer {
        do {
            switch (route, request.method) {
            case (.buckets, .get): return try await list(request.query)
            case (.buckets, _): return try await create(request)
            case (.bucket(let name), .get):
                guard let info = try await buckets.info(name) else { throw R2Failure.noSuchBucket }
                return .result(R2BucketCalls.described(info))
            case (.bucket(let name), _):
                try await buckets.delete(name)
                return .result(.object([]))
            default: throw RESTError.noRoute(request.url.path)
            }
        } catch let failure as R2Failure {
            throw RESTError(failure)
        }
    }

    /// A page ends with a cursor while there is more: the name that the next one starts after.
    private func list(_ query: URLQuery) async throws -> RESTAnswer {
        let size = try query("per_page", as: Int.self, in: 1...1000) ?? 20
        let after = [query["cursor"] ?? "", query["start_after"] ?? ""].max() ?? ""
        let wanted = query["name_contains"] ?? ""
        var found: [R2BucketInfo] = []
        var place = after
        var hasMore = true
        while hasMore, found.count < size {
            let page = try await buckets.list(startAfter: place, limit: 1000)
            for bucket in page.buckets where found.count < size {
                place = bucket.name
                if wanted.isEmpty || bucket.name.contains(wanted) { found.append(bucket) }
            }
            hasMore = page.isTruncated || place != page.buckets.last?.name ?? place
        }
        let info = JSON.object([
            .init("per_page", .integer(size)), .init("cursor", .string(hasMore ? place : "")),
        ])
        return .result(.object([.init("buckets", .array(found.map(R2BucketCalls.described)))]), info: info)
    }

    private func create(_ request: Request) async throws -> RESTAnswer {
        let body = try await request.restJSON(limit: 1 << 20, code: 10040)
        guard let name = body["name"]?.string else { throw R2Failure.invalidBucketName }
        var storageClass = R2StorageClass.standard
        if let given = body["storageClass"], !given.isNull {
            guard let known = given.string.flatMap(R2StorageClass.init(rawValue:)) else {
                throw RESTError(.badRequest, 10062, "storageClass has to be Standard or InfrequentAccess.")
            }
            storageClass = known
        }
        let location = body["locationHint"]?.string?.uppercased()
        return .result(
            R2BucketCalls.described(
                try await buckets.create(name, location: location, storageClass: storageClass)))
    }

    private static func described(_ bucket: R2BucketInfo) -> JSON {
        .object([
            .init("name", .string(bucket.name)),
            .init("creation_date", Envelope.date(Int((bucket.created * 1000).rounded()))),
            .init("location", .string(bucket.location ?? "WEUR")),
            .init("storage_class", .string(bucket.storageClass.rawValue)),
            .init("jurisdiction", .string("default")),
        ])
    }
}

extension RESTError {
    /// Nothing that is refused for good may look as if it were worth another try.
    fileprivate init(_ failure: R2Failure) {
        let code = failure.code == 10073 ? 10004 : failure.code
        let status: HTTPResponse.Status =
            switch failure {
            case .noSuchBucket: .notFound
            case .internalError: .internalServerError
            default: .badRequest
            }
        self.init(status, code, failure.message)
    }
}
