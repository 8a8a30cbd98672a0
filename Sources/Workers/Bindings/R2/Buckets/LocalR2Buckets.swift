/// All buckets of the local account, with the service's rules, for the doors that make, list and remove buckets.
///
/// Calls throw `R2Failure`, whose code and message are those of the service, and what the store fails with.
package struct LocalR2Buckets: Sendable {
    /// One page of the list of buckets.
    package struct Page: Sendable, Hashable {
        package var buckets: [R2BucketInfo]
        /// There is more after the last one.
        package var isTruncated: Bool
    }

    let store: any R2AccountStore
    let limits: R2Limits
    let now: @Sendable () -> Double
    let makeToken: @Sendable () -> String

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - makeToken: see `LocalR2Bucket.init`.
    package init(
        store: any R2AccountStore, limits: R2Limits, now: @escaping @Sendable () -> Double,
        makeToken: @escaping @Sendable () -> String
    ) {
        self.store = store
        self.limits = limits
        self.now = now
        self.makeToken = makeToken
    }

    // MARK: Buckets

    /// - Throws: `R2Failure.invalidBucketName`, `.bucketConflict`.
    @discardableResult
    package func create(
        _ name: String, location: String? = nil, storageClass: R2StorageClass = .standard
    ) async throws -> R2BucketInfo {
        guard R2BucketInfo.isValid(name: name) else { throw R2Failure.invalidBucketName }
        let bucket = R2BucketInfo(name: name, created: moment, location: location, storageClass: storageClass)
        return try await store.write { records in
            if try records.bucket(name) != nil { throw R2Failure.bucketConflict }
            try records.save(bucket)
            return bucket
        }
    }

    /// Creates a bucket unless it exists. Names that a configuration gives to bindings are taken as they are.
    ///
    /// - Returns: whether it was created.
    @discardableResult
    package func ensure(_ name: String) async throws -> Bool {
        let bucket = R2BucketInfo(name: name, created: moment)
        return try await store.write { records in
            if try records.bucket(name) != nil { return false }
            try records.save(bucket)
            return true
        }
    }

    /// Removes a bucket without objects. Uploads that nobody has completed go with it.
    ///
    /// - Throws: `R2Failure.noSuchBucket`, `.bucketNotEmpty`.
    package func delete(_ name: String) async throws {
        try await store.write { records in
            guard try records.bucket(name) != nil else { throw R2Failure.noSuchBucket }
            var isEmpty = true
            try records.records(of: name).scan(from: R2Key(""), to: nil) { _ in
                isEmpty = false
                return .stop
            }
            guard isEmpty else { throw R2Failure.bucketNotEmpty }
            try records.removeBucket(name)
        }
    }

    /// - Returns: `nil` when there is no such bucket.
    package func info(_ name: String) async throws -> R2BucketInfo? {
        try await store.read { try $0.bucket(name) }
    }

    package func exists(_ name: String) async throws -> Bool { try await info(name) != nil }

    /// Buckets in the order of their names.
    ///
    /// - Parameter startAfter: a name, which need not exist.
    package func list(prefix: String = "", startAfter: String = "", limit: Int = 1000) async throws -> Page {
        guard (1...limits.maxListEntries).contains(limit) else { throw R2Failure.invalidMaxKeys }
        return try await store.read { records in
            // One more than asked for tells whether there are more.
            let found = try records.buckets(prefix: prefix, after: startAfter, limit: limit + 1)
            return Page(buckets: Array(found.prefix(limit)), isTruncated: found.count > limit)
        }
    }

    /// Changes the storage class of objects that are written without one.
    package func setStorageClass(_ storageClass: R2StorageClass, of name: String) async throws -> R2BucketInfo {
        try await store.write { records in
            guard var bucket = try records.bucket(name) else { throw R2Failure.noSuchBucket }
            bucket.storageClass = storageClass
            try records.save(bucket)
            return bucket
        }
    }

    // MARK: Their content

    /// The bucket as a binding has it: writing creates it.
    package func bound(_ name: String) -> LocalR2Bucket { bucket(store.bucket(name)) }

    /// The bucket as the other doors have it: each call on it fails with `R2Failure.noSuchBucket` unless it exists.
    package func existing(_ name: String) -> LocalR2Bucket {
        bucket(ExistingBucket(name: name, account: store, inner: store.bucket(name)))
    }

    private func bucket(_ store: any R2Store) -> LocalR2Bucket {
        LocalR2Bucket(store: store, limits: limits, now: now, makeToken: makeToken)
    }

    /// The moment to the millisecond, which is what is kept.
    private var moment: Double { (now() * 1000).rounded(.down) / 1000 }
}

/// A bucket that must exist in the transaction in which it is used.
private struct ExistingBucket: R2Store {
    let name: String
    let account: any R2AccountStore
    let inner: any R2Store

    func read<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value {
        try await account.read { [name] in try body(Self.records(of: name, in: $0)) }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (any R2Records) throws -> Value) async throws -> Value {
        try await account.write { [name] in try body(Self.records(of: name, in: $0)) }
    }

    func stage(_ content: BodyStream, hashing algorithm: R2HashAlgorithm?) async throws -> R2StagedBody {
        try await inner.stage(content, hashing: algorithm)
    }

    func release(_ staged: R2StagedBody, isSaved: Bool) { inner.release(staged, isSaved: isSaved) }

    func open(
        _ key: R2Key, _ choose: @escaping @Sendable (R2Record) throws -> [Range<Int>]?
    ) async throws -> (record: R2Record, body: Body?)? {
        if let found = try await inner.open(key, choose) { return found }
        return try await read { _ in nil }
    }

    private static func records(of name: String, in account: any R2AccountRecords) throws -> any R2Records {
        guard try account.bucket(name) != nil else { throw R2Failure.noSuchBucket }
        return account.records(of: name)
    }
}
