/// Counts the calls of an R2 bucket on the account of the request that makes them. Reading a body that has begun costs
/// nothing more.
package struct MeteredR2: R2Bucket {
    private let bucket: any R2Bucket

    package init(_ bucket: any R2Bucket) { self.bucket = bucket }

    package func head(_ key: String) async throws -> R2Object? {
        try await RequestMeter.during(.r2) { try await bucket.head(key) }
    }

    package func get(_ key: String, options: R2GetOptions) async throws -> R2GetResult? {
        try await RequestMeter.during(.r2) { try await bucket.get(key, options: options) }
    }

    package func put(_ key: String, _ value: Body?, options: R2PutOptions) async throws -> R2Object? {
        try await RequestMeter.during(.r2) { try await bucket.put(key, value, options: options) }
    }

    package func delete(_ keys: [String]) async throws {
        try await RequestMeter.during(.r2) { try await bucket.delete(keys) }
    }

    package func list(_ options: R2ListOptions) async throws -> R2Objects {
        try await RequestMeter.during(.r2) { try await bucket.list(options) }
    }

    package func createMultipartUpload(
        _ key: String, options: R2MultipartOptions
    ) async throws -> any R2MultipartUpload {
        try await RequestMeter.during(.r2) {
            MeteredUpload(upload: try await bucket.createMultipartUpload(key, options: options))
        }
    }

    package func resumeMultipartUpload(_ key: String, uploadID: String) -> any R2MultipartUpload {
        MeteredUpload(upload: bucket.resumeMultipartUpload(key, uploadID: uploadID))
    }
}

private struct MeteredUpload: R2MultipartUpload {
    let upload: any R2MultipartUpload

    var key: String { upload.key }
    var uploadID: String { upload.uploadID }

    func uploadPart(_ number: Int, _ value: Body, options: R2PartOptions) async throws -> R2UploadedPart {
        try await RequestMeter.during(.r2) { try await upload.uploadPart(number, value, options: options) }
    }

    func complete(_ parts: [R2UploadedPart]) async throws -> R2Object {
        try await RequestMeter.during(.r2) { try await upload.complete(parts) }
    }

    func abort() async throws { try await RequestMeter.during(.r2) { try await upload.abort() } }
}
