import Foundation

/// One long-lived Bun process that parses, resolves, splits and minifies (`Resources/bun-worker/worker.ts`).
///
/// Requests may overlap; each waits for its own answer. The process starts with the first request, and again with the
/// next one after it crashed. It ends when this object goes, when `close()` is called, or when this process dies: it
/// reads its requests from a socket that only we hold.
///
/// Bun serves one site: its working directory is the site folder, and every path in requests and answers is relative
/// to that.
public actor BunWorker {
    /// What is wrong with the worker itself rather than with the site.
    public enum Failure: Error, Sendable, CustomStringConvertible {
        /// The binary or its script cannot be run.
        case cannotStart(String)
        /// The process ended while it owed an answer. `said` is the end of what it wrote to standard error.
        case crashed(how: String, said: String)
        /// An answer that does not follow the protocol.
        case malformed(String)
        case closed

        public var description: String {
            switch self {
            case .cannotStart(let reason): "The bundler cannot be started. \(reason)"
            case .crashed(let how, let said):
                "The bundler ended unexpectedly (\(how))." + (said.isEmpty ? "" : " It said: \(said)")
            case .malformed(let text): "The bundler gave an answer that cannot be read: \(text)"
            case .closed: "The bundler has been closed."
            }
        }
    }

    private struct Running {
        var child: ChildProcess
        var number: Int
        var pending: [Int: CheckedContinuation<[UInt8], any Error>] = [:]
        var rest: [UInt8] = []
        var said = ""
    }

    /// The site folder, with links resolved.
    public nonisolated let site: String
    private let bun: String
    nonisolated let script: String
    private var running: Running?
    private var starts = 0
    private var lastRequest = 0
    private var isClosed = false

    /// - Parameters:
    ///   - bun: the path of the Bun binary.
    ///   - site: the site folder.
    ///   - script: the worker's script; by default the one that comes with this module.
    public init(bun: String, site: String, script: String = BunWorker.bundledScript) {
        self.bun = bun
        self.site = URL(filePath: site).resolvingSymlinksInPath().path(percentEncoded: false).droppingTrailingSlash
        self.script = script
    }

    deinit { running?.child.closeInput() }

    public static var bundledScript: String {
        resource("bun-worker", "").map { $0 + "/worker.ts" } ?? ""
    }

    /// A file or folder that comes with this module, whether `Resources` was copied as a whole or its parts were.
    static func resource(_ name: String, _ type: String) -> String? {
        guard let root = Bundle.module.resourcePath else { return nil }
        let file = type.isEmpty ? name : "\(name).\(type)"
        return ["\(root)/\(file)", "\(root)/Resources/\(file)"].first { FileManager.default.fileExists(atPath: $0) }
    }

    /// The process identifier while a process runs.
    public var processIdentifier: Int32? { running?.child.pid }

    /// How many requests the present process has answered or is answering; zero before the first.
    var requestsOfThisProcess: Int { running == nil ? 0 : lastRequest }

    /// Sends one request (a JSON object with `id` and `op`) and waits for the line that answers it.
    func exchange(_ body: (Int) throws -> [UInt8]) async throws -> [UInt8] {
        try start()
        lastRequest += 1
        let id = lastRequest
        let line = try body(id) + [UInt8(ascii: "\n")]
        return try await withCheckedThrowingContinuation { continuation in
            running?.pending[id] = continuation
            running?.child.write(line)
        }
    }

    /// Ends the process; requests in flight fail. Waits until it has gone.
    public func close() async {
        isClosed = true
        await stop()
    }

    /// Ends the process so that the next request starts a fresh one. Bun remembers folder listings for its lifetime
    /// and so may miss a file that was replaced by a folder of the same name.
    public func restart() async { await stop() }

    private func stop() async {
        guard let child = running?.child else { return }
        fail(with: Failure.closed)
        running = nil
        child.closeInput()
        let patience = Task {
            try await Task.sleep(for: .seconds(2))
            child.kill()
        }
        _ = await child.waitForExit()
        patience.cancel()
    }

    private func start() throws {
        guard !isClosed else { throw Failure.closed }
        guard running == nil else { return }
        // No package download, no .env, no bunfig.toml: what the site folder holds must not change how the tool works.
        let arguments = ["--no-install", "--no-env-file", "--config=/dev/null", "run", script]
        guard FileManager.default.isReadableFile(atPath: script) else {
            throw Failure.cannotStart("Its script \(script) is missing.")
        }
        let child: ChildProcess
        do {
            child = try ChildProcess(
                bun, arguments, directory: site, environment: ToolRun.environment, keepsInput: true)
        } catch {
            throw Failure.cannotStart("\(error)")
        }
        starts += 1
        lastRequest = 0
        running = Running(child: child, number: starts)
        let number = starts
        let listening = Task { [weak self] in
            for await piece in child.errors { await self?.heard(piece, from: number) }
        }
        Task { [weak self] in
            for await piece in child.output { await self?.received(piece, from: number) }
            let status = await child.waitForExit()
            await listening.value
            await self?.ended(status, number: number)
        }
    }

    private func heard(_ piece: [UInt8], from number: Int) {
        guard running?.number == number else { return }
        let text = (running?.said ?? "") + String(decoding: piece, as: UTF8.self)
        running?.said = String(text.suffix(2_000))
    }

    private func received(_ piece: [UInt8], from number: Int) {
        guard running?.number == number else { return }
        var bytes = running?.rest ?? []
        running?.rest = []
        // What was left over has no newline, so the search begins where the new piece does.
        var searched = bytes.count
        bytes += piece
        var lineStart = 0
        while let newline = newline(in: bytes, from: searched) {
            deliver(Array(bytes[lineStart..<newline]))
            lineStart = newline + 1
            searched = lineStart
        }
        running?.rest = Array(bytes[lineStart...])
    }

    /// Answers are megabytes on one line; `memchr` keeps a debug build from feeling that.
    private func newline(in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard start < buffer.count, let base = buffer.baseAddress else { return nil }
            let found = memchr(base + start, 0x0A, buffer.count - start)
            return found.map { UnsafeRawPointer($0) - base }
        }
    }

    /// Answers start with `{"id":N,`, so that finding whom a line is for needs no second reading of it.
    private func deliver(_ line: [UInt8]) {
        let digits = line.dropFirst(6).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard line.starts(with: Array("{\"id\":".utf8)), let id = Int(String(decoding: digits, as: UTF8.self)) else {
            fail(with: Failure.malformed(String(decoding: line.prefix(200), as: UTF8.self)))
            return
        }
        running?.pending.removeValue(forKey: id)?.resume(returning: line)
    }

    private func ended(_ status: ChildProcess.Status, number: Int) {
        guard let now = running, now.number == number else { return }
        let said = now.said.trimmingCharacters(in: .whitespacesAndNewlines)
        fail(with: Failure.crashed(how: "\(status)", said: said))
        running = nil
    }

    private func fail(with error: any Error) {
        let waiting = running?.pending ?? [:]
        running?.pending = [:]
        for continuation in waiting.values { continuation.resume(throwing: error) }
    }
}

extension String {
    var droppingTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}
