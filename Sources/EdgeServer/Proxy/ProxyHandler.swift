import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

/// A cache alone, in front of an origin. One for each event loop.
final class ProxyHandler: RequestHandler {
    private let cache: EdgeCache
    private let origin: UpstreamServer
    private let rules: ForwardedFields
    private let upstream: String
    private let loop: any EventLoop

    init(_ cache: EdgeCache, _ upstream: Upstream, rules: ForwardedFields, loop: any EventLoop) {
        self.cache = cache
        self.rules = rules
        self.loop = loop
        self.upstream = upstream.origin.authority
        origin = UpstreamServer(upstream, rules: rules, loop: loop, now: cache.now)
    }

    func receive(_ exchange: Exchange) {
        let head = exchange.head
        if cache.hit(exchange, cache.key("\(exchange.client.scheme)://\(authority(exchange))\(head.uri)")) { return }
        let identity = exchange.client
        let client = ForwardedFields.Client(
            address: exchange.remoteAddress?.ipAddress, scheme: identity.scheme, host: exchange.summary.host,
            isTrusted: exchange.isFromTrustedProxy)
        switch rules.request(head.method, head.headers, version: head.version, authority: upstream, from: client) {
        case .pass(let headers): start(exchange, headers)
        case .answer:
            let fields = [cache.statusField(ProxyHandler.unasked, nil)]
            exchange.respond(ResponseHead(status: 200, headers: fields, contentLength: 0), body: nil)
        case .loop: refuse(exchange, 508, "loop_detected", "The request has been here before.")
        case .malformed(let reason): refuse(exchange, 400, "malformed_request", "\(reason).")
        }
    }

    private func start(_ exchange: Exchange, _ headers: HTTPHeaders) {
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let request = CacheRequest(
            method: exchange.head.method.rawValue, scheme: exchange.client.scheme, authority: authority(exchange),
            target: exchange.head.uri, fields: fields)
        let client = ExchangeClient(exchange)
        CacheTransaction(client, request, cache: cache, origin: origin, loop: loop).start()
    }

    private func authority(_ exchange: Exchange) -> String {
        let host = exchange.client.host
        return host.isEmpty ? upstream : host.lowercased()
    }

    /// The proxy answers by itself.
    private static let unasked = CacheStatus(cache: CachePolicy.rfc.name, forward: .bypass, detail: "not-forwarded")

    private func refuse(_ exchange: Exchange, _ status: Int, _ code: String, _ message: String) {
        let problem = ServerProblem(status: status, code: code, message: message)
        let answer = problem.answer(with: [cache.statusField(ProxyHandler.unasked, nil)])
        exchange.respond(answer.head, body: answer.body)
    }
}
