import HTTPTypes
import NIOCore
import NIOHTTP1
import Workers

/// A Worker that waits for the response to its `fetch`. Confined to an event loop.
final class FetchClient: CacheClient {
    private let loop: any EventLoop
    private var done: ((Result<Response, any Error>) -> Void)?
    private(set) var isGone = false
    var onCancel: (() -> Void)?

    /// - Parameter done: called once.
    init(_ loop: any EventLoop, _ done: @escaping (Result<Response, any Error>) -> Void) {
        self.loop = loop
        self.done = done
    }

    let hasBody = false
    var bodyLength: Int? { nil }
    func inform(_ status: Int, _ headers: HTTPHeaders) {}
    func upload(to call: any OriginCall) {}

    func answer(_ answer: ClientAnswer) {
        var response = Response(.init(code: answer.status))
        response.headers.reserveCapacity(answer.fields.count + 1)
        for field in answer.fields {
            guard let name = HTTPField.Name(field.name) else { continue }
            response.headers.append(HTTPField(name: name, value: field.value))
        }
        if let length = answer.length { response.headers[.contentLength] = String(length) }
        response.body = body(of: answer)
        finish(.success(response))
    }

    private func body(of answer: ClientAnswer) -> Body {
        switch answer.content.count {
        case 0: return .empty
        case 1:
            guard case .bytes(let bytes) = answer.content[0] else { fallthrough }
            return Body(bytes: Array(bytes.readableBytesView))
        default: return Body(stream: FetchContent(answer.content, loop: loop).stream(length: answer.length))
        }
    }

    /// A Worker sees an error where there is no response, as it would without a cache.
    func fail(_ failure: GatewayFailure) -> Bool {
        if failure == .onlyIfCached { return false }
        finish(.failure(failure.fetchError))
        return true
    }

    func leave() {
        guard done != nil else { return }
        isGone = true
        let cancelled = onCancel
        onCancel = nil
        finish(.failure(CancellationError()))
        cancelled?()
    }

    private func finish(_ result: Result<Response, any Error>) {
        let done = done
        self.done = nil
        done?(result)
    }
}

extension GatewayFailure {
    fileprivate var fetchError: WorkersError { cause ?? .connectionLost(message) }
}

/// The content of a response from a cache, for a reader on any thread. Confined to an event loop.
private final class FetchContent {
    private let loop: any EventLoop
    private var pieces: CircularBuffer<ContentPump.Piece>
    private var reader: (any ContentReader)?
    private var waiting: ((Result<[UInt8]?, any Error>) -> Void)?
    private var isCancelled = false

    init(_ pieces: [ContentPump.Piece], loop: any EventLoop) {
        self.pieces = CircularBuffer(pieces)
        self.loop = loop
        // A content that nobody asks for must still be told so.
        takeReader()
    }

    /// - Parameter length: bytes, where it is known.
    func stream(length: Int?) -> BodyStream {
        let bound = NIOLoopBound(self, eventLoop: loop)
        let loop = loop
        return BodyStream(
            length: length, onCancel: { loop.execute { bound.value.cancel() } },
            next: {
                try await withTaskCancellationHandler {
                    try await withCheckedThrowingContinuation { continuation in
                        loop.execute { bound.value.next { continuation.resume(with: $0) } }
                    }
                } onCancel: {
                    loop.execute { bound.value.cancel() }
                }
            })
    }

    private func takeReader() {
        guard case .content(let make)? = pieces.first else { return }
        pieces.removeFirst()
        reader = make()
    }

    private func next(_ done: @escaping (Result<[UInt8]?, any Error>) -> Void) {
        guard !isCancelled else { return done(.failure(CancellationError())) }
        waiting = done
        step()
    }

    private func step() {
        if reader == nil { takeReader() }
        if let reader { return reader.read { self.received($0) } }
        guard case .bytes(let bytes)? = pieces.popFirst() else { return finish(.success(nil)) }
        bytes.readableBytes == 0 ? step() : finish(.success(Array(bytes.readableBytesView)))
    }

    private func received(_ piece: Result<ByteBuffer?, any Error>) {
        switch piece {
        case .success(let bytes?): finish(.success(Array(bytes.readableBytesView)))
        case .success(nil):
            reader = nil
            step()
        case .failure(let error):
            reader = nil
            finish(.failure((error as? GatewayFailure)?.fetchError ?? error))
        }
    }

    private func finish(_ result: Result<[UInt8]?, any Error>) {
        let waiting = waiting
        self.waiting = nil
        waiting?(result)
    }

    private func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        reader?.cancel()
        reader = nil
        pieces = []
        finish(.failure(CancellationError()))
    }
}
