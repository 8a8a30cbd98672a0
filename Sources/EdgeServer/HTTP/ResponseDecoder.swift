import NIOCore
import NIOHTTP1

/// `ResponseParser` for a channel's pipeline, in a `ByteToMessageHandler`.
///
/// `expect` is called for each request before its first byte is sent.
final class ResponseDecoder: ByteToMessageDecoder {
    typealias InboundOut = HTTPClientResponsePart

    private var parser: ResponseParser

    init(limits: FieldLimits) { parser = ResponseParser(limits: limits) }

    func expect(_ method: HTTPMethod) { parser.expect(method) }

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let part = try parser.next(&buffer) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(part))
        return .continue
    }

    func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        while try decode(context: context, buffer: &buffer) == .continue {}
        if seenEOF, let end = try parser.finish(buffer) { context.fireChannelRead(wrapInboundOut(end)) }
        return .needMoreData
    }
}
