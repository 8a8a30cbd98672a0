import HTTPCaching
import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

/// The origin behind a proxy, over the network. Confined to an event loop.
final class UpstreamServer: Origin {
    private let pool: UpstreamPool
    private let rules: ForwardedFields
    private let authority: String
    private let now: @Sendable () -> Double

    init(_ upstream: Upstream, rules: ForwardedFields, loop: any EventLoop, now: @escaping @Sendable () -> Double) {
        pool = upstream.pool(on: loop)
        authority = upstream.origin.authority
        self.rules = rules
        self.now = now
    }

    func send(_ request: OriginRequest, _ receive: @escaping (OriginEvent) -> Void) -> any OriginCall {
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.fields.count)
        for field in request.fields { headers.add(name: field.name.rawName, value: field.value) }
        let body: UpstreamRequest.Body =
            switch request.body {
            case .none: .none
            case .stream(let length): .stream(length: length)
            }
        let upstream = UpstreamRequest(
            method: HTTPMethod(rawValue: request.method), target: request.target, headers: headers, body: body)
        return pool.send(upstream) { [rules, now] event in
            switch event {
            case .interim(let head): receive(.interim(Int(head.status.code), rules.response(head, date: "")))
            case .head(let head):
                let kept = rules.response(head, date: HTTPDate.text(Int(now())))
                var fields = HTTPFields()
                fields.reserveCapacity(kept.count)
                for (name, value) in kept {
                    guard let name = HTTPField.Name(name) else { continue }
                    fields.append(HTTPField(name: name, value: value))
                }
                receive(.head(OriginHead(status: Int(head.status.code), fields: fields)))
            case .body(let bytes): receive(.body(bytes))
            case .end(let trailers): receive(.end(trailers: trailers.flatMap(rules.trailers)))
            case .failed(let failure):
                receive(
                    .failed(GatewayFailure(status: failure.status, code: failure.code, message: failure.message)))
            }
        }
    }
}

extension UpstreamCall: OriginCall {}
