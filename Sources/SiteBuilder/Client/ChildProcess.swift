import Dispatch
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A child process whose output arrives as it is written, and which is always reaped.
///
/// Its three standard streams are socket pairs rather than pipes: they can be made close-on-exec at birth, and writing
/// to a child that has gone is an error (`MSG_NOSIGNAL`) and not a signal that ends this process. No other descriptor
/// reaches the child. It runs in a process group of its own: Ctrl-C at a terminal reaches only the parent, which then
/// closes its children in order.
///
/// Two threads per child do the blocking reads; the second thing the first does is wait for the exit status, so no
/// child stays a zombie, also when nobody asks for its status.
package final class ChildProcess: Sendable {
    /// How a child ended.
    package enum Status: Sendable, Equatable, CustomStringConvertible {
        case exited(Int32)
        case signalled(Int32)

        package var description: String {
            switch self {
            case .exited(let code): "exit status \(code)"
            case .signalled(let signal): "signal \(signal)"
            }
        }
    }

    package struct SpawnFailure: Error, CustomStringConvertible {
        var executable: String
        var code: Int32
        package var description: String { "\(executable) cannot be started: \(String(cString: strerror(code)))." }
    }

    /// What the child writes, in the pieces it arrives in. Each may be read once.
    package let output: AsyncStream<[UInt8]>
    package let errors: AsyncStream<[UInt8]>

    package let pid: pid_t
    private let life: Life
    private let input: Input

    /// - Parameters:
    ///   - directory: the child's working directory.
    ///   - environment: all of the child's environment; nothing is inherited.
    ///   - keepsInput: `false` gives the child an empty standard input.
    package init(
        _ executable: String, _ arguments: [String], directory: String, environment: [String: String],
        keepsInput: Bool = false
    ) throws {
        // Ours and the child's end of each: standard input, output, errors.
        var ours: [Int32] = []
        var theirs: [Int32] = []
        defer { for descriptor in theirs { close(descriptor) } }
        for _ in 0..<3 {
            var ends: [Int32] = [-1, -1]
            guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
                let code = errno
                for descriptor in ours { close(descriptor) }
                throw SpawnFailure(executable: executable, code: code)
            }
            ours.append(ends[0])
            theirs.append(ends[1])
        }
        do {
            pid = try Self.spawn(
                [executable] + arguments, directory: directory, environment: environment, descriptors: theirs)
        } catch {
            for descriptor in ours { close(descriptor) }
            throw error
        }
        input = Input(ours[0])
        life = Life(pid)
        if !keepsInput { input.close() }

        let (output, outputSink) = AsyncStream<[UInt8]>.makeStream()
        let (errors, errorSink) = AsyncStream<[UInt8]>.makeStream()
        self.output = output
        self.errors = errors
        let (outputEnd, errorEnd, life) = (ours[1], ours[2], life)
        Thread.detachNewThread {
            Self.pump(outputEnd, into: outputSink)
            life.reap()
        }
        Thread.detachNewThread { Self.pump(errorEnd, into: errorSink) }
    }

    deinit { input.close() }

    /// Queues bytes for the child's standard input. What a child that has gone does not read is dropped.
    package func write(_ bytes: [UInt8]) { input.write(bytes) }

    /// Ends the child's standard input after what is already queued.
    package func closeInput() { input.close() }

    /// - Parameter wholeGroup: also what the child has started itself.
    package func kill(_ signal: Int32 = SIGKILL, wholeGroup: Bool = false) { life.kill(signal, wholeGroup: wholeGroup) }

    package func waitForExit() async -> Status { await life.status() }

    private static func spawn(
        _ command: [String], directory: String, environment: [String: String], descriptors: [Int32]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
        }
        // Descriptors that some library opened without close-on-exec must not travel, or they never see their end.
        _ = SpawnExtension.closeFrom?(&actions, 3)
        guard let changeDirectory = SpawnExtension.changeDirectory, changeDirectory(&actions, directory) == 0 else {
            throw SpawnFailure(executable: command[0], code: ENOSYS)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var values: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for pointer in arguments + values { free(pointer) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &values)
        guard code == 0 else { throw SpawnFailure(executable: command[0], code: code) }
        return pid
    }

    /// Reads to the end and closes.
    private static func pump(_ descriptor: Int32, into sink: AsyncStream<[UInt8]>.Continuation) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                sink.yield(Array(buffer[..<count]))
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        close(descriptor)
        sink.finish()
    }
}

/// Two of glibc's additions to `posix_spawn`. Swift's module for glibc leaves them out, so they are looked up by name.
private enum SpawnExtension {
    typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>
    static let closeFrom = find(
        "posix_spawn_file_actions_addclosefrom_np", as: (@convention(c) (Actions, Int32) -> Int32).self)
    static let changeDirectory = find(
        "posix_spawn_file_actions_addchdir_np", as: (@convention(c) (Actions, UnsafePointer<CChar>) -> Int32).self)

    private static func find<Function>(_ name: String, as type: Function.Type) -> Function? {
        dlsym(nil, name).map { unsafeBitCast($0, to: type) }
    }
}

/// The writing end, used from one serial queue because a full socket makes the writer wait.
private final class Input: Sendable {
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "child-process-input")
    private let closed = Mutex(false)

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    func write(_ bytes: [UInt8]) {
        queue.async { [self] in
            guard !closed.withLock({ $0 }) else { return }
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                if count < 0 {
                    if errno == EINTR { continue }
                    return
                }
                sent += count
            }
        }
    }

    func close() {
        queue.async { [self] in
            let wasClosed = closed.withLock { closed in
                defer { closed = true }
                return closed
            }
            if !wasClosed { _ = Glibc.close(descriptor) }
        }
    }
}

/// The child's life as the system sees it. A process identifier may be given to another process the moment it is
/// reaped, so signalling and reaping exclude each other.
private final class Life: Sendable {
    private struct State {
        var status: ChildProcess.Status?
        var waiting: [CheckedContinuation<ChildProcess.Status, Never>] = []
    }
    private let pid: pid_t
    private let state = Mutex(State())

    init(_ pid: pid_t) { self.pid = pid }

    func kill(_ signal: Int32, wholeGroup: Bool) {
        state.withLock { if $0.status == nil { _ = Glibc.kill(wholeGroup ? -pid : pid, signal) } }
    }

    func reap() {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        let (status, waiting) = state.withLock { state in
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
            let signal = raw & 0x7f
            let status: ChildProcess.Status = signal == 0 ? .exited((raw >> 8) & 0xff) : .signalled(signal)
            state.status = status
            defer { state.waiting = [] }
            return (status, state.waiting)
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }

    func status() async -> ChildProcess.Status {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.status == nil { state.waiting.append(continuation) }
                return state.status
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
