import EdgeServer
import Workers

/// Passes requests to a part of the emulator if they name this machine. A page elsewhere that has its own name point here
/// (DNS rebinding) does not get through.
final class LocalHostHandler: RequestHandler {
    private let host: WorkerHost

    init(host: WorkerHost) { self.host = host }

    func receive(_ exchange: Exchange) {
        guard LocalHostRule.namesThisMachine(exchange.host) else { return exchange.refuseForeignHost() }
        host.answer(exchange, site: nil, reason: "")
    }
}

extension Exchange {
    /// Says whom this port answers.
    func refuseForeignHost() {
        respond(
            .text("This port answers to localhost, 127.0.0.1 and [::1] alone.\n", status: .forbidden), from: "services")
    }
}
