import NIOCore

/// The connections of one event loop to the edge. Confined to that loop.
final class UpstreamPool {
    /// Idle connections kept for later; a browser opens six for each host.
    static let idleLimit = 32
    /// Connections at one time; further requests wait for one to come back.
    static let openLimit = 256
    /// The edge closes a connection that is idle for a minute. Letting go well before it spares a request that race.
    static let idleTime = TimeAmount.seconds(20)

    private let loop: any EventLoop
    private var idle: [UpstreamConnection] = []
    private var open = 0
    private var queue = CircularBuffer<(GateState.Upstream, (Result<UpstreamConnection, any Error>) -> Void)>()

    init(loop: any EventLoop) {
        self.loop = loop
        let bound = NIOLoopBound(Weak(self), eventLoop: loop)
        loop.scheduleRepeatedTask(initialDelay: UpstreamPool.idleTime, delay: .seconds(5)) { task in
            guard let pool = bound.value.value else { return task.cancel() }
            pool.closeOld(now: .now())
        }
    }

    var openCount: Int { open }
    var idleCount: Int { idle.count }

    /// Hands over a connection to this edge, a kept one if there is one.
    func lease(_ upstream: GateState.Upstream, _ done: @escaping (Result<UpstreamConnection, any Error>) -> Void) {
        while let connection = idle.popLast() {
            if connection.upstream == upstream, connection.isUsable { return done(.success(connection)) }
            // Connections of an edge that has been replaced are of no use to anybody.
            connection.close()
        }
        guard open < UpstreamPool.openLimit else {
            queue.append((upstream, done))
            return
        }
        connect(upstream, done)
    }

    /// Takes a connection back once its exchange is over.
    func giveBack(_ connection: UpstreamConnection) {
        guard connection.isUsable, idle.count < UpstreamPool.idleLimit else { return connection.close() }
        if let (upstream, done) = queue.first, upstream == connection.upstream {
            queue.removeFirst()
            return done(.success(connection))
        }
        idle.append(connection)
    }

    private func connect(
        _ upstream: GateState.Upstream, _ done: @escaping (Result<UpstreamConnection, any Error>) -> Void
    ) {
        open += 1
        UpstreamConnection.open(upstream, on: loop).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let connection):
                connection.onClose = { [weak self, weak connection] in
                    guard let self else { return }
                    idle.removeAll { $0 === connection }
                    closed()
                }
                done(.success(connection))
            case .failure(let error):
                closed()
                done(.failure(error))
            }
        }
    }

    private func closed() {
        open -= 1
        if open < UpstreamPool.openLimit, let (upstream, done) = queue.popFirst() { lease(upstream, done) }
    }

    private func closeOld(now: NIODeadline) {
        for connection in idle where connection.lastUse + UpstreamPool.idleTime <= now { connection.close() }
    }
}

/// A reference that does not keep its object.
struct Weak<Object: AnyObject> {
    weak var value: Object?
    init(_ value: Object) { self.value = value }
}
