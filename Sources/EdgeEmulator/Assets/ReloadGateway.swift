import EdgeServer
import NIOCore

/// Lets `lilypad dev` say when the asset folder has changed: `POST /@lilypad/assets/reload`, answered when the change is
/// live. Only the private unix socket has it.
final class ReloadGateway: RequestHandler {
    static let target = "/@lilypad/assets/reload"

    private let next: any RequestHandler
    private let loader: SiteLoader
    private let loop: any EventLoop

    init(next: any RequestHandler, loader: SiteLoader, loop: any EventLoop) {
        self.next = next
        self.loader = loader
        self.loop = loop
    }

    func receive(_ exchange: Exchange) {
        guard exchange.head.uri == ReloadGateway.target, exchange.head.method == .POST else {
            next.receive(exchange)
            return
        }
        let bound = NIOLoopBound(exchange, eventLoop: loop)
        let loop = loop
        let loader = loader
        Task {
            await loader.reload()
            loop.execute { bound.value.respond(ResponseHead(status: 204, headers: [], contentLength: nil), body: nil) }
        }
    }
}
