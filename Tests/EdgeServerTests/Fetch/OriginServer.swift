import EdgeServer
import NIOCore
import Synchronization

/// A server on this machine that answers as a test says.
final class OriginServer: Sendable {
    private final class Handler: RequestHandler {
        private let answer: @Sendable (Exchange) -> Void
        init(_ answer: @escaping @Sendable (Exchange) -> Void) { self.answer = answer }
        func receive(_ exchange: Exchange) { answer(exchange) }
    }

    let port: Int
    private let server: EdgeServer

    /// - Parameter answer: called for each request on its event loop; it answers then or later.
    init(_ answer: @escaping @Sendable (Exchange) -> Void) async throws {
        server = EdgeServer(threads: 1)
        let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { _ in Handler(answer) }
        port = address?.port ?? 0
    }

    var url: String { "http://127.0.0.1:\(port)" }

    func stop() async { await server.stop(within: .milliseconds(100)) }
}

extension Exchange {
    func answer(_ status: Int = 200, _ fields: [(name: String, value: String)] = [], _ bytes: [UInt8] = []) {
        respond(
            ResponseHead(status: status, headers: fields, contentLength: bytes.count), body: ByteBuffer(bytes: bytes))
    }

    func answer(_ text: String) { answer(200, [], Array(text.utf8)) }
}

/// Values that a test's closures leave behind, from any thread.
final class Notes<Note: Sendable>: Sendable {
    private let notes = Mutex<[Note]>([])
    var all: [Note] { notes.withLock { $0 } }
    var count: Int { notes.withLock { $0.count } }
    func add(_ note: Note) { notes.withLock { $0.append(note) } }
}

/// A number that changes under a test's eyes.
final class Tally: Sendable {
    private let number = Atomic<Int>(0)
    var value: Int { number.load(ordering: .acquiring) }
    @discardableResult
    func add(_ amount: Int = 1) -> Int { number.add(amount, ordering: .acquiringAndReleasing).newValue }
}

struct TooLate: Error {}

/// Waits for a condition, for as long as a loaded machine may take.
func eventually(_ condition: @Sendable () -> Bool) async throws {
    for _ in 0..<2000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw TooLate()
}

/// Waits until a number has not changed for half a second.
func settled(_ tally: Tally) async throws -> Int {
    var last = tally.value
    var same = 0
    for _ in 0..<400 {
        try await Task.sleep(for: .milliseconds(50))
        let now = tally.value
        same = now == last ? same + 1 : 0
        if same == 10 { return now }
        last = now
    }
    throw TooLate()
}
