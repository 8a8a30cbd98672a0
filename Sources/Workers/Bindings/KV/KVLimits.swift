/// The limits of Workers KV and the checks that follow from them.
///
/// See the Workers KV documentation, "Limits". Tests make values small; everything else is as in production.
public struct KVLimits: Sendable, Hashable {
    /// In bytes.
    public var value = 26_214_400
    /// In bytes of UTF-8.
    public var key = 512
    /// In bytes of compact JSON.
    public var metadata = 1024
    /// Keys on one page of a listing.
    public var page = 1000
    /// Keys in one bulk read.
    public var bulkKeys = 100
    /// Bytes of values in one bulk read.
    public var bulkBytes = 26_214_400
    /// In seconds.
    public var shortestCacheTTL = 30
    /// In seconds, for `expiration` and `expirationTTL` alike.
    public var shortestExpiration = 60

    public init() {}

    func check(cacheTTL: Int?, _ operation: KVOperation) throws {
        guard let cacheTTL, cacheTTL < shortestCacheTTL else { return }
        throw WorkersError.kv(
            operation, 400, "Invalid cache_ttl of \(cacheTTL). Cache TTL must be at least \(shortestCacheTTL).")
    }

    /// When an entry that is put now goes away; `nil` for never.
    ///
    /// - Parameter now: whole seconds since 1970.
    package func expiration(_ options: KVPutOptions, now: Int) throws -> Int? {
        if let ttl = options.expirationTTL {
            if ttl <= 0 {
                throw WorkersError.kv(
                    .put, 400, "Invalid expiration_ttl of \(ttl). Please specify integer greater than 0.")
            }
            if ttl < shortestExpiration {
                throw WorkersError.kv(
                    .put, 400,
                    "Invalid expiration_ttl of \(ttl). Expiration TTL must be at least \(shortestExpiration).")
            }
            // Beyond the range of a number is later than anybody asks.
            let (sum, isTooLate) = now.addingReportingOverflow(ttl)
            return isTooLate ? .max : sum
        }
        guard let expiration = options.expiration else { return nil }
        if expiration <= now {
            throw WorkersError.kv(
                .put, 400,
                "Invalid expiration of \(expiration). "
                    + "Please specify integer greater than the current number of seconds since the UNIX epoch.")
        }
        if expiration - now < shortestExpiration {
            throw WorkersError.kv(
                .put, 400,
                "Invalid expiration of \(expiration). "
                    + "Expiration times must be at least \(shortestExpiration) seconds in the future.")
        }
        return expiration
    }

    package func check(valueLength length: Int) throws {
        if length > value {
            throw WorkersError.kv(.put, 413, "Value length of \(length) exceeds limit of \(value).")
        }
    }

    /// The metadata as it is stored; `nil` for none.
    package func metadataText(_ metadata: JSON?) throws -> String? {
        guard let metadata, !metadata.isNull else { return nil }
        let text = metadata.text
        let length = text.utf8.count
        if length > self.metadata {
            throw WorkersError.kv(.put, 413, "Metadata length of \(length) exceeds limit of \(self.metadata).")
        }
        return text
    }

    /// Keys on the page that was asked for.
    package func pageSize(_ limit: Int?) throws -> Int {
        guard let limit, limit > 0 else { return page }
        if limit > page {
            // The text says "less", the service takes the limit itself.
            throw WorkersError.kv(
                .list, 400, "Invalid key_count_limit of \(limit). Please specify an integer less than \(page).")
        }
        return limit
    }

    package func check(prefix: String) throws {
        let length = prefix.utf8.count
        if length > key { throw WorkersError.kvKeyTooLong(.list, length, limit: key) }
    }

    package func check(bulkType type: String) throws {
        if type != "text", type != "json" {
            throw WorkersError.kv(.getBulk, 400, "\"\(type)\" is not a valid type. Use \"json\" or \"text\"")
        }
    }

    package func check(bulkCount count: Int) throws {
        if count > bulkKeys {
            throw WorkersError.kv(.getBulk, 400, "You can request a maximum of \(bulkKeys) keys")
        }
        if count < 1 { throw WorkersError.kv(.getBulk, 400, "You must request a minimum of 1 key") }
    }

    package func check(bulkLength length: Int) throws {
        if length > bulkBytes {
            throw WorkersError.kv(
                .getBulk, 413, "Total size of request exceeds the limit of \(bulkBytes / (1024 * 1024))MB")
        }
    }
}
