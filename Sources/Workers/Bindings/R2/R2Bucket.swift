/// An R2 bucket: keys, and immutable versions of objects under them.
///
/// Once a put, a delete or a completion has returned, every later call sees it. See the Workers documentation, "R2",
/// page "Workers API reference".
///
/// ```swift
/// try await env.files.put("reports/2026.csv", request.body, options: .init(httpMetadata: .init(request.headers)))
///
/// guard let file = try await env.files.get("reports/2026.csv") else { return .text("Not found", status: .notFound) }
/// var headers: Headers = [.eTag: file.httpETag]
/// try file.writeHTTPMetadata(to: &headers)
/// return Response(headers: headers, body: file.body)
/// ```
/// Failures are `WorkersError`s whose text begins with the operation and ends with R2's number of the error, which is
/// also in `code`: `put: The specified object name is not valid. (10020)`.
public protocol R2Bucket: Sendable {
    /// What is known about an object, without its bytes; `nil` when there is none under the key.
    func head(_ key: String) async throws -> R2Object?

    /// An object, or the part of it that `options.range` asks for.
    ///
    /// - Returns: `nil` when there is no object under the key, whatever the options say.
    /// - Throws: code 10039 for a range outside the object.
    func get(_ key: String, options: R2GetOptions) async throws -> R2GetResult?

    /// Stores an object. It replaces everything that was under the key, metadata included; when the call fails, what
    /// was there stays.
    ///
    /// - Parameter value: text, bytes, or a stream that knows its length; `nil` stores an empty object.
    /// - Returns: what was stored; `nil` when `options.onlyIf` does not hold, and then nothing is.
    /// - Throws: a `TypeError` for a stream of unknown length; code 10037 for content with another checksum.
    @discardableResult
    func put(_ key: String, _ value: Body?, options: R2PutOptions) async throws -> R2Object?

    /// Removes up to 1000 objects. Keys without an object are fine.
    func delete(_ keys: [String]) async throws

    /// A page of the bucket in the order of the keys' UTF-8 bytes.
    func list(_ options: R2ListOptions) async throws -> R2Objects

    /// Begins an upload in parts. Nothing is visible under the key until it is completed; one that is not completed is
    /// discarded after seven days.
    func createMultipartUpload(_ key: String, options: R2MultipartOptions) async throws -> any R2MultipartUpload

    /// A handle of an upload that was begun before. Nothing is checked here; calls on the handle fail if there is no
    /// such upload.
    func resumeMultipartUpload(_ key: String, uploadID: String) -> any R2MultipartUpload
}

/// An upload in parts. See the Workers documentation, "R2", page "Use the R2 multipart API from Workers".
///
/// ```swift
/// let upload = try await env.files.createMultipartUpload("video.mp4")
/// let first = try await upload.uploadPart(1, firstFiveMegabytes)
/// let last = try await upload.uploadPart(2, rest)
/// let object = try await upload.complete([first, last])
/// ```
public protocol R2MultipartUpload: Sendable {
    var key: String { get }
    var uploadID: String { get }

    /// Stores one part. Uploading a number again replaces the part, which then has another etag.
    ///
    /// - Parameters:
    ///   - number: 1 to 10 000; gaps are fine. Every part but the last has at least 5 MiB, and all of those the same
    ///     size.
    ///   - value: text, bytes, or a stream that knows its length.
    @discardableResult
    func uploadPart(_ number: Int, _ value: Body, options: R2PartOptions) async throws -> R2UploadedPart

    /// Joins the named parts by number into the object, which replaces what is under the key.
    ///
    /// - Parameter parts: any of the uploaded parts, in any order; the others are discarded.
    @discardableResult
    func complete(_ parts: [R2UploadedPart]) async throws -> R2Object

    /// Discards the upload and its parts.
    func abort() async throws
}

/// One part as `uploadPart` has stored it, and as `complete` wants it named.
public struct R2UploadedPart: Sendable, Hashable {
    public var partNumber: Int
    /// A token; different for every upload of a part, even of equal bytes.
    public var etag: String

    public init(partNumber: Int, etag: String) {
        self.partNumber = partNumber
        self.etag = etag
    }
}

extension R2Bucket {
    /// An object with its bytes; `nil` when there is none under the key.
    public func get(_ key: String, range: R2Range? = nil) async throws -> R2ObjectBody? {
        switch try await get(key, options: R2GetOptions(range: range)) {
        case .found(let object): object
        // Without a condition there is none to fail.
        case .preconditionFailed, nil: nil
        }
    }

    @discardableResult
    public func put(_ key: String, _ value: Body?) async throws -> R2Object? {
        try await put(key, value, options: R2PutOptions())
    }

    @discardableResult
    public func put(_ key: String, _ text: String, options: R2PutOptions = R2PutOptions()) async throws -> R2Object? {
        try await put(key, Body(text: text), options: options)
    }

    @discardableResult
    public func put(_ key: String, _ bytes: [UInt8], options: R2PutOptions = R2PutOptions()) async throws -> R2Object? {
        try await put(key, Body(bytes: bytes), options: options)
    }

    public func delete(_ key: String) async throws { try await delete([key]) }

    public func list() async throws -> R2Objects { try await list(R2ListOptions()) }

    public func createMultipartUpload(_ key: String) async throws -> any R2MultipartUpload {
        try await createMultipartUpload(key, options: R2MultipartOptions())
    }
}

extension R2MultipartUpload {
    @discardableResult
    public func uploadPart(_ number: Int, _ value: Body) async throws -> R2UploadedPart {
        try await uploadPart(number, value, options: R2PartOptions())
    }
}
