import HTTPTypes
import S3Protocol
import Workers

/// Decides whether a request comes from the owner of the credentials. There is no anonymous access.
struct S3Authentication: Sendable {
    private let accessKeyID: String
    private let secret: String

    init(_ credentials: Credentials) {
        accessKeyID = credentials.s3AccessKeyId
        secret = credentials.s3SecretAccessKey
    }

    /// What a signature says about the body behind it.
    struct Proof: Sendable {
        var form: PayloadForm
        /// For chunks that are signed.
        var signatures: ChunkSignatures?
    }

    /// - Parameter now: seconds since 1970.
    /// - Throws: `S3Error` for a request that is not signed, or not rightly.
    func check(_ request: Request, now: Double) throws(S3Error) -> Proof {
        let fields = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        let signed = SignedRequest(
            method: request.method.rawValue, path: request.url.path, query: request.url.query, fields: fields)
        guard let claim = try SignatureClaim(signed), isOwn(claim.accessKeyID) else {
            throw S3Error("Unauthorized", 401, "The request is not signed, or with a key that is not known.")
        }
        let payload = request.headers[.contentSHA256]
        // A URL may be signed before anybody knows what will be sent to it.
        let isURL = claim.lifetime != nil
        guard payload != nil || isURL else {
            throw S3Error("InvalidRequest", 400, "A signed request needs x-amz-content-sha256.")
        }
        let form = try PayloadForm(payload)
        let key = try claim.verify(signed, secret: secret, payload: payload, now: now)
        guard case .signedChunks = form else { return Proof(form: form) }
        return Proof(
            form: form, signatures: ChunkSignatures(key: key, time: claim.timestamp, seed: claim.signature))
    }

    private func isOwn(_ id: String) -> Bool { ConstantTime.areEqual(id, accessKeyID) }
}

extension HTTPField.Name {
    /// A name that is known to be one.
    static func s3(_ text: String) -> HTTPField.Name { HTTPField.Name(text) ?? .via }

    static let contentSHA256 = s3("x-amz-content-sha256")
    static let decodedLength = s3("x-amz-decoded-content-length")
    static let contentMD5 = s3("content-md5")
    static let announcedTrailer = s3("x-amz-trailer")
    static let sdkChecksumAlgorithm = s3("x-amz-sdk-checksum-algorithm")
    static let checksumAlgorithm = s3("x-amz-checksum-algorithm")
    static let checksumType = s3("x-amz-checksum-type")
    static let checksumMode = s3("x-amz-checksum-mode")
    static let storageClass = s3("x-amz-storage-class")
    static let requestID = s3("x-amz-request-id")
    static let copySource = s3("x-amz-copy-source")
    static let copySourceRange = s3("x-amz-copy-source-range")
    static let metadataDirective = s3("x-amz-metadata-directive")
    static let bucketRegion = s3("x-amz-bucket-region")
    static let expiration = s3("x-amz-expiration")
    static let missingMeta = s3("x-amz-missing-meta")
    static let partsCount = s3("x-amz-mp-parts-count")
    static let createsBucket = s3("cf-create-bucket-if-missing")
    static let isTruncated = s3("cf-is-truncated")
    static let nextContinuationToken = s3("cf-next-continuation-token")
}
