import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// What the connections of one event loop share. It never leaves its loop, so nothing in it is locked.
final class LoopState {
    let loop: any EventLoop
    let executor: EventLoopExecutor
    private var second = 0
    private var unflushed: [HTTPConnection] = []
    private var lastDateLine: [UInt8] = []
    private var buffer = ByteBuffer()
    /// Names requests for people who look for them in logs, so it need not be hard to guess.
    private var rays = RayGenerator(seed: .random(in: .min ... .max))
    /// Open connections, for draining.
    var connections: [ObjectIdentifier: HTTPConnection] = [:]
    /// Set once the server stops: every further response closes its connection.
    var isDraining = false

    init(loop: any EventLoop) {
        self.loop = loop
        executor = EventLoopExecutor(loop: loop)
    }

    /// Flushes a connection once everything that has come in with this turn of the loop is answered: answers that go out
    /// one behind the other wake a waiting client once, not once for each.
    func flushLater(_ connection: HTTPConnection) {
        if unflushed.isEmpty { loop.assumeIsolated().execute { self.flushAll() } }
        unflushed.append(connection)
    }

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

    /// `date: Sun, 06 Nov 1994 08:49:37 GMT\r\n` (RFC 9110 §5.6.7), formatted at most once a second.
    var dateLine: [UInt8] {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        if now.tv_sec != second || lastDateLine.isEmpty {
            second = now.tv_sec
            lastDateLine = Array("date: \(HTTPDate.text(secondsSince1970: now.tv_sec))\r\n".utf8)
        }
        return lastDateLine
    }
}

/// Dates in the form that HTTP prefers (RFC 9110 §5.6.7, IMF-fixdate).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(secondsSince1970 seconds: Int) -> String {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - day * 86_400
        // Days to civil date with eras of 400 years that begin on 1 March, so that leap days come last.
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let weekday = days[((day % 7) + 7) % 7]
        let time = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        return "\(weekday), \(two(dayOfMonth)) \(months[month - 1]) \(four(year)) \(time) GMT"
    }

    private static func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static func four(_ value: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }
}
