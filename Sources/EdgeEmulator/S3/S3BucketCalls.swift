import HTTPTypes
import S3Protocol
import Workers

/// Buckets themselves, and what is set on them.
struct S3BucketCalls: Sendable {
    private static let secondsOfDay = 86_400.0

    let buckets: LocalR2Buckets
    let owner: S3Owner

    /// R2 takes the parameters of the list as fields, too (R2 documentation, "S3 API extensions").
    func list(_ request: Request, _ parameters: S3Parameters) async throws -> Response {
        func value(_ name: String) -> String? { parameters[name] ?? request.headers[.s3("cf-\(name)")] }
        let prefix = value("prefix") ?? ""
        let after = [value("start-after"), value("continuation-token")].compactMap(\.self).max() ?? ""
        let most = try S3ListQuery.count(value("max-keys") ?? value("max-buckets"), "max-keys")
        guard most > 0 else {
            return .xml(BucketDocuments.list([], owner: owner, prefix: prefix, next: nil))
        }
        let page = try await buckets.list(prefix: prefix, startAfter: after, limit: most)
        let next = page.isTruncated ? page.buckets.last?.name : nil
        var fields = Headers()
        fields[.isTruncated] = String(page.isTruncated)
        fields[.nextContinuationToken] = next
        let entries = page.buckets.map { (name: $0.name, created: $0.created) }
        return .xml(BucketDocuments.list(entries, owner: owner, prefix: prefix, next: next), headers: fields)
    }

    func create(_ call: S3Call) async throws -> Response {
        try S3ObjectFields.refuse(call.fields)
        let wanted = try CreateBucketRequest(try await call.document())
        let storageClass = try S3ObjectFields.storageClass(call.fields) ?? .standard
        try await buckets.create(call.bucket, location: wanted.location, storageClass: storageClass)
        return Response(.ok, headers: [.location: "/\(call.bucket)"])
    }

    func head(_ call: S3Call) async throws -> Response {
        guard try await buckets.exists(call.bucket) else { throw R2Failure.noSuchBucket }
        return Response(.ok, headers: [.bucketRegion: "auto"])
    }

    func delete(_ call: S3Call) async throws -> Response {
        try await buckets.delete(call.bucket)
        return Response(.noContent)
    }

    /// - Parameter document: that of a bucket which exists.
    func constant(_ call: S3Call, _ document: () throws -> [UInt8]) async throws -> Response {
        guard try await buckets.exists(call.bucket) else { throw R2Failure.noSuchBucket }
        return .xml(try document())
    }

    // MARK: CORS

    func getCORS(_ call: S3Call) async throws -> Response {
        guard let cors = try await buckets.existing(call.bucket).cors() else {
            throw S3Error("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist.")
        }
        return .xml(CORSConfigurationDocument(cors).xml)
    }

    func putCORS(_ call: S3Call) async throws -> Response {
        let document = try CORSConfigurationDocument(try await call.document())
        try await buckets.existing(call.bucket).setCORS(try document.configuration)
        return Response(.ok)
    }

    func deleteCORS(_ call: S3Call) async throws -> Response {
        try await buckets.existing(call.bucket).setCORS(nil)
        return Response(.noContent)
    }

    // MARK: Lifecycle

    func getLifecycle(_ call: S3Call) async throws -> Response {
        let rules = try await buckets.existing(call.bucket).lifecycle()
        guard !rules.isEmpty else {
            throw S3Error("NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist.")
        }
        return .xml(LifecycleConfigurationDocument(rules: rules.map(Self.written)).xml)
    }

    func putLifecycle(_ call: S3Call) async throws -> Response {
        let document = try LifecycleConfigurationDocument(try await call.document())
        var rules: [R2LifecycleRule] = []
        for (number, rule) in document.rules.enumerated() {
            rules.append(Self.read(rule, number: number + 1))
        }
        let configuration: R2LifecycleConfiguration
        do {
            configuration = try R2LifecycleConfiguration(rules)
        } catch {
            throw S3Error("InvalidArgument", 400, error.description)
        }
        try await buckets.existing(call.bucket).setLifecycle(configuration)
        return Response(.ok)
    }

    func deleteLifecycle(_ call: S3Call) async throws -> Response {
        try await buckets.existing(call.bucket).setLifecycle([])
        return Response(.noContent)
    }

    private static func read(_ rule: LifecycleConfigurationDocument.Rule, number: Int) -> R2LifecycleRule {
        var id = rule.id ?? ""
        if id.isEmpty { id = "rule-\(number)" }
        return R2LifecycleRule(
            id: id, isEnabled: rule.isEnabled, prefix: rule.prefix, deletesObjects: rule.expiration.map(read),
            movesToInfrequentAccess: rule.transition.map(read),
            abortsUploadsAfter: rule.abortsUploadsAfter.map { Double($0) * secondsOfDay })
    }

    private static func read(_ due: LifecycleConfigurationDocument.Due) -> R2LifecycleRule.Due {
        switch due {
        case .days(let days): .after(seconds: Double(days) * secondsOfDay)
        case .date(let seconds): .from(seconds)
        }
    }

    private static func written(_ rule: R2LifecycleRule) -> LifecycleConfigurationDocument.Rule {
        var document = LifecycleConfigurationDocument.Rule()
        document.id = rule.id
        document.isEnabled = rule.isEnabled
        document.prefix = rule.prefix
        document.expiration = rule.deletesObjects.map(written)
        document.transition = rule.movesToInfrequentAccess.map(written)
        document.abortsUploadsAfter = rule.abortsUploadsAfter.map { Int($0 / secondsOfDay) }
        return document
    }

    private static func written(_ due: R2LifecycleRule.Due) -> LifecycleConfigurationDocument.Due {
        switch due {
        case .after(let seconds): .days(Int(seconds / secondsOfDay))
        case .from(let date): .date(date)
        }
    }
}

extension CORSConfigurationDocument {
    init(_ configuration: R2CORSConfiguration) {
        self.init(
            rules: configuration.rules.map { rule in
                var document = Rule()
                document.id = rule.id
                document.origins = rule.origins
                document.methods = rule.methods
                document.headers = rule.headers
                document.exposedHeaders = rule.exposedHeaders
                document.maxAge = rule.maxAge
                return document
            })
    }

    /// - Throws: `R2InvalidConfiguration`.
    var configuration: R2CORSConfiguration {
        get throws(R2InvalidConfiguration) {
            try R2CORSConfiguration(
                rules.map { rule in
                    R2CORSConfiguration.Rule(
                        id: rule.id, origins: rule.origins, methods: rule.methods, headers: rule.headers,
                        exposedHeaders: rule.exposedHeaders, maxAge: rule.maxAge)
                })
        }
    }
}
