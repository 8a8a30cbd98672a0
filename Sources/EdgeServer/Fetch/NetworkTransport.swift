import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import Synchronization
import Workers

/// One request and its response over AsyncHTTPClient, at the pace of whoever reads and writes the bodies.
final class NetworkTransport: FetchTransport {
    private enum State {
        case unused
        case running(HTTPClient)
        case stopped
    }

    private let group: any EventLoopGroup
    private let options: NetworkOptions
    private let state = Mutex(State.unused)

    init(group: any EventLoopGroup, options: NetworkOptions) {
        self.group = group
        self.options = options
    }

    func send(_ request: Request) async throws -> Response {
        let url = request.url
        let host = url.origin?.host ?? ""
        if let network = options.addresses.refusal(ofHost: host) {
            throw NetworkFailure.refused(url.hostAndPort, network)
        }
        let client = try running()
        let upload = request.body.buffered == nil ? try request.body.stream() : nil
        let outgoing = outgoing(request, upload)
        do {
            let response = try await execute(outgoing, client, repeats: request.body.isNull && request.method.isSafe)
            return try await incoming(response, to: request, upload)
        } catch {
            upload?.cancel()
            throw NetworkFailure.error(for: error, url: url, connectTimeout: options.connectTimeout)
        }
    }

    func stop() async {
        let client = state.withLock { state -> HTTPClient? in
            defer { state = .stopped }
            if case .running(let client) = state { return client }
            return nil
        }
        try? await client?.shutdown()
    }

    // MARK: The request

    private func outgoing(_ request: Request, _ upload: BodyStream?) -> HTTPClientRequest {
        var outgoing = HTTPClientRequest(url: request.url.textForSending)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        outgoing.headers.reserveCapacity(request.headers.count + 1)
        for field in request.headers { outgoing.headers.add(name: field.name.rawName, value: field.value) }
        if request.headers[.acceptEncoding] == nil {
            outgoing.headers.add(name: "Accept-Encoding", value: "br, gzip")
        }
        if let upload {
            let parts = upload.map { ByteBuffer(bytes: $0) }
            outgoing.body = .stream(parts, length: upload.length.map { .known(Int64($0)) } ?? .unknown)
        } else if !request.body.isNull {
            outgoing.body = .bytes(ByteBuffer(bytes: request.body.buffered ?? []))
        }
        return outgoing
    }

    /// - Parameter repeats: whether a request that met a connection which the server had just given up is made again. RFC
    ///   9110 §9.2.2 allows it for requests that change nothing.
    private func execute(
        _ request: HTTPClientRequest, _ client: HTTPClient, repeats: Bool
    ) async throws -> HTTPClientResponse {
        do {
            return try await client.execute(request, deadline: .distantFuture)
        } catch let error where repeats && NetworkFailure.isStaleConnection(error) {
            try Task.checkCancellation()
            return try await client.execute(request, deadline: .distantFuture)
        }
    }

    // MARK: The response

    private func incoming(
        _ response: HTTPClientResponse, to request: Request, _ upload: BodyStream?
    ) async throws -> Response {
        var size = 0
        var headers = Headers()
        headers.reserveCapacity(response.headers.count)
        for (name, value) in response.headers {
            size += name.utf8.count + value.utf8.count
            guard let name = HTTPField.Name(name) else { continue }
            headers.append(HTTPField(name: name, value: value))
        }
        if size > options.responseHead {
            throw WorkersError.connectionLost(
                "The response's header fields are larger than \(options.responseHead) bytes.")
        }
        // 1xx are no answers; this client asks for none of the protocols that 101 would change to.
        guard response.status.code >= 200 else {
            throw WorkersError.connectionLost("\(request.url.hostAndPort) did not answer with well-formed HTTP.")
        }
        var answer = Response(.init(code: Int(response.status.code)), headers: headers)
        guard NetworkTransport.hasContent(response, request.method) else {
            // The end, which follows at once, is read, so that the connection can carry the next request.
            for try await _ in response.body {}
            upload?.cancel()
            return answer
        }
        let url = request.url
        let timeout = options.connectTimeout
        let download = Download(response.body) { NetworkFailure.error(for: $0, url: url, connectTimeout: timeout) }
        let length = response.headers.first(name: "content-length").flatMap { Int($0) }
        let packed = BodyStream(
            length: length,
            onCancel: {
                download.close()
                upload?.cancel()
            },
            next: {
                let chunk = try await download.next()
                // A server that has answered completely takes nothing more.
                if chunk == nil { upload?.cancel() }
                return chunk
            })
        if let codings = PackedContent.codings(of: headers) {
            answer.headers[.contentEncoding] = nil
            answer.headers[.contentLength] = nil
            answer.body = Body(stream: try PackedContent.unpacked(packed, codings))
        } else {
            answer.body = Body(stream: packed)
        }
        return answer
    }

    /// Whether anything but the end can follow the head (RFC 9112 §6.3).
    private static func hasContent(_ response: HTTPClientResponse, _ method: HTTPRequest.Method) -> Bool {
        method != .head && response.status != .noContent && response.status != .notModified
            && response.headers.first(name: "content-length") != "0"
    }

    // MARK: The client

    private func running() throws -> HTTPClient {
        try state.withLock { state in
            switch state {
            case .running(let client): return client
            case .stopped: throw WorkersError.connectionLost("The server is stopping.")
            case .unused:
                let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
                state = .running(client)
                return client
            }
        }
    }

    private var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: .init(connect: options.connectTimeout),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.idleTimeout = options.idleTime
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        // A server that is not there is an error now, not after several attempts.
        configuration.connectionPool.retryConnectionEstablishment = false
        let addresses = options.addresses
        configuration.http1_1ConnectionDebugInitializer = { channel in
            guard let address = channel.remoteAddress, let network = addresses.refusal(of: address) else {
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(RefusedAddress(network: network))
        }
        return configuration
    }
}

extension HTTPRequest.Method {
    /// Whether a request asks for nothing to change (RFC 9110 §9.2.1).
    fileprivate var isSafe: Bool { self == .get || self == .head || self == .options }
}

/// The content of a response as it arrives.
///
/// Unchecked: `next` is called by one reader at a time, as `BodyStream` sees to, and the lock keeps `close` apart from it.
private final class Download: @unchecked Sendable {
    private let lock = Mutex(())
    private var iterator: HTTPClientResponse.Body.AsyncIterator?
    private let failure: @Sendable (any Error) -> any Error

    init(_ body: HTTPClientResponse.Body, failure: @escaping @Sendable (any Error) -> any Error) {
        iterator = body.makeAsyncIterator()
        self.failure = failure
    }

    func next() async throws -> [UInt8]? {
        var current: HTTPClientResponse.Body.AsyncIterator?
        lock.withLock { _ in current = iterator }
        do {
            // Empty chunks are none: the next one follows.
            while let part = try await current?.next() {
                if part.readableBytes > 0 { return Array(part.readableBytesView) }
            }
            return nil
        } catch {
            throw failure(error)
        }
    }

    /// Letting go of the iterator ends the transfer, and closes its connection.
    func close() { lock.withLock { _ in iterator = nil } }
}
