import Synchronization

extension BodyStream {
    /// Two streams with the same content. The slower reader's share waits in memory, so both should be read or cancelled.
    ///
    /// - Parameter limit: bytes that may wait; beyond it both fail. A Worker has 128 MB in all.
    public func tee(limit: Int = 128 * 1024 * 1024) throws -> (BodyStream, BodyStream) {
        if isDisturbed { throw WorkersError.bodyDisturbed }
        let tee = Tee(self, limit: limit)
        return (tee.branch(0), tee.branch(1))
    }
}

private final class Tee: Sendable {
    private struct Branch {
        var chunks: [[UInt8]] = []
        var size = 0
        var isCancelled = false
        var reader: CheckedContinuation<Void, Never>?

        mutating func takeReader() -> CheckedContinuation<Void, Never>? {
            defer { reader = nil }
            return reader
        }
    }

    private struct State {
        var branches = [Branch(), Branch()]
        var isPulling = false
        var ending: Result<Void, any Error>?
    }

    private enum Step {
        case chunk([UInt8])
        case end
        case wait(startsPull: Bool)
    }

    private let source: BodyStream
    private let limit: Int
    private let state = Mutex(State())
    /// What waits here is memory of the call that split the stream.
    private let held = HeldMemory.current()

    init(_ source: BodyStream, limit: Int) {
        self.source = source
        self.limit = limit
    }

    func branch(_ index: Int) -> BodyStream {
        BodyStream(length: source.length, onCancel: { self.cancel(index) }, next: { try await self.next(index) })
    }

    private func next(_ index: Int) async throws -> [UInt8]? {
        while true {
            try Task.checkCancellation()
            switch try step(index) {
            case .chunk(let chunk): return chunk
            case .end: return nil
            case .wait(let startsPull):
                // A task of its own: one reader's cancellation must not tear the chunk from the other.
                if startsPull { Task { await self.pull() } }
                await wait(index)
            }
        }
    }

    private func step(_ index: Int) throws -> Step {
        try state.withLock { state in
            if !state.branches[index].chunks.isEmpty {
                let chunk = state.branches[index].chunks.removeFirst()
                state.branches[index].size -= chunk.count
                held?.add(-chunk.count)
                return .chunk(chunk)
            }
            if state.branches[index].isCancelled { throw BodyCancelled() }
            if let ending = state.ending {
                try ending.get()
                return .end
            }
            let startsPull = !state.isPulling
            state.isPulling = true
            return .wait(startsPull: startsPull)
        }
    }

    private func wait(_ index: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    let branch = state.branches[index]
                    let hasNews =
                        !branch.chunks.isEmpty || branch.isCancelled || state.ending != nil || !state.isPulling
                    if hasNews || Task.isCancelled {
                        return true
                    }
                    state.branches[index].reader = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.branches[index].takeReader() }?.resume()
        }
    }

    private func pull() async {
        let result: Result<[UInt8]?, any Error>
        do {
            result = .success(try await source.next())
        } catch {
            result = .failure(error)
        }
        let readers = state.withLock { state in
            state.isPulling = false
            switch result {
            case .success(let chunk?):
                for index in state.branches.indices where !state.branches[index].isCancelled {
                    state.branches[index].chunks.append(chunk)
                    state.branches[index].size += chunk.count
                    held?.add(chunk.count)
                    if state.branches[index].size > limit { state.ending = .failure(Tee.overflow(limit)) }
                }
            case .success(nil): state.ending = .success(())
            case .failure(let error): state.ending = .failure(error)
            }
            return state.branches.indices.map { state.branches[$0].takeReader() }
        }
        for reader in readers { reader?.resume() }
    }

    private func cancel(_ index: Int) {
        let (isLast, reader) = state.withLock { state in
            state.branches[index].isCancelled = true
            state.branches[index].chunks = []
            held?.add(-state.branches[index].size)
            state.branches[index].size = 0
            return (state.branches.allSatisfy(\.isCancelled), state.branches[index].takeReader())
        }
        reader?.resume()
        if isLast { source.cancel() }
    }

    private static func overflow(_ limit: Int) -> WorkersError {
        WorkersError(.error, "One reader of a cloned body is more than \(limit) bytes behind the other.")
    }
}
