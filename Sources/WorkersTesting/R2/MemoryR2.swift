import Workers

extension LocalR2Bucket {
    /// An empty bucket in memory, with everything that R2 checks.
    ///
    /// ```swift
    /// let worker = try TestWorker(Files.self, bindings: ["FILES": .r2(LocalR2Bucket.inMemory())])
    /// ```
    /// - Parameters:
    ///   - limits: small ones make limits easy to test.
    ///   - clock: of the times of upload, of conditions on them, and of the lifecycle.
    public static func inMemory(limits: R2Limits = R2Limits(), clock: TestClock = TestClock()) -> LocalR2Bucket {
        LocalR2Bucket(store: MemoryR2Store(), limits: limits, now: clock.read) {
            var generator = SystemRandomNumberGenerator()
            return LocalR2Bucket.token(using: &generator)
        }
    }
}

extension LocalR2Buckets {
    /// An account without buckets, in memory.
    package static func inMemory(limits: R2Limits = R2Limits(), clock: TestClock = TestClock()) -> LocalR2Buckets {
        LocalR2Buckets(store: MemoryR2Account(), limits: limits, now: clock.read) {
            var generator = SystemRandomNumberGenerator()
            return LocalR2Bucket.token(using: &generator)
        }
    }
}
