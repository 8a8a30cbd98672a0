/// Counts the calls of the Cache API on the account of the request that makes them.
package struct MeteredCaches: CacheStorage {
    private let caches: any CacheStorage

    package init(_ caches: any CacheStorage) { self.caches = caches }

    package var `default`: any Cache { MeteredCache(cache: caches.default) }
    package func open(_ name: String) async throws -> any Cache { MeteredCache(cache: try await caches.open(name)) }
}

private struct MeteredCache: Cache {
    let cache: any Cache

    func match(_ request: Request, options: CacheQueryOptions) async throws -> Response? {
        try await RequestMeter.during(.cache) { try await cache.match(request, options: options) }
    }

    func put(_ request: Request, _ response: Response) async throws {
        try await RequestMeter.during(.cache) { try await cache.put(request, response) }
    }

    func delete(_ request: Request, options: CacheQueryOptions) async throws -> Bool {
        try await RequestMeter.during(.cache) { try await cache.delete(request, options: options) }
    }
}
