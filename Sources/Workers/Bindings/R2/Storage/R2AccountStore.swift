/// Where all buckets lie. It knows nothing of R2's rules: those are `LocalR2Buckets`'s.
package protocol R2AccountStore: Sendable {
    /// See `R2Store.read`.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any R2AccountRecords) throws -> Value
    ) async throws -> Value

    /// See `R2Store.write`.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any R2AccountRecords) throws -> Value
    ) async throws -> Value

    /// One bucket, whether it exists or not: the first object or upload creates it.
    func bucket(_ name: String) -> any R2Store
}

/// The records of all buckets within one transaction.
package protocol R2AccountRecords: AnyObject {
    /// In the order of the names' UTF-8 bytes.
    ///
    /// - Parameter after: a name, which need not exist.
    func buckets(prefix: String, after: String, limit: Int) throws -> [R2BucketInfo]
    func bucket(_ name: String) throws -> R2BucketInfo?

    /// Saves what is known about a bucket in place of what was. Its content stays.
    func save(_ bucket: R2BucketInfo) throws

    /// Forgets a bucket, its rules and its uploads. It has no objects.
    func removeBucket(_ name: String) throws

    /// The records of one bucket, in the same transaction.
    func records(of bucket: String) -> any R2Records
}

/// What is known about a bucket.
package struct R2BucketInfo: Sendable, Hashable {
    package var name: String
    /// In seconds since 1970.
    package var created: Double
    /// A hint, kept and given back: `WEUR`.
    package var location: String?
    /// Of objects that are written without one.
    package var storageClass: R2StorageClass

    package init(name: String, created: Double, location: String? = nil, storageClass: R2StorageClass = .standard) {
        self.name = name
        self.created = created
        self.location = location
        self.storageClass = storageClass
    }

    /// 3 to 63 lower-case letters, digits and hyphens, with none of the last at either end (R2 documentation, page
    /// "Create new buckets").
    package static func isValid(name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (3...63).contains(bytes.count), bytes.first != hyphen, bytes.last != hyphen else { return false }
        return bytes.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == hyphen }
    }

    private static let hyphen: UInt8 = 0x2D
}
