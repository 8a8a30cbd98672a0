import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server: event loops, and the sockets that listen on them.
///
/// ```swift
/// let server = EdgeServer(threads: 2)
/// let bound = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0)) { loop in Gateway(…) }
/// …
/// await server.stop(within: .seconds(10))
/// ```
public final class EdgeServer: Sendable {
    /// Where to listen.
    public enum Endpoint: Sendable, Hashable {
        /// `port` 0 lets the system choose.
        case tcp(host: String, port: Int)
        /// A path of at most 107 bytes; a socket left there by a dead process is replaced.
        case unix(path: String)
        /// A socket that is bound already, as whoever started this process made it.
        case inherited(descriptor: Int32)
    }

    /// The event loops, for outgoing requests that stay on the loop of the request they belong to.
    public var eventLoopGroup: any EventLoopGroup { group }

    private let group: MultiThreadedEventLoopGroup
    private let loops: [any EventLoop]
    private let states: [ObjectIdentifier: NIOLoopBound<LoopState>]
    private let listeners = Mutex<[Listener]>([])
    private let limits: HTTPLimits
    private let open = Atomic<Int>(0)

    public init(threads: Int, limits: HTTPLimits = HTTPLimits()) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads))
        self.limits = limits
        var loops: [any EventLoop] = []
        var states: [ObjectIdentifier: NIOLoopBound<LoopState>] = [:]
        for loop in group.makeIterator() {
            loops.append(loop)
            // Made on the loop it belongs to; start-up may wait for that.
            states[ObjectIdentifier(loop)] = try? loop.submit { NIOLoopBound(LoopState(loop: loop), eventLoop: loop) }
                .wait()
        }
        self.loops = loops
        self.states = states
        startSweeping()
    }

    /// Opens one socket.
    ///
    /// - Parameters:
    ///   - tls: `nil` for plain HTTP.
    ///   - log: receives a record for each request.
    ///   - handler: makes the request handler of one event loop; called once for each loop, on that loop.
    /// - Returns: the address in use, with the port that the system chose.
    /// - Throws: `IOError` with `EADDRINUSE` when the port is taken.
    @discardableResult
    public func listen(
        on endpoint: Endpoint, tls: TLSOptions? = nil, log: AccessLog? = nil,
        handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> SocketAddress? {
        try await listen(on: endpoint, tls: tls, clients: .direct, log: log, handler: handler)
    }

    /// - Parameters:
    ///   - clients: who is believed about who the clients are.
    ///   - cleartext: what is spoken without TLS.
    @discardableResult
    package func listen(
        on endpoint: Endpoint, tls: TLSOptions? = nil, clients: ClientRules,
        cleartext: ConnectionPipeline.Cleartext = .http1, log: AccessLog? = nil,
        handler: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> SocketAddress? {
        let handlers = try await makeHandlers(handler)
        let states = states
        let limits = limits
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            // The default of 4 for each turn of the loop lets a crowd wait while those who came first are served many times.
            .serverChannelOption(.maxMessagesPerRead, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // Two buffers of 64 KiB may wait in the channel before a streaming handler is told to pause.
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 * 1024, high: 128 * 1024))
            .childChannelInitializer { [self] channel in
                let key = ObjectIdentifier(channel.eventLoop)
                guard let state = states[key], let handler = handlers[key] else { return channel.close() }
                guard countOpened(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    if channel.remoteAddress?.ipAddress != nil {
                        // At TCP's level: at the socket's, the same number is SO_DEBUG, which only root may set.
                        try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
                    }
                    let peer = ConnectionPeer(
                        channel.remoteAddress, rules: clients, scheme: tls == nil ? "http" : "https")
                    let connection = ConnectionPipeline(
                        state: state.value, limits: limits, handler: handler.value, log: log, peer: SharedPeer(peer))
                    let pipeline = channel.pipeline.syncOperations
                    if let tls {
                        try connection.add(tls, to: pipeline)
                    } else {
                        try connection.add(cleartext, to: pipeline)
                    }
                }
            }
        let channel: any Channel
        switch endpoint {
        case .tcp(let host, let port):
            channel = try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path):
            channel = try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        case .inherited(let descriptor):
            channel = try await bootstrap.withBoundSocket(descriptor).get()
        }
        let isShared = if case .inherited = endpoint { true } else { false }
        listeners.withLock { $0.append(Listener(channel: channel, isShared: isShared)) }
        return channel.localAddress
    }

    /// Stops listening, lets what is under way finish, and closes everything after `limit` at the latest.
    ///
    /// Every answer from now on says that its connection ends with it.
    ///
    /// - Parameters:
    ///   - patience: how long a connection between two requests may still bring one. A request that crosses the closing of
    ///     its connection is lost for its client, unless it is one that may be repeated.
    ///   - afterDrain: runs when the last connection has gone and before the event loops end: the time for work that
    ///     outlives its answer. It must end by itself.
    public func stop(
        within limit: TimeAmount, patience: TimeAmount = .zero, afterDrain: () async -> Void = {}
    ) async {
        let begin = NIODeadline.now()
        _ = await drainOnce(closesIdle: false)
        let channels = listeners.withLock { list in
            defer { list = [] }
            return list
        }
        for listener in channels { await listener.stop() }
        while NIODeadline.now() < begin + limit,
            await drainOnce(closesIdle: NIODeadline.now() >= begin + patience) > 0
        {
            try? await Task.sleep(for: .milliseconds(10))
        }
        await afterDrain()
        try? await group.shutdownGracefully()
    }

    /// How many sockets listen.
    var listenerCount: Int { listeners.withLock { $0.count } }

    /// Closes the sockets that were opened last, as if they had never been: those behind the first `count`.
    func keepListeners(_ count: Int) async {
        let others = listeners.withLock { list in
            let others = list.dropFirst(count)
            list = Array(list.prefix(count))
            return others
        }
        for listener in others { try? await listener.channel.close() }
    }

    private func makeHandlers(
        _ make: @escaping @Sendable (any EventLoop) -> any RequestHandler
    ) async throws -> [ObjectIdentifier: NIOLoopBound<any RequestHandler>] {
        var handlers: [ObjectIdentifier: NIOLoopBound<any RequestHandler>] = [:]
        for loop in loops {
            handlers[ObjectIdentifier(loop)] =
                try await loop.submit { NIOLoopBound<any RequestHandler>(make(loop), eventLoop: loop) }.get()
        }
        return handlers
    }

    private func countOpened(_ channel: any Channel) -> Bool {
        let count = open.add(1, ordering: .relaxed).newValue
        channel.closeFuture.whenComplete { [self] _ in open.subtract(1, ordering: .relaxed) }
        return count <= limits.connections
    }

    /// - Returns: how many connections are still open.
    private func drainOnce(closesIdle: Bool) async -> Int {
        var count = 0
        for loop in loops {
            guard let state = states[ObjectIdentifier(loop)] else { continue }
            count +=
                (try? await loop.submit {
                    state.value.isDraining = true
                    state.value.closesIdle = closesIdle
                    for connection in Array(state.value.connections.values) { connection.drain() }
                    return state.value.connections.count
                }.get()) ?? 0
        }
        return count
    }

    /// Looks after the deadlines of all connections of a loop in one task, instead of one timer for each connection.
    private func startSweeping() {
        let times = [
            limits.handshakeTime, limits.headTime, limits.bodyTime, limits.idleTime, limits.writeTime,
            limits.lingerTime,
        ]
        let shortest = times.map(\.nanoseconds).min() ?? 0
        let interval = TimeAmount.nanoseconds(max(5_000_000, min(1_000_000_000, shortest / 4)))
        for loop in loops {
            guard let state = states[ObjectIdentifier(loop)] else { continue }
            loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
                let now = NIODeadline.now()
                for connection in Array(state.value.connections.values) { connection.sweep(now: now) }
            }
        }
    }
}
