import NIOCore
import NIOHTTP1

/// The parser of responses. It is told which request each of them answers, because `HEAD` has no body whatever the head
/// says, and it tells the connection that bytes have come, before it has made a response of them.
struct ResponseReader: ByteToMessageDecoder {
    typealias InboundOut = HTTPClientResponsePart

    private let parser: HTTPResponseDecoder
    private let connection: UpstreamConnection

    init(connection: UpstreamConnection, options: UpstreamOptions) {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = options.responseHead
        limits.maxHeaderFieldSize = options.responseHead
        limits.maxHeaderFieldCount = options.responseFields
        let parser = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward, limitConfiguration: limits)
        self.parser = parser
        self.connection = connection
        connection.expect = { parser.write(data: .head($0 == .HEAD ? ResponseReader.head : ResponseReader.get)) }
    }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        connection.bytesArrived()
        let bytes = buffer
        let state = try parser.decode(context: context, buffer: &buffer)
        bytes.withUnsafeReadableBytes { connection.bytesRead($0) }
        return state
    }

    func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        try parser.decodeLast(context: context, buffer: &buffer, seenEOF: seenEOF)
    }

    func decoderAdded(context: ChannelHandlerContext) { parser.decoderAdded(context: context) }
    func decoderRemoved(context: ChannelHandlerContext) { parser.decoderRemoved(context: context) }

    /// The parser looks at nothing but the method.
    private static let get = HTTPRequestHead(version: .http1_1, method: .GET, uri: "*")
    private static let head = HTTPRequestHead(version: .http1_1, method: .HEAD, uri: "*")
}
