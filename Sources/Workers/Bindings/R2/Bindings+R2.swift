extension Bindings.Value {
    public static func r2(_ bucket: any R2Bucket) -> Bindings.Value {
        Bindings.Value(kind: "r2_bucket", resource: bucket)
    }
}

extension Bindings {
    /// An R2 bucket (`[[r2_buckets]]`).
    public func r2(_ name: String) throws -> any R2Bucket {
        resource(name, kind: "r2_bucket", as: (any R2Bucket).self, orElse: MissingR2Bucket())
    }
}

/// Stands in until start-up has reported that the bucket is missing.
private struct MissingR2Bucket: R2Bucket {
    private struct Upload: R2MultipartUpload {
        let key: String
        let uploadID: String

        func uploadPart(_ number: Int, _ value: Body, options: R2PartOptions) async throws -> R2UploadedPart {
            throw MissingR2Bucket.missing
        }
        func complete(_ parts: [R2UploadedPart]) async throws -> R2Object { throw MissingR2Bucket.missing }
        func abort() async throws { throw MissingR2Bucket.missing }
    }

    fileprivate static let missing = WorkersError(.typeError, "This R2 bucket is not bound.")

    func head(_ key: String) async throws -> R2Object? { throw Self.missing }
    func get(_ key: String, options: R2GetOptions) async throws -> R2GetResult? { throw Self.missing }
    func put(_ key: String, _ value: Body?, options: R2PutOptions) async throws -> R2Object? { throw Self.missing }
    func delete(_ keys: [String]) async throws { throw Self.missing }
    func list(_ options: R2ListOptions) async throws -> R2Objects { throw Self.missing }
    func createMultipartUpload(
        _ key: String, options: R2MultipartOptions
    ) async throws -> any R2MultipartUpload { throw Self.missing }
    func resumeMultipartUpload(_ key: String, uploadID: String) -> any R2MultipartUpload {
        Upload(key: key, uploadID: uploadID)
    }
}
