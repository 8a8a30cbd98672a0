import HTTPTypes

/// What is known about one version of an object.
public struct R2Object: Sendable, Hashable {
    /// The bytes that a get delivers.
    public struct Delivered: Sendable, Hashable {
        public var offset: Int
        public var length: Int

        public init(offset: Int, length: Int) {
            self.offset = offset
            self.length = length
        }
    }

    public var key: String
    /// 32 lower-case hexadecimal digits, new for every write, even of the same bytes.
    public var version: String
    /// Of the whole object, in bytes, whatever range was asked for.
    public var size: Int
    /// The MD5 of the bytes in hexadecimal digits; for an object that was uploaded in parts, the MD5 of their MD5s,
    /// `-`, and their number.
    public var etag: String
    /// When it was written, in seconds since 1970, to the millisecond.
    public var uploaded: Double
    /// Empty in a list that was not asked to include it.
    public var httpMetadata: R2HTTPMetadata
    /// Empty in a list that was not asked to include it.
    public var customMetadata: [String: String]
    public var checksums: R2Checksums
    public var storageClass: R2StorageClass
    /// The MD5, in hexadecimal digits, of the key that the content is encrypted with; `nil` if it is not.
    public var ssecKeyMd5: String?
    /// What a get delivers: the whole object if it was not asked for a part. `nil` after anything but a get.
    public var range: Delivered?
    /// The checksum that the S3 interface has stored it with; the binding does not show it.
    package var checksum: R2ObjectChecksum?
    /// Whether `httpMetadata` was read at all.
    package var hasHTTPMetadata = true

    public init(
        key: String, version: String, size: Int, etag: String, uploaded: Double,
        httpMetadata: R2HTTPMetadata = R2HTTPMetadata(), customMetadata: [String: String] = [:],
        checksums: R2Checksums = R2Checksums(), storageClass: R2StorageClass = .standard,
        ssecKeyMd5: String? = nil, range: Delivered? = nil
    ) {
        self.key = key
        self.version = version
        self.size = size
        self.etag = etag
        self.uploaded = uploaded
        self.httpMetadata = httpMetadata
        self.customMetadata = customMetadata
        self.checksums = checksums
        self.storageClass = storageClass
        self.ssecKeyMd5 = ssecKeyMd5
        self.range = range
    }

    /// The etag as HTTP writes it, in double quotes (RFC 9110 §8.8.3).
    public var httpETag: String { "\"\(etag)\"" }

    /// Sets the header fields that the object has values for, and leaves the others alone.
    ///
    /// - Throws: a `TypeError` on an entry of a list that did not include the HTTP metadata.
    public func writeHTTPMetadata(to headers: inout Headers) throws {
        guard hasHTTPMetadata else {
            throw WorkersError(
                .typeError,
                "HTTP metadata unknown for key `\(key)`. "
                    + "Did you forget to add 'httpMetadata' to `include` when listing?")
        }
        httpMetadata.write(to: &headers)
    }
}

/// How an object is stored and billed. Reading does not differ.
public enum R2StorageClass: String, Sendable, Hashable, CaseIterable {
    case standard = "Standard"
    case infrequentAccess = "InfrequentAccess"
}

/// An object with its bytes. What is known about it can be asked directly: `file.size`, `file.httpETag`.
@dynamicMemberLookup
public struct R2ObjectBody: Sendable {
    public var object: R2Object
    /// The bytes of `object.range`. They stay readable when the object is replaced or deleted meanwhile.
    public let body: Body

    public init(object: R2Object, body: Body) {
        self.object = object
        self.body = body
    }

    public subscript<Value>(dynamicMember member: KeyPath<R2Object, Value>) -> Value { object[keyPath: member] }

    /// Whether the bytes have been read or handed on; they can be once.
    public var bodyUsed: Bool { body.isUsed }

    public func bytes() async throws -> [UInt8] { try await body.bytes() }
    public func text() async throws -> String { try await body.text() }
    public func json() async throws -> JSON { try await body.json() }

    /// See `R2Object.writeHTTPMetadata(to:)`.
    public func writeHTTPMetadata(to headers: inout Headers) throws { try object.writeHTTPMetadata(to: &headers) }
}

/// What a get finds under a key.
public enum R2GetResult: Sendable {
    case found(R2ObjectBody)
    /// There is an object, but `onlyIf` does not hold: it comes without its bytes.
    case preconditionFailed(R2Object)

    public var object: R2Object {
        switch self {
        case .found(let found): found.object
        case .preconditionFailed(let object): object
        }
    }

    /// The bytes; `nil` if the precondition failed.
    public var body: Body? {
        switch self {
        case .found(let found): found.body
        case .preconditionFailed: nil
        }
    }
}

/// One page of a bucket.
public struct R2Objects: Sendable, Hashable {
    public var objects: [R2Object]
    /// What the keys with the delimiter begin with, up to and including its first place after the prefix.
    public var delimitedPrefixes: [String]
    /// Whether there is more.
    public var truncated: Bool
    /// Where the next page begins; only when there is one.
    public var cursor: String?

    public init(objects: [R2Object], delimitedPrefixes: [String], truncated: Bool, cursor: String?) {
        self.objects = objects
        self.delimitedPrefixes = delimitedPrefixes
        self.truncated = truncated
        self.cursor = cursor
    }
}
