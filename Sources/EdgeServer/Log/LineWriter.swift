import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Writes lines to a descriptor on a thread of its own, so that no event loop waits for a slow reader.
///
/// Each event loop has a buffer, which the thread takes whole: lines come together into few writes, and those of one loop
/// stay in order. Where the reader does not keep up and a buffer is full, lines are dropped and counted; once there is room
/// again, a line says how many.
package final class LineWriter: Sendable {
    /// The lines of some threads that have not been written yet.
    private final class Buffer: Sendable {
        let bytes = Mutex<[UInt8]>([])
    }

    /// Lines wait this long for others, in microseconds.
    private static let patience: UInt32 = 2000

    private let descriptor: Int32
    private let capacity: Int
    private let buffers: [Buffer]
    private let dropped = Atomic<Int>(0)
    private let isAwake = Atomic<Bool>(false)
    private let isFinishing = Atomic<Bool>(false)
    private let work = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)
    private let describeDropped: @Sendable (Int) -> String

    /// - Parameters:
    ///   - descriptor: stays the caller's.
    ///   - capacity: bytes that may wait in each of the buffers.
    ///   - buffers: about as many as threads that write.
    ///   - describeDropped: the line that says how many others are missing.
    package init(
        descriptor: Int32, capacity: Int = 1 << 20, buffers: Int = 16,
        describeDropped: @escaping @Sendable (Int) -> String
    ) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.buffers = (0..<max(1, buffers)).map { _ in Buffer() }
        self.describeDropped = describeDropped
        // A reader that has gone is no reason to fall over: the server serves on.
        signal(SIGPIPE, SIG_IGN)
        Thread.start { self.run() }
    }

    /// Takes one line, without its end. Never blocks for longer than it takes to copy it.
    package func write(_ line: [UInt8]) {
        let buffer = buffers[Int(bitPattern: UInt(pthread_self()) >> 12) % buffers.count]
        let isTaken = buffer.bytes.withLock { bytes in
            guard bytes.count + line.count < capacity else { return false }
            bytes += line
            bytes.append(0x0A)
            return true
        }
        if !isTaken { dropped.add(1, ordering: .relaxed) }
        wake()
    }

    package func write(_ line: String) { write(Array(line.utf8)) }

    /// Writes what is there and ends, or gives up when the reader takes too long. Nothing is taken any more.
    ///
    /// - Returns: whether everything is out.
    @discardableResult
    package func finish(within limit: DispatchTimeInterval) -> Bool {
        isFinishing.store(true, ordering: .sequentiallyConsistent)
        wake()
        return waitUntilFinished(within: limit)
    }

    func waitUntilFinished(within limit: DispatchTimeInterval) -> Bool {
        guard finished.wait(timeout: .now() + limit) == .success else { return false }
        // For whoever asks next.
        finished.signal()
        return true
    }

    private func wake() {
        if !isAwake.exchange(true, ordering: .sequentiallyConsistent) { work.signal() }
    }

    private func run() {
        while true {
            work.wait()
            if !isFinishing.load(ordering: .acquiring) { usleep(LineWriter.patience) }
            // Before anything is looked at: whoever comes behind that wakes this thread again.
            isAwake.store(false, ordering: .sequentiallyConsistent)
            let isLast = isFinishing.load(ordering: .sequentiallyConsistent)
            for buffer in buffers {
                let bytes = buffer.bytes.withLock { bytes in
                    var taken: [UInt8] = []
                    swap(&taken, &bytes)
                    return taken
                }
                if !bytes.isEmpty { writeOut(bytes) }
            }
            let count = dropped.exchange(0, ordering: .relaxed)
            if count > 0 { writeOut(Array((describeDropped(count) + "\n").utf8)) }
            if isLast { break }
        }
        finished.signal()
    }

    private func writeOut(_ bytes: [UInt8]) {
        var place = 0
        while place < bytes.count {
            let count = bytes[place...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                place += count
            } else if errno == EAGAIN {
                var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wish, 1, 1000)
            } else if errno != EINTR {
                return
            }
        }
    }
}

private enum Thread {
    /// Begins a thread that nobody waits for.
    static func start(_ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { Thread.enter($0) }, work.toOpaque())
        if status == 0 { pthread_detach(thread) } else { work.release() }
    }

    private static func enter(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
        return nil
    }

    private final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
