extension LocalR2Bucket {
    /// How many objects one transaction looks at, so that other writers need not wait long.
    private static let batch = 500

    /// The rules of the bucket. A new one has `R2LifecycleRule.initial`.
    public func lifecycle() async throws -> [R2LifecycleRule] {
        try await store.read { try $0.lifecycle() } ?? [.initial]
    }

    /// Replaces the rules.
    public func setLifecycle(_ rules: [R2LifecycleRule]) async throws {
        try await store.write { try $0.save(rules) }
    }

    /// Does what is due by the rules now. The host calls it from time to time; the service takes up to a day.
    @discardableResult
    public func applyLifecycle() async throws -> R2LifecycleReport {
        let lifecycle = R2Lifecycle(rules: try await lifecycle())
        let now = moment
        var report = R2LifecycleReport()
        report.abortedUploads = try await endUploads(lifecycle, now: now)
        var start: R2Key? = lifecycle.concernsObjects ? R2Key("") : nil
        while let from = start {
            let (done, next) = try await store.write { try Self.apply(lifecycle, to: $0, from: from, now: now) }
            report.deletedObjects += done.deletedObjects
            report.movedObjects += done.movedObjects
            start = next
        }
        return report
    }

    private func endUploads(_ lifecycle: R2Lifecycle, now: Double) async throws -> Int {
        let uploads = try await store.read { try $0.uploads() }
        let isDue = uploads.contains { lifecycle.aborts($0, now: now) || lifecycle.forgets($0, now: now) }
        guard isDue else { return 0 }
        return try await store.write { records in
            var count = 0
            for var upload in try records.uploads() {
                if lifecycle.forgets(upload, now: now) {
                    try records.removeUpload(upload.id)
                } else if lifecycle.aborts(upload, now: now) {
                    try records.removeParts(ofUpload: upload.id)
                    upload.state = .aborted
                    upload.ended = now
                    try records.save(upload)
                    count += 1
                }
            }
            return count
        }
    }

    /// - Returns: what was done, and where to go on.
    private static func apply(
        _ lifecycle: R2Lifecycle, to records: any R2Records, from start: R2Key, now: Double
    ) throws -> (R2LifecycleReport, R2Key?) {
        var report = R2LifecycleReport()
        var due: [(R2Key, R2Lifecycle.Step)] = []
        var next: R2Key?
        var seen = 0
        try records.scan(from: start, to: nil) { object in
            if seen == batch {
                next = R2Key(object.key)
                return .stop
            }
            seen += 1
            let step = lifecycle.step(for: object, now: now)
            if step != .keep { due.append((R2Key(object.key), step)) }
            return .next
        }
        for (key, step) in due {
            switch step {
            case .keep: break
            case .delete:
                try records.remove(key)
                report.deletedObjects += 1
            case .moveToInfrequentAccess:
                try records.setStorageClass(.infrequentAccess, of: key)
                report.movedObjects += 1
            }
        }
        return (report, next)
    }
}
