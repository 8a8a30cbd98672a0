import NIOCore
import NIOHTTP1

/// Passes a request's body on to the origin, at the origin's pace. Confined to the event loop of both.
enum Upload {
    static func start(_ exchange: Exchange, to call: any OriginCall) {
        // The exchange and the call let go of each other when either is over.
        call.onWritable = { [weak exchange] in exchange?.isBodyPaused = false }
        // The origin says whether a client that asks first may send.
        exchange.streamBody(invites: false) { [unowned exchange] event in
            switch event {
            case .bytes(let bytes):
                call.write(bytes)
                if !call.isWritable { exchange.isBodyPaused = true }
            case .end(let trailers): call.end(trailers: trailers)
            case .failed: call.cancel()
            }
        }
    }
}
