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
    /// In the order of their arrival.
    private var waiting: [UpstreamCall] = []
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
    package var waitingCount: Int { waiting.count }

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
        let calls = waiting
        waiting = []
        for call in calls { call.fail(.stopped) }
    }

    private func assign(_ call: UpstreamCall) {
        if let connection = idle.popLast() {
            serve(call, on: connection)
            return
        }
        call.deadline = .now() + options.connectTime
        if connectionCount < options.connections {
            waiting.append(call)
            open(for: call)
        } else if waiting.count < options.waitingRequests {
            waiting.append(call)
        } else {
            call.fail(.tooManyWaiting)
        }
        startSweeping()
    }

    private func serve(_ call: UpstreamCall, on connection: UpstreamConnection) {
        connection.start(call)
        if call.isReused { counters.reused += 1 }
    }

    // MARK: Opening connections

    private func open(for call: UpstreamCall) {
        call.hasAttempt = true
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
            let reader = ResponseReader(connection: connection, options: options)
            let tls = try upstream.makeTLSHandler()
            connections[ObjectIdentifier(connection)] = connection
            if tls != nil { connection.secure(for: call, until: .now() + options.connectTime) }
            if let tls { try channel.pipeline.syncOperations.addHandler(tls) }
            try channel.pipeline.syncOperations.addHandlers([ByteToMessageHandler(reader), connection])
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
        if let index = waiting.firstIndex(where: { $0 === call }) {
            waiting.remove(at: index)
            serve(call, on: connection)
        } else {
            freed(connection)
        }
    }

    func failedToOpen(_ call: UpstreamCall, _ failure: UpstreamFailure) {
        counters.refused += 1
        if let index = waiting.firstIndex(where: { $0 === call }) {
            waiting.remove(at: index)
            call.fail(failure)
        }
        openForWaiting()
    }

    /// A place is free: the first request that nobody opens a connection for gets one.
    private func openForWaiting() {
        guard connectionCount < options.connections, let call = waiting.first(where: { !$0.hasAttempt }) else { return }
        call.deadline = .now() + options.connectTime
        open(for: call)
    }

    // MARK: What connections say

    /// It can serve another request.
    func freed(_ connection: UpstreamConnection) {
        // A request that met a dead connection waits for its own new one.
        if let index = waiting.firstIndex(where: { !$0.isRetried }) {
            let call = waiting.remove(at: index)
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
        openForWaiting()
    }

    /// The kept connection of this call was dead before the origin saw it.
    func retry(_ call: UpstreamCall) {
        call.detach()
        guard !isStopped else { return call.fail(.stopped) }
        counters.retried += 1
        call.isRetried = true
        call.isReused = false
        call.hasAttempt = false
        call.deadline = .now() + options.connectTime
        waiting.insert(call, at: 0)
        if connectionCount < options.connections { open(for: call) }
        startSweeping()
    }

    /// The caller has given up.
    func abandon(_ call: UpstreamCall, _ connection: UpstreamConnection?) {
        waiting.removeAll { $0 === call }
        connection?.close()
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
        let late = waiting.filter { now >= $0.deadline }
        if !late.isEmpty {
            waiting.removeAll { now >= $0.deadline }
            for call in late { call.fail(call.hasAttempt ? .connectTimeout : .waitedTooLong) }
        }
        if connectionCount > 0 || !waiting.isEmpty { startSweeping() }
    }
}
