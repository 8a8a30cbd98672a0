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
    private var dateLine: [UInt8] = []
    /// Open connections, for draining.
    var connections: [ObjectIdentifier: HTTPConnection] = [:]
    /// Set once the server stops: every further response closes its connection.
    var isDraining = false

    init(loop: any EventLoop) {
        self.loop = loop
        executor = EventLoopExecutor(loop: loop)
    }

    /// `date: Sun, 06 Nov 1994 08:49:37 GMT\r\n` (RFC 9110 §5.6.7), formatted at most once a second.
    func withDateLine<Result>(_ body: ([UInt8]) -> Result) -> Result {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        if now.tv_sec != second || dateLine.isEmpty {
            second = now.tv_sec
            dateLine = Array("date: \(HTTPDate.text(now.tv_sec))\r\n".utf8)
        }
        return body(dateLine)
    }
}
