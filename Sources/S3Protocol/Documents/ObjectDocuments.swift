/// One page of a list of objects.
public struct ListObjectsResult: Sendable {
    public struct Entry: Sendable {
        public var key: String
        /// In seconds since 1970.
        public var modified: Double
        /// Without quotes.
        public var etag: String
        public var size: Int
        /// `STANDARD`
        public var storageClass: String

        public init(key: String, modified: Double, etag: String, size: Int, storageClass: String) {
            self.key = key
            self.modified = modified
            self.etag = etag
            self.size = size
            self.storageClass = storageClass
        }
    }

    public var bucket: String
    public var query: S3ListQuery
    public var entries: [Entry]
    public var prefixes: [String]
    /// `NextMarker`, or `NextContinuationToken`; `nil` on the last page.
    public var next: String?
    public var owner: S3Owner
    public var isVersion2: Bool

    public init(
        bucket: String, query: S3ListQuery, entries: [Entry], prefixes: [String], next: String?, owner: S3Owner,
        isVersion2: Bool
    ) {
        self.bucket = bucket
        self.query = query
        self.entries = entries
        self.prefixes = prefixes
        self.next = next
        self.owner = owner
        self.isVersion2 = isVersion2
    }

    public var xml: [UInt8] {
        XMLWriter.document("ListBucketResult") { writer in
            writer.text("Name", bucket)
            writer.text("Prefix", text(query.prefix))
            if !query.delimiter.isEmpty { writer.text("Delimiter", text(query.delimiter)) }
            writer.text("MaxKeys", query.maxKeys)
            writer.text("EncodingType", query.encodesURL ? "url" : nil)
            writer.text("IsTruncated", next != nil)
            if isVersion2 {
                writer.text("KeyCount", entries.count + prefixes.count)
                writer.text("ContinuationToken", query.continuationToken)
                writer.text("StartAfter", query.startAfter.map(text))
                writer.text("NextContinuationToken", next)
            } else {
                writer.text("Marker", text(query.marker))
                writer.text("NextMarker", next.map(text))
            }
            for entry in entries { writer.element("Contents") { write(entry, &$0) } }
            for prefix in prefixes {
                writer.element("CommonPrefixes") { $0.text("Prefix", text(prefix)) }
            }
        }
    }

    private func write(_ entry: Entry, _ writer: inout XMLWriter) {
        writer.text("Key", text(entry.key))
        writer.text("LastModified", S3Time.text(entry.modified))
        writer.text("ETag", "\"\(entry.etag)\"")
        writer.text("Size", entry.size)
        if !isVersion2 || query.fetchesOwner { owner.write("Owner", &writer) }
        writer.text("StorageClass", entry.storageClass)
    }

    private func text(_ text: String) -> String {
        query.encodesURL ? SignedText.encoded(Array(text.utf8), keepsSlash: true) : text
    }
}

/// What became of the objects that were to be removed.
public struct DeleteResult: Sendable {
    public struct Failure: Sendable {
        public var key: String
        public var code: String
        public var message: String

        public init(key: String, code: String, message: String) {
            self.key = key
            self.code = code
            self.message = message
        }
    }

    public var deleted: [String]
    public var failures: [Failure]

    public init(deleted: [String], failures: [Failure]) {
        self.deleted = deleted
        self.failures = failures
    }

    public var xml: [UInt8] {
        XMLWriter.document("DeleteResult") { writer in
            for key in deleted { writer.element("Deleted") { $0.text("Key", key) } }
            for failure in failures {
                writer.element("Error") { writer in
                    writer.text("Key", failure.key)
                    writer.text("Code", failure.code)
                    writer.text("Message", failure.message)
                }
            }
        }
    }
}

/// What a copy has made.
public struct CopyResult: Sendable {
    public var etag: String
    public var modified: Double
    /// The element's name and the value in base64.
    public var checksum: (algorithm: S3ChecksumAlgorithm, text: String, type: String?)?

    public init(
        etag: String, modified: Double, checksum: (algorithm: S3ChecksumAlgorithm, text: String, type: String?)?
    ) {
        self.etag = etag
        self.modified = modified
        self.checksum = checksum
    }

    /// - Parameter root: `CopyObjectResult` or `CopyPartResult`.
    public func xml(_ root: String) -> [UInt8] {
        XMLWriter.document(root) { writer in
            writer.text("LastModified", S3Time.text(modified))
            writer.text("ETag", "\"\(etag)\"")
            if let checksum {
                writer.text("ChecksumType", checksum.type)
                writer.text(checksum.algorithm.elementName, checksum.text)
            }
        }
    }
}

extension S3Error {
    /// The document of a refusal. `Error` has no namespace (R2 release notes, 2022-07-19).
    public func xml(resource: String, requestID: String) -> [UInt8] {
        XMLWriter.document("Error", namespace: nil) { writer in
            writer.text("Code", code)
            writer.text("Message", message)
            writer.text("Resource", resource)
            writer.text("RequestId", requestID)
        }
    }
}
