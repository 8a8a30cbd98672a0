/// Where a bucket's records and bytes lie. It knows nothing of R2's rules: those are `LocalR2Bucket`'s.
///
/// Bytes are stored first, out of sight; a record then names them in a transaction. So there is no half object: either
/// a record names complete bytes, or nothing shows that there were any.
package protocol R2Store: Sendable {
    /// Looks at the records in one snapshot that holds every write that has returned.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value

    /// Changes records in one transaction, alone. It returns when the change will not be lost any more. A body that
    /// throws has changed nothing before; it may be run twice.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value

    /// Stores the bytes of a body and computes their checksums. They stay until `release`, and then for as long as a
    /// record names them.
    ///
    /// When it throws, or its task is cancelled, nothing is left behind and the stream is cancelled.
    ///
    /// - Parameters:
    ///   - content: has a length and keeps it.
    ///   - algorithm: of the checksum that is wanted besides MD5.
    func stage(_ content: BodyStream, hashing algorithm: R2HashAlgorithm?) async throws -> R2StagedBody

    /// The writer is done.
    ///
    /// - Parameter isSaved: whether a record names the bytes; otherwise none will.
    func release(_ staged: R2StagedBody, isSaved: Bool)

    /// Finds an object and opens its bytes in one step: they stay readable when the object is replaced or deleted.
    ///
    /// - Parameter choose: the stored bytes that are wanted, one run after the other; `nil` for none. It may be asked
    ///   twice.
    func open(
        _ key: R2Key, _ choose: @escaping @Sendable (R2Record) throws -> [Range<Int>]?
    ) async throws -> (record: R2Record, body: Body?)?
}

/// The records of one bucket within one transaction.
package protocol R2Records: AnyObject {
    func object(_ key: R2Key) throws -> R2Object?

    /// An object and where its bytes are. Another record may name the same bytes: a copy costs none.
    func record(_ key: R2Key) throws -> R2Record?

    /// Saves a record in place of the one under its key.
    func save(_ record: R2Record) throws

    /// Changes how an object is stored, and nothing else.
    func setStorageClass(_ storageClass: R2StorageClass, of key: R2Key) throws

    func remove(_ key: R2Key) throws

    /// Visits objects in the order of their keys.
    ///
    /// - Parameters:
    ///   - start: the least key to visit.
    ///   - end: the least key not to visit; `nil` goes to the end.
    func scan(from start: R2Key, to end: R2Key?, _ visit: (R2Object) throws -> R2ScanStep) throws

    /// The uploads, oldest first: the open ones, and those that have ended and whose end is still known.
    func uploads() throws -> [R2Upload]
    func upload(_ id: String) throws -> R2Upload?
    /// Saves an upload in place of the one with its id. The parts stay.
    func save(_ upload: R2Upload) throws
    /// Forgets an upload and its parts.
    func removeUpload(_ id: String) throws

    /// The parts of an upload by number.
    func parts(ofUpload id: String) throws -> [R2Part]
    /// Saves a part in place of the one with its number.
    func save(_ part: R2Part, inUpload id: String) throws
    func removeParts(ofUpload id: String) throws

    /// The rules that were set; `nil` if none ever were.
    func lifecycle() throws -> [R2LifecycleRule]?
    func save(_ lifecycle: [R2LifecycleRule]) throws

    /// `nil` if there is no configuration.
    func cors() throws -> R2CORSConfiguration?
    func save(_ cors: R2CORSConfiguration?) throws
}

/// What a scan does after an object.
package enum R2ScanStep: Sendable, Hashable {
    case next
    /// Goes on at this key, which lies behind.
    case skip(to: R2Key)
    case stop
}

/// An object and where its bytes are.
package struct R2Record: Sendable, Hashable {
    /// Without a range.
    package var object: R2Object
    /// The bytes in order: one piece for a put, none when it is empty, one for each part of an upload.
    package var segments: [R2Segment]

    package init(object: R2Object, segments: [R2Segment]) {
        self.object = object
        self.segments = segments
    }

    package var key: R2Key { R2Key(object.key) }

    /// The sizes of the parts that the object was uploaded in, in order; `nil` for one that was put at once.
    package var partSizes: [Int]? {
        guard let dash = object.etag.utf8.lastIndex(of: 0x2D), let count = Int(object.etag[dash...].dropFirst()) else {
            return nil
        }
        let isSealed = object.ssecKeyMd5 != nil
        let sizes = segments.map { isSealed ? SealedLayout.contentSize(stored: $0.size) : $0.size }
        // Empty parts have no segment. Sizes never grow from part to part, so they come last.
        return sizes + Array(repeating: 0, count: max(0, count - sizes.count))
    }
}

/// A stored run of bytes. Several records may name the same one.
package struct R2Segment: Sendable, Hashable {
    /// The store's own name of it.
    package var blob: [UInt8]
    package var size: Int

    package init(blob: [UInt8], size: Int) {
        self.blob = blob
        self.size = size
    }

    /// A part of one segment.
    package struct Piece: Sendable, Hashable {
        package var blob: [UInt8]
        package var range: Range<Int>
    }

    /// Where the bytes of a range lie.
    package static func pieces(of range: Range<Int>, in segments: [R2Segment]) -> [Piece] {
        var pieces: [Piece] = []
        var start = 0
        for segment in segments {
            let overlap = range.clamped(to: start..<(start + segment.size))
            if !overlap.isEmpty {
                pieces.append(
                    Piece(blob: segment.blob, range: (overlap.lowerBound - start)..<(overlap.upperBound - start)))
            }
            start += segment.size
        }
        return pieces
    }
}

/// Bytes that are stored and that no record names yet.
package struct R2StagedBody: Sendable, Hashable {
    /// `nil` for no bytes.
    package var segment: R2Segment?
    /// MD5 and what else was asked for.
    package var checksums: R2Checksums
    /// Bytes before they were encrypted; `nil` if they were not.
    var contentSize: Int?

    package init(segment: R2Segment?, checksums: R2Checksums) {
        self.segment = segment
        self.checksums = checksums
    }

    package var segments: [R2Segment] { segment.map { [$0] } ?? [] }
    package var size: Int { contentSize ?? segment?.size ?? 0 }
    package var md5: [UInt8] { checksums.md5 ?? [] }
}

/// An upload in parts.
package struct R2Upload: Sendable, Hashable {
    package enum State: Int, Sendable, Hashable {
        case open = 0
        case completed = 1
        case aborted = 2
    }

    package var id: String
    package var key: R2Key
    /// In seconds since 1970.
    package var created: Double
    /// Without the key of the encryption, which is not kept.
    package var options: R2MultipartOptions
    /// The MD5 of that key, in hexadecimal digits.
    package var ssecKeyMd5: String?
    /// What checksum the object will have.
    package var checksum: R2ObjectChecksum.Form?
    package var state = State.open
    /// When it was completed or aborted, in seconds since 1970.
    package var ended: Double?

    package init(
        id: String, key: R2Key, created: Double, options: R2MultipartOptions, ssecKeyMd5: String? = nil,
        checksum: R2ObjectChecksum.Form? = nil, state: State = .open, ended: Double? = nil
    ) {
        self.id = id
        self.key = key
        self.created = created
        self.options = options
        self.options.ssecKey = nil
        self.ssecKeyMd5 = ssecKeyMd5
        self.checksum = checksum
        self.state = state
        self.ended = ended
    }
}

/// One part of an upload.
package struct R2Part: Sendable, Hashable {
    package var number: Int
    package var etag: String
    /// Of the content, before it was encrypted.
    package var size: Int
    package var md5: [UInt8]
    /// What the S3 interface has stored it with.
    package var checksum: R2ObjectChecksum?
    /// In seconds since 1970.
    package var uploaded: Double
    /// `nil` for no bytes.
    package var segment: R2Segment?

    package init(
        number: Int, etag: String, size: Int, md5: [UInt8], checksum: R2ObjectChecksum? = nil, uploaded: Double,
        segment: R2Segment?
    ) {
        self.number = number
        self.etag = etag
        self.size = size
        self.md5 = md5
        self.checksum = checksum
        self.uploaded = uploaded
        self.segment = segment
    }
}
