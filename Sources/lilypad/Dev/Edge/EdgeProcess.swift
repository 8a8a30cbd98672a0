import FoundationEssentials
import SiteBuilder
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// `lilypad-edge emulate` as a child process that listens on a unix socket.
final class EdgeProcess: EdgeLife {
    /// The time to finish requests that are under way, before the process is killed.
    static let drain = Duration.seconds(2)
    /// A start that takes longer has gone wrong.
    static let patience = Duration.seconds(60)

    let upstream: GateState.Upstream
    private let child: ChildProcess
    private let output: EdgeOutput

    /// Starts an edge and waits until it listens.
    ///
    /// - Parameter receive: gets every line of its output except the one that says it listens.
    /// - Throws: `EdgeStartFailure` with what the edge said.
    static func launch(
        _ command: EdgeCommand, upstream: GateState.Upstream, children: ChildList,
        receive: @escaping @Sendable (String) -> Void
    ) async throws -> EdgeProcess {
        let child: ChildProcess
        do {
            child = try ChildProcess(
                command.binary, command.arguments(socket: upstream.path), directory: command.directory,
                environment: command.environment)
        } catch {
            throw EdgeStartFailure(message: "\(error)")
        }
        children.add(child)
        let output = EdgeOutput()
        let reading = output.follow(child, receive: receive)
        Task {
            _ = await child.waitForExit()
            children.remove(child)
            output.giveUp()
        }
        let limit = Task {
            try await Task.sleep(for: patience)
            output.giveUp()
        }
        let isListening = await output.listening()
        limit.cancel()
        guard isListening else {
            child.kill(SIGKILL, wholeGroup: true)
            _ = await child.waitForExit()
            for stream in reading { await stream.value }
            let said = output.lastWords
            throw EdgeStartFailure(message: said.isEmpty ? "it ended without saying why." : said)
        }
        return EdgeProcess(child: child, upstream: upstream, output: output)
    }

    private init(child: ChildProcess, upstream: GateState.Upstream, output: EdgeOutput) {
        self.child = child
        self.upstream = upstream
        self.output = output
    }

    func stop() async {
        child.kill(SIGTERM)
        let patience = Task { [child] in
            try await Task.sleep(for: EdgeProcess.drain)
            child.kill(SIGKILL, wholeGroup: true)
        }
        _ = await child.waitForExit()
        patience.cancel()
        unlink(upstream.path)
    }

    func waitForExit() async -> String { "\(await child.waitForExit())" }
}

/// How the edge is called.
struct EdgeCommand: Sendable {
    var binary: String
    /// The project root.
    var directory: String
    /// The configuration file, absolute.
    var configuration: String
    /// The asset folder, absolute.
    var assets: String
    var environment: [String: String]
    /// Whether the system chooses the port of REST, too.
    var choosesPorts = false

    func arguments(socket: String) -> [String] {
        ["emulate", "--config", configuration, "--assets", assets, "--unix-socket", socket]
            + (choosesPorts ? ["--services-port", "0", "--s3-port", "0"] : [])
    }
}

/// The children of this process that must not outlive it. A second Ctrl-C ends them all at once.
final class ChildList: Sendable {
    private let children = Mutex<[ChildProcess]>([])

    func add(_ child: ChildProcess) { children.withLock { $0.append(child) } }

    func remove(_ child: ChildProcess) { children.withLock { $0.removeAll { $0 === child } } }

    func kill() {
        for child in children.withLock({ $0 }) { child.kill(SIGKILL, wholeGroup: true) }
    }
}

/// What an edge says, line by line, and whether it has said that it listens.
private final class EdgeOutput: Sendable {
    private struct State {
        /// `nil` as long as nothing is decided.
        var isListening: Bool?
        var waiting: CheckedContinuation<Bool, Never>?
        var errors: [String] = []
    }

    private let state = Mutex(State())

    /// The end of what it wrote to standard error.
    var lastWords: String { state.withLock { $0.errors.suffix(12).joined(separator: "\n") } }

    func follow(_ child: ChildProcess, receive: @escaping @Sendable (String) -> Void) -> [Task<Void, Never>] {
        [
            Task {
                for await line in Lines(child.output) {
                    if line.hasPrefix("listening app ") { self.decide(true) } else { receive(line) }
                }
            },
            Task {
                for await line in Lines(child.errors) {
                    self.state.withLock { state in
                        state.errors.append(line)
                        if state.errors.count > 50 { state.errors.removeFirst() }
                    }
                    receive(line)
                }
            },
        ]
    }

    /// - Returns: whether it listens; waits until that is known.
    func listening() async -> Bool {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.isListening == nil { state.waiting = continuation }
                return state.isListening
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    /// It will not listen any more, if it has not begun to.
    func giveUp() { decide(false) }

    private func decide(_ isListening: Bool) {
        let waiting = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.isListening == nil else { return nil }
            state.isListening = isListening
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume(returning: isListening)
    }
}

/// The lines of a stream of bytes.
struct Lines: AsyncSequence {
    private let bytes: AsyncStream<[UInt8]>

    init(_ bytes: AsyncStream<[UInt8]>) { self.bytes = bytes }

    func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var bytes: AsyncStream<[UInt8]>.AsyncIterator
        private var rest: [UInt8] = []
        private var hasEnded = false

        fileprivate init(bytes: AsyncStream<[UInt8]>.AsyncIterator) { self.bytes = bytes }

        mutating func next() async -> String? {
            while true {
                if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    defer { rest.removeSubrange(...end) }
                    return String(decoding: rest[..<end], as: UTF8.self)
                }
                if hasEnded {
                    defer { rest = [] }
                    return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
                }
                if let piece = await bytes.next() { rest += piece } else { hasEnded = true }
            }
        }
    }
}
