/// How an object is read.
public struct R2GetOptions: Sendable, Hashable {
    /// The part that is wanted; `nil` means all of it.
    public var range: R2Range?
    /// The bytes come only if this holds for the object.
    public var onlyIf: R2Conditional?
    /// The key that the object was stored with, if it was stored with one.
    public var ssecKey: R2EncryptionKey?

    public init(range: R2Range? = nil, onlyIf: R2Conditional? = nil, ssecKey: R2EncryptionKey? = nil) {
        self.range = range
        self.onlyIf = onlyIf
        self.ssecKey = ssecKey
    }
}

/// How an object is written.
public struct R2PutOptions: Sendable, Hashable {
    /// Six header fields; `R2HTTPMetadata(request.headers)` takes them from a request.
    public var httpMetadata: R2HTTPMetadata
    /// At most 8192 bytes, names and values together.
    public var customMetadata: [String: String]
    /// What the writer knows about the content; at most one of the five. Content that does not match is refused.
    public var md5: R2Digest?
    public var sha1: R2Digest?
    public var sha256: R2Digest?
    public var sha384: R2Digest?
    public var sha512: R2Digest?
    /// The object is written only if this holds for what is under the key. `.init(etagDoesNotMatch: "*")` creates an
    /// object and never replaces one.
    public var onlyIf: R2Conditional?
    public var storageClass: R2StorageClass
    /// Encrypts the content at rest. The key is not stored: whoever reads the object must give it again.
    public var ssecKey: R2EncryptionKey?

    public init(
        httpMetadata: R2HTTPMetadata = R2HTTPMetadata(), customMetadata: [String: String] = [:], md5: R2Digest? = nil,
        sha1: R2Digest? = nil, sha256: R2Digest? = nil, sha384: R2Digest? = nil, sha512: R2Digest? = nil,
        onlyIf: R2Conditional? = nil, storageClass: R2StorageClass = .standard, ssecKey: R2EncryptionKey? = nil
    ) {
        self.httpMetadata = httpMetadata
        self.customMetadata = customMetadata
        self.md5 = md5
        self.sha1 = sha1
        self.sha256 = sha256
        self.sha384 = sha384
        self.sha512 = sha512
        self.onlyIf = onlyIf
        self.storageClass = storageClass
        self.ssecKey = ssecKey
    }
}

/// What an upload in parts will make of its object.
public struct R2MultipartOptions: Sendable, Hashable {
    public var httpMetadata: R2HTTPMetadata
    public var customMetadata: [String: String]
    public var storageClass: R2StorageClass
    /// Encrypts the content at rest. Every part must be uploaded with the same key.
    public var ssecKey: R2EncryptionKey?

    public init(
        httpMetadata: R2HTTPMetadata = R2HTTPMetadata(), customMetadata: [String: String] = [:],
        storageClass: R2StorageClass = .standard, ssecKey: R2EncryptionKey? = nil
    ) {
        self.httpMetadata = httpMetadata
        self.customMetadata = customMetadata
        self.storageClass = storageClass
        self.ssecKey = ssecKey
    }
}

/// How one part of an upload is written.
public struct R2PartOptions: Sendable, Hashable {
    /// The key that the upload was begun with, if it was begun with one.
    public var ssecKey: R2EncryptionKey?

    public init(ssecKey: R2EncryptionKey? = nil) { self.ssecKey = ssecKey }
}

/// Which page of a bucket is wanted.
public struct R2ListOptions: Sendable, Hashable {
    /// What the entries of a list carry besides the fields they always have.
    public struct Include: Sendable, Hashable, ExpressibleByStringLiteral {
        public static let httpMetadata: Include = "httpMetadata"
        public static let customMetadata: Include = "customMetadata"

        public var name: String

        public init(_ name: String) { self.name = name }
        public init(stringLiteral name: String) { self.name = name }
    }

    /// Only keys that begin with this.
    public var prefix: String
    /// Keys that contain this after the prefix are folded into `delimitedPrefixes`. Empty means none.
    public var delimiter: String
    /// Only keys after this one, which need not exist. With a cursor, the later of the two counts.
    public var startAfter: String?
    /// Where the page before ended.
    public var cursor: String?
    /// Objects and folded prefixes together: 1 to 1000.
    public var limit: Int
    /// Metadata that is wanted. Pages are then shorter, so go on until `truncated` is false.
    public var include: [Include]

    public init(
        prefix: String = "", delimiter: String = "", startAfter: String? = nil, cursor: String? = nil,
        limit: Int = 1000, include: [Include] = []
    ) {
        self.prefix = prefix
        self.delimiter = delimiter
        self.startAfter = startAfter
        self.cursor = cursor
        self.limit = limit
        self.include = include
    }
}
