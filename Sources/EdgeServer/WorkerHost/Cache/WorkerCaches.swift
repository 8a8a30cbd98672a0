import HTTPCaching
import NIOCore

/// The store behind the caches of all Workers of a host: those in front of them, and the one behind their `fetch`.
///
/// Bounded in memory and on disk; with a folder, what is stored is there again after a restart.
package final class WorkerCaches: Sendable {
    package struct Options: Sendable {
        /// Where responses outlive the process; `nil` keeps them in memory alone.
        package var folder: String?
        /// Bytes of responses in memory.
        package var memory = 64 << 20
        /// Bytes of responses on disk.
        package var disk = 1 << 30
        /// Hears what an operator should know, each trouble once.
        package var onTrouble: @Sendable (StoreTrouble) -> Void = { _ in }

        package init(folder: String? = nil) { self.folder = folder }
    }

    let store: ResponseStore
    private let now: @Sendable () -> Double

    /// - Parameter now: seconds since 1970.
    /// - Throws: a `StoreFailure` if the folder cannot be used.
    package init(_ options: Options, now: @escaping @Sendable () -> Double) throws {
        var storage = ResponseStore.Options()
        storage.folder = options.folder
        storage.memoryBytes = options.memory
        storage.diskBytes = options.disk
        storage.onTrouble = options.onTrouble
        storage.setProfiles { namespace in
            namespace.hasPrefix(FrontCache.namespacePrefix) ? FrontCache.profile : FetchCache.profile
        }
        store = try ResponseStore(options: storage, now: now)
        self.now = now
        fetch = FetchCache(store, now: now)
    }

    /// The cache behind the `fetch` of all Workers, as a zone has one.
    package let fetch: FetchCache

    /// The cache in front of a Worker.
    ///
    /// - Parameters:
    ///   - worker: its name.
    ///   - entrypoint: `nil` for the default handlers.
    ///   - version: of its code and settings; `nil` for answers that the next version serves as well.
    package func front(of worker: String, entrypoint: String? = nil, version: String?) -> FrontCache {
        FrontCache(store, worker: entrypoint.map { worker + "#" + $0 } ?? worker, version: version, now: now)
    }

    /// What is stored now.
    package var statistics: StoreStatistics { store.statistics }

    /// Writes out what is not on disk yet, and lets another process have the folder.
    package func close() async { await store.close() }
}
