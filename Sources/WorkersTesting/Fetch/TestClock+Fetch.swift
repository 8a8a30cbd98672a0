import Workers

extension TestClock {
    /// The clock in the form in which fetchers take it.
    public var forFetching: FetchClock {
        FetchClock(now: { self.now }, sleep: { try await self.sleep(until: $0) })
    }
}
