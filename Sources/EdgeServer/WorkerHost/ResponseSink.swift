import NIOCore
import Workers

/// Where a Worker's response goes. Used from any thread; the exchange stays on its loop.
final class ResponseSink: Sendable {
    private let exchange: NIOLoopBound<Exchange>
    private let loop: any EventLoop

    /// On the exchange's loop.
    init(_ exchange: Exchange, loop: any EventLoop) {
        self.exchange = NIOLoopBound(exchange, eventLoop: loop)
        self.loop = loop
    }

    /// Sends a response, a stream at the pace of its reader.
    ///
    /// - Throws: what the stream fails with, after the connection was closed; `CancellationError` when the client has gone.
    func send(_ response: Response) async throws {
        if response.body.buffered != nil {
            await onLoop { $0.sendBuffered(response) }
            return
        }
        let stream = try response.body.stream()
        guard await onLoop({ $0.startStream(response, length: stream.length) }) else {
            stream.cancel()
            return
        }
        do {
            while let chunk = try await stream.next() {
                guard await onLoop({ $0.sendChunk(chunk) }) else { try await room(); continue }
            }
            await onLoop { $0.end() }
        } catch {
            stream.cancel()
            // Only a broken connection tells a client that what it has is not the whole (RFC 9112 §8).
            await onLoop { $0.abort() }
            throw error
        }
    }

    private func onLoop<Result: Sendable>(_ body: @escaping @Sendable (Exchange) -> Result) async -> Result {
        if loop.inEventLoop { return body(exchange.value) }
        return await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self.exchange.value)) }
        }
    }

    /// Waits until the client has read enough of what was written.
    private func room() async throws {
        try Task.checkCancellation()
        await withCheckedContinuation { continuation in
            if loop.inEventLoop {
                exchange.value.whenWritable { continuation.resume() }
            } else {
                loop.execute { self.exchange.value.whenWritable { continuation.resume() } }
            }
        }
        try Task.checkCancellation()
    }
}

extension Exchange {
    private func head(_ response: Response, length: Int?) -> ResponseHead {
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(response.headers.count)
        for field in response.headers where !ResponseHead.isFraming(field.name.canonicalName) {
            fields.append((field.name.canonicalName, field.value))
        }
        return ResponseHead(status: response.status.code, headers: fields, contentLength: length)
    }

    /// Sends a response of the host itself, complete in memory.
    ///
    /// - Parameter source: who answered, for the request log.
    public func respond(_ response: Response, from source: String) {
        note = AnswerNote(source: source, detail: "")
        sendBuffered(response)
    }

    /// Sends a response that is complete in memory.
    func sendBuffered(_ response: Response) {
        let bytes = response.body.buffered ?? []
        // A handler that answers HEAD without content has not said how long the content of a GET is (RFC 9110 §8.6).
        let isUnknown = head.method == .HEAD && bytes.isEmpty
        let hasContent = ResponseHead.hasContent(response.status.code)
        respond(
            head(response, length: hasContent && !isUnknown ? bytes.count : nil),
            body: hasContent && !bytes.isEmpty ? ByteBuffer(bytes: bytes) : nil)
    }

    /// - Returns: whether content follows.
    fileprivate func startStream(_ response: Response, length: Int?) -> Bool {
        let hasContent = ResponseHead.hasContent(response.status.code)
        guard hasContent, head.method != .HEAD else {
            respond(head(response, length: hasContent ? length : nil), body: nil)
            return false
        }
        start(head(response, length: length), chunked: length == nil)
        return true
    }

    /// - Returns: whether there is room for more.
    fileprivate func sendChunk(_ chunk: [UInt8]) -> Bool {
        write(ByteBuffer(bytes: chunk))
        return isWritable
    }

    /// Calls once: when the socket takes more, or will never.
    fileprivate func whenWritable(_ resume: @escaping () -> Void) {
        guard !isWritable, !isGone else { return resume() }
        onWritable = { [unowned self] in
            onWritable = nil
            resume()
        }
    }
}
