/// Answers about uploads in parts.
public enum UploadDocuments {
    /// An upload in a list.
    public struct Upload: Sendable {
        public var key: String
        public var id: String
        /// In seconds since 1970.
        public var begun: Double
        public var storageClass: String
        public var checksum: (algorithm: S3ChecksumAlgorithm, type: String)?

        public init(
            key: String, id: String, begun: Double, storageClass: String,
            checksum: (algorithm: S3ChecksumAlgorithm, type: String)?
        ) {
            self.key = key
            self.id = id
            self.begun = begun
            self.storageClass = storageClass
            self.checksum = checksum
        }
    }

    /// A part in a list.
    public struct Part: Sendable {
        public var number: Int
        public var etag: String
        public var size: Int
        /// In seconds since 1970.
        public var uploaded: Double
        public var checksum: (algorithm: S3ChecksumAlgorithm, text: String)?

        public init(
            number: Int, etag: String, size: Int, uploaded: Double,
            checksum: (algorithm: S3ChecksumAlgorithm, text: String)?
        ) {
            self.number = number
            self.etag = etag
            self.size = size
            self.uploaded = uploaded
            self.checksum = checksum
        }
    }

    public static func begun(bucket: String, key: String, upload: String) -> [UInt8] {
        XMLWriter.document("InitiateMultipartUploadResult") { writer in
            writer.text("Bucket", bucket)
            writer.text("Key", key)
            writer.text("UploadId", upload)
        }
    }

    /// - Parameter location: the URL of the object.
    public static func completed(
        bucket: String, key: String, location: String, etag: String,
        checksum: (algorithm: S3ChecksumAlgorithm, text: String, type: String)?
    ) -> [UInt8] {
        XMLWriter.document("CompleteMultipartUploadResult") { writer in
            writer.text("Location", location)
            writer.text("Bucket", bucket)
            writer.text("Key", key)
            writer.text("ETag", "\"\(etag)\"")
            if let checksum {
                writer.text(checksum.algorithm.elementName, checksum.text)
                writer.text("ChecksumType", checksum.type)
            }
        }
    }

    /// - Parameters:
    ///   - after: the number that the page begins after.
    ///   - isTruncated: whether there are more behind the last one.
    public static func parts(
        _ parts: [Part], of upload: Upload, bucket: String, after: Int, maxParts: Int, isTruncated: Bool,
        owner: S3Owner, encodesURL: Bool
    ) -> [UInt8] {
        XMLWriter.document("ListPartsResult") { writer in
            writer.text("Bucket", bucket)
            writer.text("Key", text(upload.key, encodesURL))
            writer.text("UploadId", upload.id)
            owner.write("Initiator", &writer)
            owner.write("Owner", &writer)
            writer.text("StorageClass", upload.storageClass)
            write(upload.checksum, &writer)
            writer.text("EncodingType", encodesURL ? "url" : nil)
            writer.text("PartNumberMarker", after)
            writer.text("NextPartNumberMarker", parts.last?.number ?? after)
            writer.text("MaxParts", maxParts)
            writer.text("IsTruncated", isTruncated)
            for part in parts {
                writer.element("Part") { writer in
                    writer.text("PartNumber", part.number)
                    writer.text("LastModified", S3Time.text(part.uploaded))
                    writer.text("ETag", "\"\(part.etag)\"")
                    writer.text("Size", part.size)
                    if let checksum = part.checksum { writer.text(checksum.algorithm.elementName, checksum.text) }
                }
            }
        }
    }

    /// What a list of uploads was asked for, and where the next page begins.
    public struct ListPage: Sendable {
        public var prefix = ""
        public var delimiter = ""
        public var keyMarker = ""
        public var uploadIDMarker = ""
        public var maxUploads = 1000
        public var encodesURL = false
        public var isTruncated = false
        public var nextKeyMarker: String?
        public var nextUploadIDMarker: String?

        public init() {}
    }

    public static func uploads(
        _ uploads: [Upload], prefixes: [String], bucket: String, page: ListPage, owner: S3Owner
    ) -> [UInt8] {
        let isURL = page.encodesURL
        return XMLWriter.document("ListMultipartUploadsResult") { writer in
            writer.text("Bucket", bucket)
            writer.text("KeyMarker", text(page.keyMarker, isURL))
            writer.text("UploadIdMarker", page.uploadIDMarker)
            writer.text("NextKeyMarker", page.nextKeyMarker.map { text($0, isURL) })
            writer.text("NextUploadIdMarker", page.nextUploadIDMarker)
            writer.text("Prefix", text(page.prefix, isURL))
            if !page.delimiter.isEmpty { writer.text("Delimiter", text(page.delimiter, isURL)) }
            writer.text("EncodingType", isURL ? "url" : nil)
            writer.text("MaxUploads", page.maxUploads)
            writer.text("IsTruncated", page.isTruncated)
            for upload in uploads {
                writer.element("Upload") { writer in
                    writer.text("Key", text(upload.key, isURL))
                    writer.text("UploadId", upload.id)
                    owner.write("Initiator", &writer)
                    owner.write("Owner", &writer)
                    writer.text("StorageClass", upload.storageClass)
                    writer.text("Initiated", S3Time.text(upload.begun))
                    write(upload.checksum, &writer)
                }
            }
            for prefix in prefixes {
                writer.element("CommonPrefixes") { $0.text("Prefix", text(prefix, isURL)) }
            }
        }
    }

    private static func write(
        _ checksum: (algorithm: S3ChecksumAlgorithm, type: String)?, _ writer: inout XMLWriter
    ) {
        writer.text("ChecksumAlgorithm", checksum?.algorithm.rawValue)
        writer.text("ChecksumType", checksum?.type)
    }

    private static func text(_ text: String, _ isURL: Bool) -> String {
        isURL ? SignedText.encoded(Array(text.utf8), keepsSlash: true) : text
    }
}
