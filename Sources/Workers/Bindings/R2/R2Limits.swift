/// What a bucket takes. The defaults are those of the service (R2 documentation, page "Limits"); tests make them
/// smaller.
public struct R2Limits: Sendable, Hashable {
    /// Of UTF-8.
    public var maxKeyBytes = 1024
    /// 5 TiB less 5 GiB.
    public var maxObjectBytes = (5 << 40) - (5 << 30)
    /// In one put or one part: 5 GiB less 5 MiB.
    public var maxUploadBytes = (5 << 30) - (5 << 20)
    /// Of every part of an upload but the last.
    public var minPartBytes = 5 << 20
    public var maxPartNumber = 10_000
    /// Names and values together.
    public var maxCustomMetadataBytes = 8192
    /// Objects and folded prefixes on one page.
    public var maxListEntries = 1000
    /// The same for a page with metadata.
    public var maxListEntriesWithMetadata = 100
    /// In one call.
    public var maxDeletedKeys = 1000
    /// The shortest time between two writes to one key, in seconds. The service has 1; the default does not wait.
    public var minWriteInterval = 0.0

    public init() {}

    /// What one put can store at most.
    var maxPutBytes: Int { min(maxUploadBytes, maxObjectBytes) }

    /// - Parameter existing: what a write replaces.
    func check(_ existing: R2Object?, writtenAt moment: Double) throws(R2Failure) {
        guard minWriteInterval > 0, let existing else { return }
        // A clock that was set back must not lock the key.
        if abs(moment - existing.uploaded) < minWriteInterval { throw .tooManyWrites }
    }
}
