import NIOCore
import Workers

extension Exchange {
    /// Bodies of at most this length are read before the handler begins, and come to it as bytes. The rest are streams.
    private static let smallBody = 64 * 1024

    enum BodyResult {
        case ready(Body)
        case tooLarge
        /// The client left before its request was complete; nobody waits for an answer.
        case incomplete
    }

    /// Hands over the request's body: complete if it is small, as a stream if it may be large.
    ///
    /// - Parameter limit: bytes. A declared length beyond it is `tooLarge`; a stream that turns out longer throws
    ///   `BodyTooLarge` at its reader.
    func requestBody(
        limit: Int, meter: RequestMeter?, on loop: any EventLoop, _ done: @escaping (BodyResult) -> Void
    ) {
        guard summary.hasBody else { return done(.ready(.empty)) }
        if let length = summary.contentLength {
            if length > limit { return done(.tooLarge) }
            if length <= Exchange.smallBody {
                collectBody(limit: limit) { result in
                    switch result {
                    case .success(let bytes):
                        try? meter?.received(requestBytes: bytes.readableBytes)
                        done(.ready(Body(bytes: Array(bytes.readableBytesView))))
                    case .failure: done(.incomplete)
                    }
                }
                return
            }
        }
        done(.ready(Body(stream: streamedBody(limit: limit, meter: meter, on: loop))))
    }

    /// The socket is read only as far as the stream's reader keeps up.
    private func streamedBody(limit: Int, meter: RequestMeter?, on loop: any EventLoop) -> BodyStream {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let (writer, stream) = BodyStream.pipe(
            length: summary.contentLength, capacity: 128 * 1024,
            onRoom: {
                if loop.inEventLoop {
                    bound.value.isBodyPaused = false
                } else {
                    loop.execute { bound.value.isBodyPaused = false }
                }
            },
            onCancel: {
                // Always later: the reader may let go in the middle of one of our own calls.
                loop.execute { bound.value.discardBody() }
            })
        var seen = 0
        streamBody { [unowned self] event in
            switch event {
            case .bytes(let bytes):
                seen += bytes.readableBytes
                do {
                    if seen > limit { throw BodyTooLarge(limit: limit) }
                    try meter?.received(requestBytes: bytes.readableBytes)
                } catch {
                    writer.fail(error)
                    return discardBody()
                }
                if !writer.offer(Array(bytes.readableBytesView)) { isBodyPaused = true }
            case .end: writer.finish()
            case .failed: writer.fail(WorkersError(.error, "The client left before its request was complete."))
            }
        }
        return stream
    }
}
