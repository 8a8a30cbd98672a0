import HTTPTypes
import NIOCore
import Workers

/// A Worker as the origin behind the cache in front of it. Made for one request of a client, and confined to its event loop;
/// a refresh in the background goes through it, too.
final class WorkerOrigin: Origin {
    private let host: WorkerHost
    private let cf: JSON?
    private let note: AnswerNote
    private let state: LoopState

    /// - Parameters:
    ///   - cf: of the client's request; `nil` where the host says nothing about its requests.
    ///   - reason: why the Worker is asked, for the request log.
    init(_ host: WorkerHost, cf: JSON?, reason: String, state: LoopState) {
        self.host = host
        self.cf = cf
        self.state = state
        note = AnswerNote(source: "worker", detail: reason)
    }

    func send(_ request: OriginRequest, _ receive: @escaping (OriginEvent) -> Void) -> any OriginCall {
        let call = LocalCall(method: request.method, note: note, dropsRay: cf != nil, receive)
        let url = RequestURL(scheme: request.scheme, authority: request.authority, target: request.target)
        var asked = Request(HTTPRequest.Method(rawValue: request.method) ?? .get, url, headers: request.fields)
        if let cf { asked.cf = cf }
        // Later: a handler that does not wait would have answered before this returns.
        state.loop.assumeIsolated().execute { [host, state, asked] in
            guard !call.isGone else { return }
            host.run(asked, nil, host.services.meter(for: .fetch), to: call, state)
        }
        return call
    }
}
