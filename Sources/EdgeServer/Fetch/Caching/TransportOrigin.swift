import HTTPTypes
import NIOCore
import Workers

/// The network as the origin behind the cache of `fetch`. Confined to an event loop.
final class TransportOrigin: Origin {
    private let transport: any FetchTransport
    private let loop: any EventLoop

    init(_ transport: any FetchTransport, loop: any EventLoop) {
        self.transport = transport
        self.loop = loop
    }

    func send(_ request: OriginRequest, _ receive: @escaping (OriginEvent) -> Void) -> any OriginCall {
        let call = LocalCall(method: request.method, note: nil, dropsRay: false, receive)
        let sink = ResponseSink(call, loop: loop)
        let url = RequestURL(scheme: request.scheme, authority: request.authority, target: request.target)
        let asked = Request(HTTPRequest.Method(rawValue: request.method) ?? .get, url, headers: request.fields)
        let task = Task(executorPreference: EventLoopExecutor(loop: loop)) { [transport] in
            do {
                let response = try await transport.send(asked)
                try await sink.send(response, ray: nil)
            } catch {
                // Nothing happens where the response has begun: the sink has said so already.
                await sink.abort(error)
            }
        }
        call.onCancel = { task.cancel() }
        return call
    }
}
