import NIOCore
import NIOPosix
import Synchronization

/// A Redis server as a Worker asks it in the benchmarks: one pipelining connection for each event loop, opened at the first
/// command. It does not connect again.
final class Redis: Sendable {
    private typealias Connecting = EventLoopFuture<NIOLoopBound<RedisConnection>>

    private let path: String
    private let connections = Mutex<[ObjectIdentifier: Connecting]>([:])

    /// - Parameter path: of the server's unix socket.
    init(path: String) { self.path = path }

    func get(_ key: String) async throws -> [UInt8]? {
        switch try await ask([Array("GET".utf8), Array(key.utf8)]) {
        case .bytes(let bytes): return bytes
        case .null: return nil
        case let reply: throw RedisFailure(reply: reply)
        }
    }

    func set(_ key: String, _ value: [UInt8]) async throws {
        let reply = try await ask([Array("SET".utf8), Array(key.utf8), value])
        guard reply == .text("OK") else { throw RedisFailure(reply: reply) }
    }

    /// Called on an event loop, as every handler is that has not asked for other threads.
    private func ask(_ command: [[UInt8]]) async throws -> RESPReply {
        guard let loop = MultiThreadedEventLoopGroup.currentEventLoop else { throw RedisFailure(reply: nil) }
        let connecting = connections.withLock { connections in
            if let known = connections[ObjectIdentifier(loop)] { return known }
            let new = RedisConnection.connect(to: path, on: loop)
            connections[ObjectIdentifier(loop)] = new
            return new
        }
        let connection = try await connecting.get()
        return try await withCheckedThrowingContinuation { connection.value.send(command, $0) }
    }
}

struct RedisFailure: Error {
    /// `nil` when the caller was on no event loop.
    let reply: RESPReply?
}
