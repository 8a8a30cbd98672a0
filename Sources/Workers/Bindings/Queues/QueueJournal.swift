import Synchronization

/// Brings changes into a store in the order in which they were decided, many at a time.
///
/// `append` only notes a change, so it can be called inside of the lock under which the change was decided. One write runs
/// at a time; what is noted meanwhile goes together into the next.
final class QueueJournal: Sendable {
    /// Changes that are written together, and whoever waits for them.
    fileprivate final class Page: Sendable {
        private struct State {
            var waiters: [CheckedContinuation<Void, any Error>] = []
            var result: Result<Void, any Error>?
        }

        private let state = Mutex(State())

        func close(_ result: Result<Void, any Error>) {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                state.result = result
                return state.waiters
            }
            for waiter in waiters { waiter.resume(with: result) }
        }

        func wait() async throws {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state in
                    if state.result == nil { state.waiters.append(continuation) }
                    return state.result
                }
                if let result { continuation.resume(with: result) }
            }
        }
    }

    /// Waits until noted changes are stored.
    struct Receipt: Sendable {
        /// nil when there was nothing to write.
        fileprivate let page: Page?

        /// - Throws: what the store threw.
        func stored() async throws { try await page?.wait() }
    }

    private struct State {
        var changes: [QueueChange] = []
        var page = Page()
        /// What is being written now.
        var writing: Page?
    }

    private let store: any QueueStore
    private let state = Mutex(State())
    private let onFailure: @Sendable (any Error) -> Void

    /// - Parameter onFailure: told of each write that failed, whether or not somebody waits for it.
    init(store: any QueueStore, onFailure: @escaping @Sendable (any Error) -> Void) {
        self.store = store
        self.onFailure = onFailure
    }

    /// Notes changes, which will be written soon. The receipt is for those who must know when.
    func append(_ changes: [QueueChange]) -> Receipt {
        if changes.isEmpty { return Receipt(page: nil) }
        let (page, starts) = state.withLock { state in
            // Changes that wait have a writer already, or its task is on the way.
            let starts = state.writing == nil && state.changes.isEmpty
            state.changes += changes
            return (state.page, starts)
        }
        if starts { Task { await self.write() } }
        return Receipt(page: page)
    }

    /// Returns when everything noted so far was tried.
    func settle() async {
        let pages = state.withLock { state in [state.writing, state.changes.isEmpty ? nil : state.page] }
        for page in pages { try? await page?.wait() }
    }

    private func write() async {
        while let (changes, page) = next() {
            do {
                try await store.apply(changes)
                page.close(.success(()))
            } catch {
                page.close(.failure(error))
                onFailure(error)
            }
        }
    }

    private func next() -> ([QueueChange], Page)? {
        state.withLock { state in
            if state.changes.isEmpty {
                state.writing = nil
                return nil
            }
            defer {
                state.writing = state.page
                state.changes = []
                state.page = Page()
            }
            return (state.changes, state.page)
        }
    }
}
