import HTTPCaching
import NIOCore
import NIOHTTP1
import Workers

/// The door through which an operator purges a proxy's cache: a unix socket that only its owner can open.
///
/// `POST /purge` takes JSON with any of `urls`, `prefixes`, `hosts`, `tags` (lists of texts) and `everything` (true).
/// `GET /statistics` says how full the store is.
final class ProxyControl: RequestHandler {
    /// Bytes of a request's body.
    private static let mostBody = 1 << 20

    private let cache: EdgeCache
    private let loop: any EventLoop

    init(_ cache: EdgeCache, loop: any EventLoop) {
        self.cache = cache
        self.loop = loop
    }

    func receive(_ exchange: Exchange) {
        switch (exchange.head.method, exchange.head.uri) {
        case (.GET, "/statistics"): statistics(exchange)
        case (.POST, "/purge"):
            exchange.collectBody(limit: ProxyControl.mostBody) { [self] result in
                switch result {
                case .success(let bytes): purge(Array(bytes.readableBytesView), exchange)
                case .failure(.tooLarge): refuse(exchange, 413, "body_too_large", "The body is larger than 1 MiB.")
                case .failure(.incomplete): break
                }
            }
        default: refuse(exchange, 404, "not_found", "There are POST /purge and GET /statistics here.")
        }
    }

    private func statistics(_ exchange: Exchange) {
        let numbers = cache.store.statistics
        let members: [JSON.Member] = [
            .init("entries", .integer(numbers.entries)),
            .init("entriesInMemory", .integer(numbers.entriesInMemory)),
            .init("memoryBytes", .integer(numbers.memoryBytes)),
            .init("diskBytes", .integer(numbers.diskBytes)),
            .init("damaged", .integer(numbers.damaged)),
        ]
        answer(exchange, .object(members))
    }

    private func purge(_ body: [UInt8], _ exchange: Exchange) {
        guard let wishes = ProxyControl.wishes(body), !wishes.isEmpty else {
            return refuse(
                exchange, 400, "bad_purge",
                "The body has to be JSON with urls, prefixes, hosts or tags, each a list of texts, or everything: true."
            )
        }
        let asked = NIOLoopBound((control: self, exchange: exchange), eventLoop: loop)
        Task { [cache, loop] in
            let failure: String?
            do {
                try await cache.purge(wishes)
                failure = nil
            } catch {
                failure = "\(error)"
            }
            loop.execute { asked.value.control.purged(asked.value.exchange, failure) }
        }
    }

    private func purged(_ exchange: Exchange, _ failure: String?) {
        if let failure {
            refuse(exchange, 500, "purge_not_kept", "The purge holds until a restart only: \(failure)")
        } else {
            answer(exchange, .object([.init("success", .bool(true))]))
        }
    }

    /// - Returns: `nil` for what is not understood; half a purge would be taken for a whole one.
    static func wishes(_ body: [UInt8]) -> [Purge]? {
        guard let json = try? JSON(parsing: body), case .object(let members) = json else { return nil }
        var wishes: [Purge] = []
        for member in members {
            if member.name == "everything" {
                guard member.value == .bool(true) else { return nil }
                wishes.append(.everything)
                continue
            }
            guard let values = member.value.array, !values.isEmpty else { return nil }
            let texts = values.compactMap(\.string)
            guard texts.count == values.count else { return nil }
            switch member.name {
            case "urls": wishes.append(.urls(texts))
            case "prefixes": wishes.append(.prefixes(texts))
            case "hosts": wishes.append(.hosts(texts))
            case "tags": wishes.append(.tags(texts))
            default: return nil
            }
        }
        return wishes
    }

    private func answer(_ exchange: Exchange, _ json: JSON) {
        let body = ByteBuffer(string: json.text + "\n")
        let head = ResponseHead(
            status: 200, headers: [("content-type", "application/json"), ("cache-control", "no-store")],
            contentLength: body.readableBytes)
        exchange.respond(head, body: body)
    }

    private func refuse(_ exchange: Exchange, _ status: Int, _ code: String, _ message: String) {
        let answer = ServerProblem(status: status, code: code, message: message).answer
        exchange.respond(answer.head, body: answer.body)
    }
}
