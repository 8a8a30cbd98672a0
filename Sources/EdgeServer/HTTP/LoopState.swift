import HTTPCaching
import NIOCore
import Workers

#if canImport(Glibc)
    import Glibc
#endif

/// What the connections of one event loop share. It never leaves its loop, so nothing in it is locked.
final class LoopState {
    let loop: any EventLoop
    let executor: EventLoopExecutor
    private var second = 0
    private var unflushed: [any LoopConnection] = []
    private var lastDate = ""
    private var lastDateLine: [UInt8] = []
    private var buffer = ByteBuffer()
    /// Names requests for people who look for them in logs, so it need not be hard to guess.
    private var rays = RayGenerator(seed: .random(in: .min ... .max))
    /// Open connections, for draining.
    var connections: [ObjectIdentifier: any LoopConnection] = [:]
    /// Set once the server stops: every further response closes its connection.
    var isDraining = false
    /// Set once idle connections of a server that stops have had their time.
    var closesIdle = false

    init(loop: any EventLoop) {
        self.loop = loop
        executor = EventLoopExecutor(loop: loop)
    }

    /// Flushes a connection once everything that has come in with this turn of the loop is answered: answers that go out
    /// one behind the other wake a waiting client once, not once for each.
    ///
    /// A crowd is answered in groups: the first of a thousand must not wait for the last.
    func flushLater(_ connection: any LoopConnection) {
        if unflushed.isEmpty { loop.assumeIsolated().execute { self.flushAll() } }
        unflushed.append(connection)
        if unflushed.count >= LoopState.flushedTogether { flushAll() }
    }

    private static let flushedTogether = 64

    private func flushAll() {
        let connections = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in connections { connection.flushIfNeeded() }
    }

    /// What every ray of a request begins with.
    func nextRay() -> UInt64 { rays.next() }

    /// Fills a buffer for one write: the memory of the last one, if the channel has let go of it.
    func filledBuffer(_ fill: (inout ByteBuffer) -> Void) -> ByteBuffer {
        buffer.clear(minimumCapacity: 512)
        fill(&buffer)
        // One long head must not be kept for ever.
        defer { if buffer.capacity > 8192 { buffer = ByteBuffer() } }
        return buffer
    }

    /// `date: Sun, 06 Nov 1994 08:49:37 GMT\r\n`
    var dateLine: [UInt8] {
        formatDate()
        return lastDateLine
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    var date: String {
        formatDate()
        return lastDate
    }

    /// At most once a second.
    private func formatDate() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        guard now.tv_sec != second || lastDateLine.isEmpty else { return }
        second = now.tv_sec
        lastDate = HTTPDate.text(now.tv_sec)
        lastDateLine = Array("date: \(lastDate)\r\n".utf8)
    }
}
