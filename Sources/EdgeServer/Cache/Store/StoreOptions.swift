import HTTPCaching

extension ResponseStore {
    package struct Options: Sendable {
        /// Bodies, heads and everything needed to find them.
        package var memoryBytes = 64 << 20
        /// All files of the folder.
        package var diskBytes = 1 << 30
        /// Where entries outlive the process; `nil` for a cache in memory alone.
        package var folder: String?
        /// Bytes of a body.
        package var largestObject = 512 << 20
        /// Bodies up to this are kept in memory and are written with their heads; others have a file each.
        package var largestInMemory = 256 << 10
        /// A power of two.
        package var shards = 64
        /// Responses of one key that differ by what `Vary` names.
        package var variantsPerKey = 32
        /// What a cache's responses are stored under, by its namespace.
        package var policy: @Sendable (_ namespace: String) -> CachePolicy = { _ in .rfc }
        /// How a head is made ready to be sent; the fields that differ from one answer to the next are left out of it.
        package var serialise: @Sendable (StoreKey, CachedResponse, _ size: Int) -> ResponseHead = {
            $1.serialised(size: $2)
        }
        /// Hears what an operator should know, each trouble once.
        package var onTrouble: @Sendable (StoreTrouble) -> Void = { _ in }

        package init() {}
    }
}

/// What goes wrong with the disk of a store. Meanwhile it goes on in memory.
package enum StoreTrouble: Sendable, Equatable {
    case diskFails(StoreFailure)
    case diskWorksAgain
    /// So many records were dropped when the folder was read.
    case damaged(records: Int)
}

/// How full a store is.
package struct StoreStatistics: Sendable, Equatable {
    package var entries = 0
    package var entriesInMemory = 0
    package var memoryBytes = 0
    package var diskBytes = 0
    /// Records that were dropped because they were not what was written.
    package var damaged = 0
}
