import NIOCore
import Workers

/// What takes a Worker's response: a client's exchange, or a cache that asked for it. Confined to an event loop.
protocol ResponseDestination: AnyObject {
    /// Nobody waits for the response any more.
    var isGone: Bool { get }
    /// Called when that happens before the response is over.
    var onCancel: (() -> Void)? { get set }

    /// - Parameter ray: the value of `CF-Ray`, which is the host's own.
    func sendBuffered(_ response: Response, _ bytes: [UInt8], ray: String?)
    /// - Returns: whether content follows.
    func startStream(_ response: Response, length: Int?, ray: String?) -> Bool
    /// - Returns: whether there is room for more.
    func sendChunk(_ chunk: [UInt8]) -> Bool
    /// Calls once: when there is room, or nobody is there any more.
    func whenWritable(_ resume: @escaping () -> Void)
    func endStream()
    /// The rest cannot be had.
    func abort(_ error: any Error)
}

/// Where a Worker's response goes. Used from any thread; the destination stays on its loop.
struct ResponseSink: Sendable {
    private let destination: NIOLoopBound<any ResponseDestination>
    private let loop: any EventLoop

    /// On the destination's loop.
    init(_ destination: any ResponseDestination, loop: any EventLoop) {
        self.destination = NIOLoopBound(destination, eventLoop: loop)
        self.loop = loop
    }

    /// Sends a response that is complete in memory, if that can be done at once.
    ///
    /// - Parameter ray: the value of `CF-Ray`, which is the host's own.
    /// - Returns: false for a stream, and on another thread than the loop's.
    func sendAtOnce(_ response: Response, ray: String?) -> Bool {
        guard loop.inEventLoop, let bytes = response.body.buffered else { return false }
        destination.value.sendBuffered(response, bytes, ray: ray)
        return true
    }

    /// Sends a response, a stream at the pace of its reader.
    ///
    /// - Throws: what the stream fails with, after the connection was closed; `CancellationError` when the client has gone.
    func send(_ response: Response, ray: String?) async throws {
        if let bytes = response.body.buffered {
            await onLoop { $0.sendBuffered(response, bytes, ray: ray) }
            return
        }
        let stream = try response.body.stream()
        guard await onLoop({ $0.startStream(response, length: stream.length, ray: ray) }) else {
            stream.cancel()
            return
        }
        do {
            while let chunk = try await stream.next() {
                guard await onLoop({ $0.sendChunk(chunk) }) else { try await room(); continue }
            }
            await onLoop { $0.endStream() }
        } catch {
            stream.cancel()
            // Only a broken connection tells a client that what it has is not the whole (RFC 9112 §8).
            await onLoop { $0.abort(error) }
            throw error
        }
    }

    /// There is no response.
    func abort(_ error: any Error) async { await onLoop { $0.abort(error) } }

    private func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (any ResponseDestination) -> Result
    ) async -> Result {
        if loop.inEventLoop { return body(destination.value) }
        return await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self.destination.value)) }
        }
    }

    /// Waits until the client has read enough of what was written.
    private func room() async throws {
        try Task.checkCancellation()
        await withCheckedContinuation { continuation in
            if loop.inEventLoop {
                destination.value.whenWritable { continuation.resume() }
            } else {
                loop.execute { self.destination.value.whenWritable { continuation.resume() } }
            }
        }
        try Task.checkCancellation()
        // Whoever waited may be the first to notice, before there was a task to cancel.
        if await onLoop({ $0.isGone }) { throw CancellationError() }
    }
}

extension Exchange {
    /// Sends a response of the host itself, complete in memory.
    ///
    /// - Parameter source: who answered, for the request log.
    public func respond(_ response: Response, from source: String) {
        note = AnswerNote(source: source, detail: "")
        sendBuffered(response, response.body.buffered ?? [], ray: nil)
    }
}

extension Exchange: ResponseDestination {
    func sendBuffered(_ response: Response, _ bytes: [UInt8], ray: String?) {
        // A handler that answers HEAD without content says how long that of a GET is, or leaves it open (RFC 9110 §8.6).
        let isEmptyHead = head.method == .HEAD && bytes.isEmpty
        let length = isEmptyHead ? response.headers[.contentLength].flatMap { Int($0) } : bytes.count
        let hasContent = ResponseHead.hasContent(response.status.code)
        respond(
            response.status.code, response.headers, ray: ray, length: hasContent ? length : nil,
            content: bytes)
    }

    func startStream(_ response: Response, length: Int?, ray: String?) -> Bool {
        let status = response.status.code
        let hasContent = ResponseHead.hasContent(status)
        guard hasContent, head.method != .HEAD else {
            respond(status, response.headers, ray: ray, length: hasContent ? length : nil, content: [])
            return false
        }
        start(ResponseHead(status: status, headers: response.headers, ray: ray, length: length), chunked: length == nil)
        return true
    }

    func sendChunk(_ chunk: [UInt8]) -> Bool {
        write(ByteBuffer(bytes: chunk))
        return isWritable
    }

    func endStream() { end() }
    func abort(_ error: any Error) { abort() }

    func whenWritable(_ resume: @escaping () -> Void) {
        guard !isWritable, !isGone else { return resume() }
        onWritable = { [unowned self] in
            onWritable = nil
            resume()
        }
    }
}
