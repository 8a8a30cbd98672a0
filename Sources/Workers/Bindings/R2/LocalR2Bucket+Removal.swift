/// An object that is to be removed.
package struct R2Removal: Sendable, Hashable {
    package var key: String
    /// It is removed only if this holds for it.
    package var onlyIf: R2Conditional?

    package init(_ key: String, onlyIf: R2Conditional? = nil) {
        self.key = key
        self.onlyIf = onlyIf
    }
}

extension LocalR2Bucket {
    /// Removes up to 1000 objects in one transaction.
    ///
    /// - Returns: for each, in order, why it was not removed; `nil` for one that is gone or never was.
    /// - Throws: `R2Failure` when nothing is removed.
    package func remove(_ removals: [R2Removal]) async throws -> [R2Failure?] {
        if removals.count > limits.maxDeletedKeys { throw R2Failure.internalError }
        let maxKeyBytes = limits.maxKeyBytes
        return try await store.write { records in
            try removals.map { removal in
                guard (1...maxKeyBytes).contains(removal.key.utf8.count) else { return .invalidObjectName }
                let key = R2Key(removal.key)
                if let onlyIf = removal.onlyIf, !onlyIf.holds(for: try records.object(key)) {
                    return .preconditionFailed
                }
                try records.remove(key)
                return nil
            }
        }
    }
}
