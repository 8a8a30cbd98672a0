import EdgeServer
import FoundationEssentials
import NIOCore
import NIOHTTP1
import SiteBuilder

/// What the dev server gets from the site: modules, packages, styles, by URL path below `/@lilypad/`.
typealias DevResources = @Sendable (_ path: String) async throws -> DevResource?

struct DevResource: Sendable, Equatable {
    var bytes: [UInt8]
    var contentType: String
}

/// Answers `/@lilypad/…` and passes everything else on. One for each event loop.
final class DevHandler: RequestHandler {
    private let loop: any EventLoop
    private let relay: EdgeRelay
    private let hub: EventHub
    private let resources: DevResources

    init(loop: any EventLoop, gate: EdgeGate, hub: EventHub, resources: @escaping DevResources) {
        self.loop = loop
        self.hub = hub
        self.resources = resources
        relay = EdgeRelay(loop: loop, gate: gate) { outage, exchange in OutagePage.answer(outage, exchange) }
        loop.scheduleRepeatedTask(initialDelay: EventHub.heartbeat, delay: EventHub.heartbeat) { [hub] _ in
            hub.beat(on: loop)
        }
    }

    func receive(_ exchange: Exchange) {
        let (path, query) = DevHandler.split(exchange.head.uri)
        guard path.hasPrefix("/@lilypad/") else { return relay.receive(exchange) }
        exchange.note = AnswerNote(source: "dev", detail: "")
        guard LocalRequest.isLocal(exchange.head.headers) else {
            return answer(exchange, 403, "This is only for pages of this machine: ask localhost or 127.0.0.1.")
        }
        guard exchange.head.method == .GET || exchange.head.method == .HEAD else {
            return answer(exchange, 405, "Only GET and HEAD.", fields: [("allow", "GET, HEAD")])
        }
        if path == "/@lilypad/events" {
            hub.open(exchange, after: DevHandler.value(of: "after", in: query), on: loop)
        } else {
            serve(path, exchange)
        }
    }

    private func serve(_ path: String, _ exchange: Exchange) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let boundExchange = NIOLoopBound(exchange, eventLoop: loop)
        let (loop, resources) = (loop, resources)
        let task = Task {
            let result: Result<DevResource?, any Error>
            do { result = .success(try await resources(path)) } catch { result = .failure(error) }
            loop.execute { bound.value.send(result, path, boundExchange.value) }
        }
        exchange.onCancel = { task.cancel() }
    }

    private func send(_ result: Result<DevResource?, any Error>, _ path: String, _ exchange: Exchange) {
        exchange.onCancel = nil
        switch result {
        case .success(let resource?):
            let body = ByteBuffer(bytes: resource.bytes)
            exchange.respond(
                ResponseHead(
                    status: 200,
                    headers: [
                        ("content-type", resource.contentType), ("cache-control", "no-store"),
                        ("x-content-type-options", "nosniff"),
                    ], contentLength: body.readableBytes),
                body: body)
        case .success(nil):
            answer(exchange, 404, "There is no \(path).")
        case .failure(let failure as BuildFailure):
            answer(exchange, 500, failure.diagnostics.map { $0.rendered() }.joined(separator: "\n\n"))
        case .failure(let failure as Diagnostic):
            answer(exchange, 500, failure.rendered())
        case .failure(let error):
            answer(exchange, 500, "\(error)")
        }
    }

    private func answer(
        _ exchange: Exchange, _ status: Int, _ text: String, fields: [(name: String, value: String)] = []
    ) {
        let body = ByteBuffer(string: text + "\n")
        exchange.respond(
            ResponseHead(
                status: status,
                headers: [("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")] + fields,
                contentLength: body.readableBytes),
            body: body)
    }

    static func split(_ target: String) -> (path: String, query: String) {
        guard let mark = target.firstIndex(of: "?") else { return (target, "") }
        return (String(target[..<mark]), String(target[target.index(after: mark)...]))
    }

    /// The values that are asked for here hold no character that would be encoded.
    static func value(of name: String, in query: String) -> String {
        for pair in query.split(separator: "&") where pair.hasPrefix(name + "=") {
            return String(pair.dropFirst(name.count + 1))
        }
        return ""
    }
}

/// What a browser shows while there is no edge and none is on its way: a page that loads itself again once there is.
enum OutagePage {
    /// - Returns: false for requests that are no navigation; a program wants a problem document.
    static func answer(_ outage: GateState.Outage, _ exchange: Exchange) -> Bool {
        guard exchange.head.headers.first(name: "accept")?.contains("text/html") == true else { return false }
        exchange.note = AnswerNote(source: "dev", detail: outage.code)
        let body = ByteBuffer(string: html(outage.message))
        exchange.respond(
            ResponseHead(
                status: 503,
                headers: [
                    ("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store"), ("retry-after", "5"),
                ], contentLength: body.readableBytes),
            body: body)
        return true
    }

    static func html(_ message: String) -> String {
        return """
            <!doctype html>
            <html lang="en" data-lilypad-outage>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Waiting for lilypad dev</title>
            <script type="module" src="/@lilypad/client.js"></script>
            <pre>\(ErrorPage.escaped(message))</pre>
            <p>This page loads itself again once that is fixed.</p>
            </html>

            """
    }
}
