import Subprocess
import SystemPackage

#if canImport(Glibc)
    import Glibc
#endif

/// Code as Pygments gets it.
struct Snippet: Sendable {
    var language: String
    var code: [UInt8]
    /// The same escaped: what the page shows when the language is unknown.
    var html: [UInt8]
}

/// Why code could not be coloured.
struct HighlightFailure: Error, Equatable {
    var message: String
    var hint: String
}

/// One Python that colours batches of code until it is let go.
///
/// It starts with the first batch and stays, since starting it takes longer than most batches. It ends when its
/// standard input does, that is, with ``close()``, with the last reference to this actor, or with our process.
actor PygmentsProcess {
    private struct Job: Sendable {
        var request: [UInt8]
        var count: Int
        var answer: CheckedContinuation<[HighlightCache.Entry], any Error>
    }

    private let python: String
    private let script: String
    private let version: String
    private var jobs: AsyncStream<Job>.Continuation?

    init(python: String, script: String, version: String) {
        self.python = python
        self.script = script
        self.version = version
    }

    deinit { jobs?.finish() }

    func close() {
        jobs?.finish()
        jobs = nil
    }

    /// One entry per piece. A Python that served before and has gone since is replaced; one that fails at once is not.
    func colour(_ pieces: [Snippet]) async throws -> [HighlightCache.Entry] {
        guard jobs != nil else { return try await ask(pieces) }
        do {
            return try await ask(pieces)
        } catch {
            return try await ask(pieces)
        }
    }

    private func ask(_ pieces: [Snippet]) async throws -> [HighlightCache.Entry] {
        let jobs = start()
        do {
            return try await withCheckedThrowingContinuation { continuation in
                let job = Job(request: Self.request(pieces), count: pieces.count, answer: continuation)
                if case .terminated = jobs.yield(job) { continuation.resume(throwing: Self.ended) }
            }
        } catch {
            self.jobs = nil
            throw error
        }
    }

    private static func request(_ pieces: [Snippet]) -> [UInt8] {
        var bytes = Array("\(pieces.count)\n".utf8)
        for piece in pieces {
            bytes.append("\(piece.language) \(piece.code.count)\n")
            bytes += piece.code
        }
        return bytes
    }

    /// Writing to a Python that has gone is an error to report; by default it would end our process.
    private static let brokenPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private func start() -> AsyncStream<Job>.Continuation {
        if let jobs { return jobs }
        _ = Self.brokenPipesAreErrors
        let (stream, continuation) = AsyncStream<Job>.makeStream()
        jobs = continuation
        // The task must not keep the actor alive, or `deinit` would wait for the task and the task for `deinit`.
        Task { [python, script, version] in
            let failure = await Self.serve(stream, python: python, script: script, version: version)
            continuation.finish()
            for await job in stream { job.answer.resume(throwing: failure ?? Self.ended) }
        }
        return continuation
    }

    private static let ended = HighlightFailure(
        message: "The Python that colours code ended early.", hint: "Build again; if it persists, run `lilypad setup`.")

    private static func serve(
        _ jobs: AsyncStream<Job>, python: String, script: String, version: String
    ) async -> HighlightFailure? {
        do {
            let result = try await run(
                .path(FilePath(python)), arguments: ["-I", script], input: .inputWriter, output: .sequence,
                error: .string(limit: 1 << 20)
            ) { process -> HighlightFailure? in
                var output = AnswerReader(process.standardOutput)
                guard let found = try await output.line() else { return Self.ended }
                if found != version {
                    return HighlightFailure(
                        message: "Pygments \(found) was found where \(version) is pinned.", hint: "Run `lilypad setup`."
                    )
                }
                for await job in jobs {
                    do {
                        _ = try await process.standardInputWriter.write(job.request)
                        job.answer.resume(returning: try await output.entries(job.count))
                    } catch {
                        job.answer.resume(throwing: Self.ended)
                        return Self.ended
                    }
                }
                return nil
            }
            guard var failure = result.closureResult else { return nil }
            let said = result.standardError.split(separator: "\n").last
            if let said, failure == ended {
                failure = HighlightFailure(
                    message: "Code cannot be coloured: \(said)",
                    hint: "Run `lilypad setup`; it installs Pygments \(version).")
            }
            return failure
        } catch {
            return HighlightFailure(
                message: "Code cannot be coloured: \(python) does not start.", hint: "Run `lilypad setup`.")
        }
    }
}

/// Lines and counted bytes out of a process's output.
private struct AnswerReader {
    private var iterator: SubprocessOutputSequence.Iterator
    private var buffer: [UInt8] = []
    private var position = 0

    init(_ output: SubprocessOutputSequence) { iterator = output.makeAsyncIterator() }

    /// `nil` when the output ended first.
    mutating func line() async throws -> String? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                return String(decoding: buffer[position..<end], as: UTF8.self)
            }
            let pending = buffer.count - position
            guard try await fill() else { return nil }
            searched = position + pending
        }
    }

    mutating func entries(_ count: Int) async throws -> [HighlightCache.Entry] {
        var entries: [HighlightCache.Entry] = []
        entries.reserveCapacity(count)
        while entries.count < count {
            let head = try await line()?.split(separator: " ") ?? []
            guard head.count == 2, let length = Int(head[1]) else { throw CancellationError() }
            while buffer.count - position < length {
                guard try await fill() else { throw CancellationError() }
            }
            entries.append(head[0] == "ok" ? .coloured(Array(buffer[position..<position + length])) : .unknownLanguage)
            position += length
        }
        return entries
    }

    private mutating func fill() async throws -> Bool {
        guard let more = try await iterator.next() else { return false }
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        more.withUnsafeBytes { buffer.append(contentsOf: $0) }
        return true
    }
}
