import HTTPTypes
import S3Protocol
import Workers

/// The S3 API over the buckets of the emulator, as R2 has it (R2 documentation, "S3 API compatibility").
struct S3Service: Sendable {
    private let authentication: S3Authentication
    private let clock: any EmulatorClock
    private let buckets: LocalR2Buckets
    private let cors: S3CORS
    private let bucketCalls: S3BucketCalls
    private let listing: S3Listing
    private let reading: S3Reading
    private let writing: S3Writing
    private let copying: S3Copying
    private let uploads: S3Uploads
    private let owner: S3Owner

    init(_ platform: LocalPlatform) {
        let buckets = platform.r2.buckets
        let owner = S3Owner(id: platform.credentials.accountId)
        authentication = S3Authentication(platform.credentials)
        clock = platform.clock
        self.buckets = buckets
        self.owner = owner
        cors = S3CORS(buckets: buckets)
        bucketCalls = S3BucketCalls(buckets: buckets, owner: owner)
        listing = S3Listing(buckets: buckets, owner: owner)
        reading = S3Reading(buckets: buckets)
        writing = S3Writing(buckets: buckets)
        copying = S3Copying(buckets: buckets)
        uploads = S3Uploads(buckets: buckets, owner: owner)
    }

    /// Answers one request; whatever goes wrong is an answer, too.
    func fetch(_ request: Request) async -> Response {
        let id = S3Service.requestID()
        var address: S3Address?
        var response: Response
        do {
            let found = try S3Address(host: request.url.authority, path: request.url.path)
            address = found
            response =
                request.method == .options
                ? try await cors.preflight(request, bucket: found.bucket) : try await answer(request, found)
        } catch {
            request.body.cancel()
            response = S3Service.refusal(S3Error(error), request, id)
        }
        if request.method != .options {
            await cors.apply(to: &response, of: request, bucket: address?.bucket)
        }
        response.headers[.requestID] = id
        return response
    }

    private func answer(_ request: Request, _ address: S3Address) async throws -> Response {
        let proof = try authentication.check(request, now: clock.now)
        let parameters = S3Parameters(request.url.query)
        let operation = try S3Operation(
            method: request.method.rawValue, hasBucket: address.bucket != nil, hasKey: address.key != nil,
            isCopy: request.headers[.copySource] != nil, parameters: parameters)
        guard let bucket = address.bucket else { return try await bucketCalls.list(request, parameters) }
        let call = S3Call(request: request, proof: proof, bucket: bucket, key: address.key ?? "")
        switch operation {
        case .listBuckets: return try await bucketCalls.list(request, parameters)
        case .createBucket: return try await bucketCalls.create(call)
        case .headBucket: return try await bucketCalls.head(call)
        case .deleteBucket: return try await bucketCalls.delete(call)
        case .getBucketLocation: return try await bucketCalls.constant(call) { BucketDocuments.location }
        case .getBucketEncryption: return try await bucketCalls.constant(call) { BucketDocuments.encryption }
        case .getUnused(let feature):
            return try await bucketCalls.constant(call) { try BucketDocuments.unused(feature, owner: owner) }
        case .getBucketCORS: return try await bucketCalls.getCORS(call)
        case .putBucketCORS: return try await bucketCalls.putCORS(call)
        case .deleteBucketCORS: return try await bucketCalls.deleteCORS(call)
        case .getBucketLifecycle: return try await bucketCalls.getLifecycle(call)
        case .putBucketLifecycle: return try await bucketCalls.putLifecycle(call)
        case .deleteBucketLifecycle: return try await bucketCalls.deleteLifecycle(call)
        default: return try await answer(operation, call, parameters)
        }
    }

    /// What is about objects.
    private func answer(_ operation: S3Operation, _ call: S3Call, _ parameters: S3Parameters) async throws -> Response {
        switch operation {
        case .listObjects:
            return try await listing.answer(call, try S3ListQuery(parameters), isVersion2: false)
        case .listObjectsV2:
            return try await listing.answer(call, try S3ListQuery(parameters), isVersion2: true)
        case .listMultipartUploads: return try await uploads.list(call, parameters)
        case .deleteObjects: return try await writing.deleteMany(call)
        case .getObject, .headObject: return try await reading.answer(call)
        case .putObject: return try await writing.put(call)
        case .copyObject: return try await copying.copy(call)
        case .deleteObject: return try await writing.delete(call)
        case .createMultipartUpload: return try await uploads.begin(call)
        case .uploadPart(let upload, let number): return try await uploads.put(call, upload: upload, number: number)
        case .uploadPartCopy(let upload, let number):
            return try await copying.copyPart(call, upload: upload, number: number)
        case .completeMultipartUpload(let upload): return try await uploads.complete(call, upload: upload)
        case .abortMultipartUpload(let upload): return try await uploads.abort(call, upload: upload)
        case .listParts(let upload): return try await uploads.parts(call, upload: upload, parameters)
        default: throw S3Error("MethodNotAllowed", 405, "The method has no meaning for this resource.")
        }
    }

    private static func refusal(_ error: S3Error, _ request: Request, _ id: String) -> Response {
        let status = HTTPResponse.Status(code: error.status)
        guard request.method != .head else { return Response(status) }
        return .xml(error.xml(resource: request.url.path, requestID: id), status: status)
    }

    private static func requestID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16, uppercase: true)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
