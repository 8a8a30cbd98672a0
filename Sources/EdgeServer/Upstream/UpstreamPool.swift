import NIOCore
import NIOHTTP1

/// The connections of one event loop to an origin. Confined to that loop.
///
/// A request takes the connection that was used last, so that those not needed grow old and close. Where there is none a
/// new one is opened, and the request takes whichever connection is ready first.
package final class UpstreamPool {
    /// What has happened since the pool was made.
    package struct Counters: Sendable, Equatable {
        /// Connections that stood, their TLS included.
        package var opened = 0
        /// Attempts to connect that failed.
        package var refused = 0
        /// Requests on a connection that had served another one.
        package var reused = 0
        /// Requests that were sent again, because a kept connection was dead.
        package var retried = 0
    }

    package let upstream: Upstream
    package let loop: any EventLoop
    package private(set) var counters = Counters()

    private let options: UpstreamOptions
    private var idle: [UpstreamConnection] = []
    private var connections: [ObjectIdentifier: UpstreamConnection] = [:]
    /// Attempts that have no connection yet.
    private var connecting = 0
    /// Requests that a connection is being opened for. There are never more of them than connections.
    private var expecting: [UpstreamCall] = []
    /// Requests that wait for one of the others to end, in the order of their arrival.
    private var queue = CircularBuffer<UpstreamCall>()
    private var unflushed: [UpstreamConnection] = []
    private var isSweeping = false
    private var isStopped = false

    init(_ upstream: Upstream, loop: any EventLoop) {
        self.upstream = upstream
        self.loop = loop
        options = upstream.options
    }

    /// Connections that stand or are being opened.
    package var connectionCount: Int { connections.count + connecting }
    /// Connections without a request.
    package var idleCount: Int { idle.count }
    /// Requests without a connection.
    package var waitingCount: Int { expecting.count + queue.count }

    /// Sends a request.
    ///
    /// - Parameter receive: hears of the response, on the event loop and never before this function has returned.
    package func send(_ request: UpstreamRequest, _ receive: @escaping (UpstreamEvent) -> Void) -> UpstreamCall {
        loop.preconditionInEventLoop()
        let call: UpstreamCall
        do throws(UpstreamFailure) {
            call = UpstreamCall(request: request, head: try UpstreamRequestHead(request), pool: self, receive: receive)
            if isStopped { call.fail(.stopped) } else { assign(call) }
        } catch {
            call = UpstreamCall(request: request, head: .empty, pool: self, receive: receive)
            call.fail(error)
        }
        if call.release() { loop.assumeIsolated().execute { call.deliverPending() } }
        return call
    }

    /// Takes no more requests and closes every connection as soon as it has none.
    package func shutDown() {
        isStopped = true
        for connection in idle { connection.close() }
        let calls = expecting + queue
        expecting = []
        queue.removeAll()
        for call in calls { call.fail(.stopped) }
    }

    private func assign(_ call: UpstreamCall) {
        if let connection = idle.popLast() {
            serve(call, on: connection)
            return
        }
        if connectionCount < options.connections {
            open(for: call)
        } else if queue.count < options.waitingRequests {
            call.deadline = .now() + options.connectTime
            queue.append(call)
        } else {
            call.fail(.tooManyWaiting)
        }
        startSweeping()
    }

    private func serve(_ call: UpstreamCall, on connection: UpstreamConnection) {
        connection.start(call)
        if call.isReused { counters.reused += 1 }
    }

    /// Sends what was written once this turn of the loop is over: requests that came in together go out together, and wake
    /// the origin once.
    func flushLater(_ connection: UpstreamConnection) {
        if unflushed.isEmpty { loop.assumeIsolated().execute { [self] in flushAll() } }
        unflushed.append(connection)
    }

    private func flushAll() {
        let connections = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for connection in connections { connection.flush() }
    }

    // MARK: Opening connections

    private func open(for call: UpstreamCall) {
        call.deadline = .now() + options.connectTime
        expecting.append(call)
        connecting += 1
        upstream.connect(on: loop).assumeIsolated().whenComplete { [self] result in
            connecting -= 1
            switch result {
            case .success(let channel): adopt(channel, for: call)
            case .failure(let error): failedToOpen(call, UpstreamFailure(connecting: error))
            }
        }
    }

    /// The channel stands. This is the same turn of the loop in which it was connected, so nothing has been read yet.
    private func adopt(_ channel: any Channel, for call: UpstreamCall) {
        let connection = UpstreamConnection(pool: self, options: options)
        do {
            let tls = try upstream.makeTLSHandler()
            connections[ObjectIdentifier(connection)] = connection
            if tls != nil { connection.secure(for: call, until: .now() + options.connectTime) }
            if let tls { try channel.pipeline.syncOperations.addHandler(tls) }
            try channel.pipeline.syncOperations.addHandler(connection)
        } catch {
            connections[ObjectIdentifier(connection)] = nil
            channel.close(promise: nil)
            failedToOpen(call, UpstreamFailure(securing: error))
            return
        }
        startSweeping()
        if !upstream.usesTLS { opened(connection, for: call) }
    }

    /// A connection is ready; `call` is why it was opened.
    func opened(_ connection: UpstreamConnection, for call: UpstreamCall) {
        counters.opened += 1
        if let index = expecting.firstIndex(where: { $0 === call }) {
            expecting.remove(at: index)
            serve(call, on: connection)
        } else {
            freed(connection)
        }
    }

    func failedToOpen(_ call: UpstreamCall, _ failure: UpstreamFailure) {
        counters.refused += 1
        if let index = expecting.firstIndex(where: { $0 === call }) {
            expecting.remove(at: index)
            call.fail(failure)
        }
        openForQueue()
    }

    /// A place is free: the first request in the queue gets a connection.
    private func openForQueue() {
        guard connectionCount < options.connections, let call = queue.popFirst() else { return }
        open(for: call)
    }

    // MARK: What connections say

    /// It can serve another request.
    func freed(_ connection: UpstreamConnection) {
        // A request that met a dead connection waits for its own new one.
        if let index = expecting.firstIndex(where: { !$0.isRetried }) {
            serve(expecting.remove(at: index), on: connection)
        } else if let call = queue.popFirst() {
            serve(call, on: connection)
        } else if isStopped || idle.count >= options.idleConnections {
            connection.close()
        } else {
            idle.append(connection)
            connection.rest()
        }
    }

    /// It is gone, or about to go.
    func closed(_ connection: UpstreamConnection) {
        connections[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        openForQueue()
    }

    /// The kept connection of this call was dead before the origin saw it.
    func retry(_ call: UpstreamCall) {
        call.detach()
        guard !isStopped else { return call.fail(.stopped) }
        counters.retried += 1
        call.isRetried = true
        call.isReused = false
        // The dead connection has made room for a new one, unless a request in the queue was faster.
        if connectionCount < options.connections {
            open(for: call)
        } else {
            call.deadline = .now() + options.connectTime
            queue.prepend(call)
        }
        startSweeping()
    }

    /// The caller has given up.
    func abandon(_ call: UpstreamCall, _ connection: UpstreamConnection?) {
        if let connection { return connection.close() }
        expecting.removeAll { $0 === call }
        queue.removeAll { $0 === call }
    }

    // MARK: Time

    /// Looks after all deadlines in one task, for as long as there are any.
    private func startSweeping() {
        guard !isSweeping else { return }
        isSweeping = true
        let times = [options.connectTime, options.responseTime, options.idleTime, options.keepAliveTime]
        let shortest = times.map(\.nanoseconds).min() ?? 0
        let interval = TimeAmount.nanoseconds(max(5_000_000, min(1_000_000_000, shortest / 4)))
        loop.assumeIsolated().scheduleTask(in: interval) { [self] in sweep() }
    }

    private func sweep() {
        isSweeping = false
        let now = NIODeadline.now()
        for connection in Array(connections.values) { connection.sweep(now: now) }
        for call in expecting.filter({ now >= $0.deadline }) {
            expecting.removeAll { $0 === call }
            call.fail(.connectTimeout)
        }
        // Those in the queue came in this order, so the first ones are late first; one that is sent again delays the others
        // a little.
        while let call = queue.first, now >= call.deadline {
            queue.removeFirst()
            call.fail(.waitedTooLong)
        }
        if connectionCount > 0 || !queue.isEmpty { startSweeping() }
    }
}
