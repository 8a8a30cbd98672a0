import Synchronization
final class DiskStore: Sendable {
    let largestRecordBody = 0
    init(folder: String, options: ResponseStore.Options) throws(StoreFailure) { throw .closed }
    func start(_ store: ResponseStore) {}
    func load(_ key: StoreKey, for store: ResponseStore, _ done: @escaping @Sendable ([Entry]) -> Void) {}
    func schedule(_ body: IncomingBody, for store: ResponseStore) {}
    func finish(_ body: IncomingBody, _ done: @escaping @Sendable (BodyFile?) -> Void) {}
    func release(_ released: ShardIndex.Released) {}
    func reserve(_ entry: Entry) -> Bool { false }
    func unreserve(_ entry: Entry) {}
    func write(_ entry: Entry, for store: ResponseStore) {}
    func forget(
        _ key: StoreKey, variant: [UInt8], for store: ResponseStore,
        _ done: @escaping @Sendable (StoreFailure?) -> Void = { _ in }
    ) {}
    func forget(
        _ key: StoreKey, wasStored: Bool, for store: ResponseStore, _ done: @escaping @Sendable (StoreFailure?) -> Void
    ) {}
    func relieveMemory(for store: ResponseStore) {}
    func note(_ purge: Purge, namespace: String?, for store: ResponseStore) async throws(StoreFailure) {}
    func restored() async {}
    func add(to statistics: inout StoreStatistics) {}
    func flush() async {}
    func close() async {}
}
