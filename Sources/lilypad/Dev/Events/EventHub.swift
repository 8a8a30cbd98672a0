import EdgeServer
import NIOCore
import SiteBuilder
import Synchronization

/// The pages that listen, and what they are told.
final class EventHub: Sendable {
    /// Streams at the same time; beyond it a page is told to come back later.
    static let clientLimit = 100
    /// Without a word for this long, proxies and browsers begin to think that nobody is there.
    static let heartbeat = TimeAmount.seconds(15)

    private struct Client: Sendable {
        var loop: any EventLoop
        var exchange: NIOLoopBound<Exchange>
    }

    private struct Shared {
        var history: MessageHistory
        var clients: [Int: Client] = [:]
        var lastClient = 0
        var problems: [Diagnostic] = []
        var edge: DevMessage?
    }

    private let shared: Mutex<Shared>

    init(session: String) { shared = Mutex(Shared(history: MessageHistory(session: session))) }

    /// What a page has seen when everything so far is in it.
    var position: String { shared.withLock { $0.history.position } }
    var clientCount: Int { shared.withLock { $0.clients.count } }

    /// Tells every page.
    func send(_ message: DevMessage) {
        let (text, clients) = shared.withLock { shared in
            var isState = true
            switch message {
            case .problems(let problems): shared.problems = problems
            case .ok: shared.problems = []
            case .edge: shared.edge = message
            case .update, .styles, .reload: isState = false
            }
            return (shared.history.add(message.json, isState: isState), shared.clients)
        }
        for (id, client) in clients { write(text, to: client, id: id) }
    }

    /// Opens a stream. Called on the exchange's event loop.
    ///
    /// - Parameter after: the last event the page has seen.
    func open(_ exchange: Exchange, after: String, on loop: any EventLoop) {
        let bound = NIOLoopBound(exchange, eventLoop: loop)
        let opened: (id: Int, texts: [String])? = shared.withLock { shared in
            guard shared.clients.count < EventHub.clientLimit else { return nil }
            shared.lastClient += 1
            shared.clients[shared.lastClient] = Client(loop: loop, exchange: bound)
            return (shared.lastClient, EventHub.welcome(shared, after: after))
        }
        guard let opened else {
            exchange.respond(
                ResponseHead(
                    status: 503, headers: [("retry-after", "5"), ("cache-control", "no-store")], contentLength: 0),
                body: nil)
            return
        }
        exchange.onCancel = { [self] in close(opened.id) }
        exchange.start(
            ResponseHead(
                status: 200, headers: [("content-type", "text/event-stream"), ("cache-control", "no-store")],
                contentLength: nil),
            chunked: true)
        for text in opened.texts { exchange.write(ByteBuffer(string: text)) }
    }

    /// Sends a comment to the streams of one event loop; one that is gone shows itself by it.
    func beat(on loop: any EventLoop) {
        for (id, client) in shared.withLock({ $0.clients }) where client.loop === loop {
            write(": \n\n", to: client, id: id)
        }
    }

    /// Ends all streams, so that the server need not wait for them.
    func closeAll() {
        let clients = shared.withLock { shared in
            defer { shared.clients = [:] }
            return shared.clients
        }
        for client in clients.values { client.loop.execute { client.exchange.value.end() } }
    }

    /// What a page hears first: what it has missed, then how things stand.
    private static func welcome(_ shared: Shared, after: String) -> [String] {
        let hello = "{\"session\":\"\(shared.history.session)\",\"type\":\"hello\"}"
        guard let missed = shared.history.missed(since: after) else {
            return [MessageHistory.event(id: shared.history.position, DevMessage.reload(pages: nil).json)]
        }
        var texts = [MessageHistory.event(id: shared.history.position, hello)] + missed
        let state: DevMessage = shared.problems.isEmpty ? .ok : .problems(shared.problems)
        texts.append(MessageHistory.event(id: shared.history.position, state.json))
        // That the edge is ready goes without saying.
        if case .edge(let edge, _)? = shared.edge, edge != .ready, let message = shared.edge {
            texts.append(MessageHistory.event(id: shared.history.position, message.json))
        }
        return texts
    }

    private func write(_ text: String, to client: Client, id: Int) {
        client.loop.execute { [self] in
            let exchange = client.exchange.value
            if exchange.isWritable {
                exchange.write(ByteBuffer(string: text))
            } else {
                // It does not read: it may come back and ask for what it has missed.
                close(id)
                exchange.abort()
            }
        }
    }

    private func close(_ id: Int) { shared.withLock { _ = $0.clients.removeValue(forKey: id) } }
}
